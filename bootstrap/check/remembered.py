"""Remember the files that the check had nothing to say about, so that an `up` need not check them again."""

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from bootstrap.packages import source_files
from bootstrap.stack_json import to_json_object
from bootstrap.system import System

FOLDER = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "eventdriven-sandbox"
CHECK = Path(__file__).parent


def fingerprint(system: System, stack_file: Path) -> str:
    """What tells a stack, its files and its settings from what they were before.

    Raises:
        PackageError: A function's code cannot be read.
    """
    states = [(str(file), (known := file.stat()).st_mtime_ns, known.st_size) for file in _files(system, stack_file)]
    # With all that the stack says, for its rows may stand in other modules than its own.
    said = [states, to_json_object(system.stack), {**system.values}]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def is_known_to_be_right(fingerprint: str) -> bool:
    """Whether the check had nothing to say about these files."""
    return (FOLDER / fingerprint).exists()


def remember(fingerprint: str) -> None:
    """Note that the check had nothing to say about these files; where nothing can be noted, it is done again."""
    with suppress(OSError):
        FOLDER.mkdir(parents=True, exist_ok=True)
        for old in sorted(FOLDER.iterdir(), key=lambda file: file.stat().st_mtime)[:-20]:
            old.unlink()
        (FOLDER / fingerprint).touch()


def _files(system: System, stack_file: Path) -> Iterator[Path]:
    yield stack_file
    yield from sorted(CHECK.glob("*.py"))
    for machine in system.machines:
        yield system.folder / machine.definition
    stack = system.stack
    for function in (*stack.functions, *(consumer.function for consumer in stack.consumers)):
        sources = source_files(function.module)
        yield from sorted(sources)
        # A handler that no function names is found beside the others.
        for folder in sorted({file.parent for file in sources}):
            yield from sorted(folder.glob("*.py"))
