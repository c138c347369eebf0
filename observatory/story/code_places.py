"""Where in the project's files something failed: the line of a traceback, or the state of a definition."""

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from bootstrap.check.places import Places
from bootstrap.settings import PROJECT
from observatory.records.states import json_object

# What all handlers use; an error that comes up there is one of those who use it.
SHARED = "handlers/shared/"
# Where Lambda unpacks a function's code.
TASK_ROOT = "/var/task/"
HANDLER = "lambda_handler"
FRAME = re.compile(r'File "([^"]+)", line (\d+), in (\S+)')


@dataclass(frozen=True)
class CodePlace:
    """A line of a file.

    Args:
        name: The file, as people of the project call it.
        line: The line.
        within: The function or the state that it belongs to.
        file: The file on this machine; None if it is not here.
    """

    name: str
    line: int
    within: str
    file: Path | None = None

    def __str__(self) -> str:
        return f"{self.name}:{self.line} in {self.within}"

    @property
    def link(self) -> str | None:
        """What an editor opens; None where the file cannot be edited, as in a container that only reads the project."""
        if self.file is None or not os.access(self.file, os.W_OK):
            return None
        return f"vscode://file{quote(str(self.file))}:{self.line}"

    def to_json_object(self) -> dict[str, Any]:
        """Return the place for programs."""
        return {"file": self.name, "line": self.line, "within": self.within, "link": self.link}


def place_of_log(lines: Iterable[str], folders: Iterable[Path]) -> CodePlace | None:
    """Find the innermost line of the project's own code in the last traceback that a log shows.

    Args:
        lines: The log, from which spaces that do not break are taken for spaces.
        folders: Where the project's code may be.
    """
    roots = [PROJECT, *folders]
    found = (place for text in lines for place in _places(text.replace("\xa0", " "), roots))
    ours = [place for place in found if place.file]
    best = [place for place in ours if not place.name.startswith(SHARED)] or ours
    return best[-1] if best else None


def place_of_state(file: Path, state: str) -> CodePlace | None:
    """Find where a definition's file says what a state is."""
    line = _lines_of_states(file, file.stat().st_mtime_ns).get(state) if file.is_file() else None
    return CodePlace(_called(file), line, state, file) if line else None


def place_of_module(module: str, folders: Iterable[Path]) -> CodePlace | None:
    """Find where a function's module defines its handler."""
    name = f"{module.replace('.', '/')}.py"
    file = _find(name, [PROJECT, *folders])
    if file is None:
        return None
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    line = next((number for number, text in enumerate(lines, 1) if text.startswith(f"def {HANDLER}(")), 1)
    return CodePlace(name, line, HANDLER, file)


def _places(text: str, roots: list[Path]) -> Iterator[CodePlace]:
    for path, line, within in FRAME.findall(_traceback(text)):
        name = path.removeprefix(TASK_ROOT)
        if name != path or not path.startswith("/"):
            yield CodePlace(name, int(line), within, _find(name, roots))


def _traceback(text: str) -> str:
    """A line of a log; of a JSON record, its traceback, which is a list there."""
    frames = json_object(text).get("stackTrace") if text.startswith("{") else None
    return "\n".join(map(str, frames)) if isinstance(frames, list) else text


def _find(name: str, roots: Iterable[Path]) -> Path | None:
    return next((root / name for root in roots if (root / name).is_file()), None)


def _called(file: Path) -> str:
    return str(file.relative_to(PROJECT)) if file.is_relative_to(PROJECT) else str(file)


@lru_cache(maxsize=8)
def _lines_of_states(file: Path, _changed: int) -> dict[str, int]:
    try:
        places = Places(file, file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(way[-1]): places.place(way).line for way in places.ways() if len(way) > 1 and way[-2] == "States"}
