"""Find the stack that a setting names."""

import importlib
import importlib.util
import sys
from functools import cache
from pathlib import Path

from bootstrap.description import Stack
from bootstrap.settings import SettingsError


@cache
def load_stack(module: str) -> Stack:
    """Load a stack.

    Args:
        module: The dotted name of its module, which has a `STACK`.

    Raises:
        SettingsError: There is no such module, it cannot be imported, or it has no stack.
    """
    # A stack of another project is found from the folder that the command is typed in.
    if (here := str(Path.cwd())) not in sys.path:
        sys.path.append(here)
    try:
        loaded = importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name and f"{module}.".startswith(f"{error.name}."):
            raise SettingsError(
                f"STACK is {module!r}: there is no module {error.name} here; give the dotted name of a stack's module"
            ) from error
        raise SettingsError(f"STACK is {module!r}: its import fails: {error}") from error
    except Exception as error:
        raise SettingsError(f"STACK is {module!r}: its import fails: {type(error).__name__}: {error}") from error
    stack = getattr(loaded, "STACK", None)
    if not isinstance(stack, Stack):
        raise SettingsError(f"STACK is {module!r}: that module has no STACK of type bootstrap.description.Stack")
    return stack


def folder_of(module: str) -> Path:
    """The folder of a module that could be imported."""
    return file_of(module).parent


def file_of(module: str) -> Path:
    """The file of a module that could be imported."""
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        raise SettingsError(f"{module} is no module with a file")
    return Path(spec.origin)
