"""Where in a JSON file each of its values stands."""

import json
import re
from bisect import bisect_right
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bootstrap.check.findings import Place
from bootstrap.definitions import Way

TOKEN = re.compile(r'\s*(?:(?P<mark>[{}\[\],:])|(?P<text>"(?:[^"\\]|\\.)*")|(?P<word>[^\s{}\[\],:"]+))')
KEY = re.compile(r'"(?:[^"\\]|\\.)*"\s*:\s*')
PATH_ROOT = "State Machine"
DECODER = json.JSONDecoder()


class Places:
    """The places of a file's values; of a key's value, it is where the key stands.

    Args:
        file: Where the text is from.
        text: Valid JSON.

    Attributes:
        value: What it comes to.
        doubled: The ways of keys that an object has twice, of which the last one counts.
    """

    def __init__(self, file: Path, text: str) -> None:
        self.file = file
        self.value: Any = json.loads(text)
        self._text = text
        self._starts = [0, *(found.end() for found in re.finditer("\n", text))]
        self._offsets: dict[Way, int] = {(): 0}
        self.doubled: list[Way] = []
        self._scan([(found, found.lastgroup) for found in TOKEN.finditer(text) if found.lastgroup])

    def place(self, way: Way) -> Place:
        """Where a value stands; where the nearest thing around it stands, if there is no such value."""
        while way not in self._offsets:
            way = way[:-1]
        offset = self._offsets[way]
        line = self.line(offset)
        return Place(self.file, line, offset - self._starts[line - 1] + 1)

    def ways(self) -> Iterator[Way]:
        """The ways to all values that have a place."""
        return iter(self._offsets)

    def __contains__(self, way: Way) -> bool:
        return way in self._offsets

    def line(self, offset: int) -> int:
        """The number of the line that an offset of the text is in."""
        return bisect_right(self._starts, offset)

    def offset(self, way: Way) -> int:
        """The offset of a value that is there, or of its key."""
        return self._offsets[way]

    def span(self, way: Way) -> tuple[int, int]:
        """The offsets at which the text of a value begins and ends, without its key."""
        start = self._offsets[way]
        if way and isinstance(way[-1], str) and (key := KEY.match(self._text, start)):
            start = key.end()
        return start, DECODER.raw_decode(self._text, start)[1]

    def way_of(self, path: str) -> Way:
        """The way that a path of statelint's leads, such as `State Machine.States.Look up.Next`."""
        rest, value, way = path.removeprefix(PATH_ROOT), self.value, []
        while rest:
            step = self._step(rest, value)
            if step is None:
                break
            key, rest = step
            value = value[key]
            way.append(key)
        return tuple(way)

    @staticmethod
    def _step(rest: str, value: Any) -> tuple[str | int, str] | None:  # noqa: ANN401 - any JSON
        if found := re.match(r"\[(\d+)\]", rest):
            number = int(found[1])
            is_there = isinstance(value, list) and number < len(value)
            return (number, rest[found.end() :]) if is_there else None
        if not isinstance(value, dict):
            return None
        # The longest, for a state's name may hold dots.
        keys = [key for key in value if rest.startswith(f".{key}")]
        if keys:
            key = max(keys, key=len)
            return key, rest[len(key) + 1 :]
        # Some of its paths leave this step out.
        return ("States", rest) if "States" in value and not rest.startswith(".States") else None

    def _scan(self, tokens: list[tuple[re.Match[str], str | None]]) -> None:
        way: list[str | int] = []
        closes: list[str] = []
        keys: list[set[str | int]] = []
        for index, (found, kind) in enumerate(tokens):
            mark = found["mark"]
            if closes and closes[-1] == "]" and kind and mark not in {"]", ",", ":"} and self._begins(tokens, index):
                self._offsets[tuple(way)] = found.start(kind)
            if mark in {"{", "["}:
                closes.append("}" if mark == "{" else "]")
                keys.append(set())
                way.append(0 if mark == "[" else "")
            elif mark in {"}", "]"}:
                closes.pop()
                keys.pop()
                way.pop()
            elif mark == "," and closes[-1] == "]":
                last = way.pop()
                assert isinstance(last, int)  # noqa: S101 - a list's way ends in a number
                way.append(last + 1)
            elif kind == "text" and closes and closes[-1] == "}" and self._is_key(tokens, index):
                way[-1] = json.loads(found["text"])
                self._offsets[tuple(way)] = found.start("text")
                if way[-1] in keys[-1]:
                    self.doubled.append(tuple(way))
                keys[-1].add(way[-1])

    @staticmethod
    def _is_key(tokens: list[tuple[re.Match[str], str | None]], index: int) -> bool:
        return index + 1 < len(tokens) and tokens[index + 1][0]["mark"] == ":"

    @staticmethod
    def _begins(tokens: list[tuple[re.Match[str], str | None]], index: int) -> bool:
        return tokens[index - 1][0]["mark"] in {"[", ","}
