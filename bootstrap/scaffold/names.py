"""What a new function is called in each of the places that name it."""

import keyword
import re
from dataclasses import dataclass

from bootstrap.errors import DescriptionError

WORDS = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


class ScaffoldError(DescriptionError):
    """Something cannot be written; the message says what is in the way, and what to do."""


@dataclass(frozen=True)
class Names:
    """The names of a function, from its words."""

    words: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> "Names":
        """Read a name, however it joins its words.

        Raises:
            ScaffoldError: It is no name of a function.
        """
        names = cls(tuple(word.lower() for word in WORDS.findall(text)))
        if not NAME.fullmatch(text) or not names.words or keyword.iskeyword(names.module):
            raise ScaffoldError(f"{text!r} is no name of a function: give words such as check_stock or CheckStock")
        return names

    @property
    def module(self) -> str:
        """The handler's file."""
        return "_".join(self.words)

    @property
    def function(self) -> str:
        """The function, and the event that invokes it."""
        return self.words[0] + "".join(word.capitalize() for word in self.words[1:])

    @property
    def state(self) -> str:
        """The state that emits that event."""
        return "".join(word.capitalize() for word in self.words)

    @property
    def member(self) -> str:
        """The event's name among the detail types."""
        return self.module.upper()

    @property
    def sentence(self) -> str:
        """What people say."""
        return " ".join(self.words).capitalize()
