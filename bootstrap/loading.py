"""Find the stack that a setting names."""

import importlib
import importlib.util
import sys
import traceback
from functools import cache
from pathlib import Path

from bootstrap.description import Stack
from bootstrap.settings import SettingsError
from bootstrap.stack_problems import problems


@cache
def load_stack(module: str) -> Stack:
    """Load a stack.

    Args:
        module: The dotted name of its module, which has a `STACK`.

    Raises:
        SettingsError: There is no such module, it cannot be imported, or it has no stack, or one that cannot be.
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
        place = traceback.extract_tb(error.__traceback__)[-1]
        said = f"{place.filename}:{place.lineno}: {type(error).__name__}: {error}"
        raise SettingsError(f"STACK is {module!r}: its import fails: {said}") from error
    stack = getattr(loaded, "STACK", None)
    if not isinstance(stack, Stack):
        raise SettingsError(f"STACK is {module!r}: that module has no STACK of type bootstrap.description.Stack")
    if found := [*problems(stack)]:
        raise SettingsError("\n".join(f"STACK is {module!r}: {problem}" for problem in found))
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
