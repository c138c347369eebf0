"""Make Lambda's runtime folder: what a function can import beside its own code, and nothing else of this project's."""

import re
import shutil
from importlib import metadata
from pathlib import Path

from emulator.debugging import in_function
from emulator.environments import bootstrap

RUNTIME_DISTRIBUTIONS = ("awslambdaric", "boto3")
DEBUGGER = "debugpy"


def make_runtime_folder(folder: Path, *, with_debugger: bool = False) -> Path:
    """Fill *folder* with links to the packages that AWS's Python runtime has, and with the file that it starts with.

    Args:
        folder: A folder that does not exist yet.
        with_debugger: Whether functions may take a debugger, which Lambda does not have.

    Returns:
        The folder, to be put on a function's ``sys.path``.

    Raises:
        importlib.metadata.PackageNotFoundError: One of them is not installed.
    """
    folder.mkdir(parents=True)
    more = (DEBUGGER,) if with_debugger else ()
    for name in _with_requirements((*RUNTIME_DISTRIBUTIONS, *more)):
        distribution = metadata.distribution(name)
        for entry in _top_level(distribution) - {"..", "__pycache__"}:
            (folder / entry).symlink_to(str(distribution.locate_file(entry)))
    # No link: Python would look for modules where it leads to.
    shutil.copyfile(bootstrap.__file__, folder / "bootstrap.py")
    if with_debugger:
        shutil.copyfile(in_function.__file__, folder / f"{bootstrap.DEBUGGER_MODULE}.py")
    return folder


def _top_level(distribution: metadata.Distribution) -> set[str]:
    """What a distribution has beside others in site-packages; its `files` would look whether each of them is there."""
    record = distribution.read_text("RECORD") or ""
    return {line.split(",")[0].split("/")[0] for line in record.splitlines()}


def _with_requirements(names: tuple[str, ...]) -> set[str]:
    """The distributions *names* and all that they require, extras left out."""
    found: set[str] = set()
    pending = list(names)
    while pending:
        name = pending.pop()
        if name in found:
            continue
        found.add(name)
        requirements = metadata.requires(name) or []
        pending += [re.split(r"[^\w.-]", line)[0] for line in requirements if "extra ==" not in line]
    return found
