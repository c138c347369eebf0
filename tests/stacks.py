"""The stack that is tested, and all that follows from it for an account that nobody has."""

from bootstrap.arns import Arns
from bootstrap.loading import folder_of, load_stack
from bootstrap.settings import DEFAULT_STACK, Settings, load_settings
from bootstrap.system import System

ACCOUNT = "123456789012"


def system_of(settings: Settings | None = None, *, stack: str = DEFAULT_STACK, bucket: str = "cookies") -> System:
    """A stack in an account of the tests' own.

    Args:
        settings: What was chosen about it; the defaults, if None.
        stack: The stack's module.
        bucket: The bucket's name.
    """
    settings = settings or load_settings({})
    return System(load_stack(stack), folder_of(stack), Arns(ACCOUNT, settings.region), bucket, settings)
