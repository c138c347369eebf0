"""What is checked: the stack that the settings name, in an account that need not be asked for."""

from pathlib import Path

from bootstrap.arns import Arns
from bootstrap.loading import file_of, folder_of, load_stack
from bootstrap.settings import Settings
from bootstrap.system import System

UNKNOWN_ACCOUNT = "000000000000"


def subject(settings: Settings) -> tuple[System, Path]:
    """The stack spelled out, and the file that describes it.

    Raises:
        SettingsError: There is no such stack.
    """
    stack = load_stack(settings.stack)
    arns = Arns(UNKNOWN_ACCOUNT, settings.region)
    system = System(stack, folder_of(settings.stack), arns, settings.bucket or stack.name, settings)
    return system, file_of(settings.stack)
