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


def reload_stack(module: str) -> Stack:
    """Load a stack as its files are now, with the modules that it leads to.

    Args:
        module: The dotted name of its module.

    Raises:
        SettingsError: As `load_stack` does.
    """
    # Not above: who loads a stack once need not know what it leads to.
    from bootstrap.packages import PackageError, source_files

    load_stack.cache_clear()
    importlib.invalidate_caches()
    try:
        sources = {str(file) for file in source_files(module)}
    except PackageError as error:
        raise SettingsError(f"STACK is {module!r}: {error}") from error
    for name, loaded in list(sys.modules.items()):
        # What describes a stack is the same for all: what was made with it must stay of its types.
        is_kept = name != module and name.partition(".")[0] == "bootstrap"
        if not is_kept and getattr(loaded, "__file__", None) in sources:
            del sys.modules[name]
    return load_stack(module)


def folder_of(module: str) -> Path:
    """The folder of a module that could be imported."""
    return file_of(module).parent


def file_of(module: str) -> Path:
    """The file of a module that could be imported."""
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        raise SettingsError(f"{module} is no module with a file")
    return Path(spec.origin)
