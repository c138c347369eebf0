"""What the check has found: a place, what is wrong there, and what to do."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Severity(StrEnum):
    """How bad it is: an error stops `up`, a warning is shown, a note says what cannot be decided."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True)
class Place:
    """Where in a file; a column of 1 is the beginning of the line."""

    file: Path
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        file = self.file
        if file.is_relative_to(here := Path.cwd()):
            file = file.relative_to(here)
        return f"{file}:{self.line}:{self.column}"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong; *advice* says what to do."""

    place: Place
    message: str
    advice: str = ""
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        advice = f": {self.advice}" if self.advice else ""
        return f"{self.place}: {self.severity}: {self.message}{advice}"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Advise the word that was probably meant; nothing, if none is near."""
    close = difflib.get_close_matches(word, sorted(known), 1)
    return f"did you mean {close[0]}?" if close else ""
