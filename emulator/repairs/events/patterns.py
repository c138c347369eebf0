"""Whether an event fits a pattern.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html; how arrays are looked through is in
https://github.com/aws/event-ruler#complexity-limits and the sections before it.
"""

import functools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from emulator.repairs.events.operators import Test, test_of
from emulator.repairs.events.pattern_faults import check_pattern

REMEMBERED_PATTERNS = 4096
ABSENT = {"exists": False}
# At which index a value stands in each of the arrays that it is in, by the array's identity.
type Place = dict[int, int]


@dataclass(frozen=True, slots=True)
class _Field:
    """What is asked of one field of an event.

    Args:
        path: The names that lead to it.
        tests: Of which a value must pass one.
        may_be_absent: Whether it is enough that there is none.
    """

    path: tuple[str, ...]
    tests: tuple[Test, ...]
    may_be_absent: bool


@functools.lru_cache(REMEMBERED_PATTERNS)
def compiled(text: str) -> "Pattern":
    """The pattern that a text holds, read once.

    Raises:
        InvalidEventPatternException: AWS would refuse it.
    """
    return Pattern(check_pattern(text))


class Pattern:
    """A valid event pattern."""

    def __init__(self, pattern: Mapping[str, Any]) -> None:
        alternatives = _alternatives(pattern, ())
        self._alternatives = [[_field(path, asked) for path, asked in fields.items()] for fields in alternatives]
        # What is at the top, as text, tells most events apart, and is found at once.
        asked_of_top = alternatives[0].items() if len(alternatives) == 1 else ()
        self._texts = [
            (path[0], frozenset(asked))
            for path, asked in asked_of_top
            if len(path) == 1 and all(isinstance(condition, str) for condition in asked)
        ]
        self._is_all_text = len(self._texts) == len(alternatives[0])

    def fits(self, event: Any) -> bool:
        """Whether an event is one of those that the pattern describes."""
        if not isinstance(event, dict):
            return False
        is_known = self._is_all_text
        for name, texts in self._texts:
            value = event.get(name)
            if not isinstance(value, str):
                is_known = False
            elif value not in texts:
                return False
        return is_known or any(_fits(fields, event, {}) for fields in self._alternatives)


def _alternatives(pattern: Mapping[str, Any], path: tuple[str, ...]) -> list[dict[tuple[str, ...], list[Any]]]:
    """The conditions on each field; each of what stands in a `$or` makes a set of its own."""
    found: list[dict[tuple[str, ...], list[Any]]] = [{}]
    for name, asked in pattern.items():
        if name == "$or":
            more = [one for choice in asked for one in _alternatives(choice, path)]
        elif isinstance(asked, dict):
            more = _alternatives(asked, (*path, *name.split(".")))
        else:
            more = [{(*path, *name.split(".")): asked}]
        found = [one | other for one in found for other in more]
    return found


def _field(path: tuple[str, ...], asked: list[Any]) -> _Field:
    tests = tuple(test_of(condition) for condition in asked if condition != ABSENT)
    return _Field(path, tests, may_be_absent=ABSENT in asked)


def _fits(fields: list[_Field], event: Any, chosen: Place) -> bool:
    """Whether the event has a value for each field, all of them in the same elements of the arrays they share."""
    if not fields:
        return True
    field, *others = fields
    is_absent = True
    for value, place in _values(event, field.path, {}):
        is_absent = False
        agrees = all(chosen.get(array, index) == index for array, index in place.items())
        if agrees and any(test(value) for test in field.tests) and _fits(others, event, chosen | place):
            return True
    return is_absent and field.may_be_absent and _fits(others, event, chosen)


def _values(value: Any, path: tuple[str, ...], place: Place) -> Iterator[tuple[Any, Place]]:
    """The values that a path leads to, through objects and arrays; a name may hold dots, as if it were several."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _values(item, path, place | {id(value): index})
    elif not isinstance(value, dict):
        if not path:
            yield value, place
    else:
        for length in range(1, len(path) + 1):
            name = ".".join(path[:length])
            if name in value:
                yield from _values(value[name], path[length:], place)


def matches(pattern: str | None, event: Any) -> bool:
    """Whether an event, or the JSON of one, fits what the JSON of a pattern describes; all do when there is none.

    Raises:
        InvalidEventPatternException: AWS would refuse the pattern.
    """
    if not pattern:
        return True
    return compiled(pattern).fits(json.loads(event) if isinstance(event, str) else event)
