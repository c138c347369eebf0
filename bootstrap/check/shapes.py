"""What is known of a state's data: which fields it has, and whether it may have others."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

PATH = re.compile(r"(?<![\w$])\$(?P<steps>(?:\.[A-Za-z_][\w-]*|\['[^']+'\])*)")
STEP = re.compile(r"\.([A-Za-z_][\w-]*)|\['([^']+)'\]")


@dataclass(frozen=True)
class Shape:
    """An object's fields; one that is *open* may have any others, and may be no object at all."""

    fields: Mapping[str, "Shape"] = field(default_factory=dict)
    open: bool = False

    def at(self, way: tuple[str, ...]) -> "Shape | None":
        """What stands at a way of keys; None if nothing can stand there."""
        shape = self
        for key in way:
            if key not in shape.fields:
                return ANYTHING if shape.open else None
            shape = shape.fields[key]
        return shape

    def having(self, way: tuple[str, ...], value: "Shape") -> "Shape":
        """The same, with a value put at a way."""
        if not way:
            return value
        inner = self.fields.get(way[0], Shape())
        return Shape({**self.fields, way[0]: inner.having(way[1:], value)}, self.open)

    def joined(self, other: "Shape") -> "Shape":
        """What holds for either of two; a field that only one of them has may be there."""
        fields = {}
        for key in self.fields.keys() | other.fields.keys():
            mine, others = self.fields.get(key), other.fields.get(key)
            fields[key] = mine.joined(others) if mine and others else ANYTHING
        return Shape(fields, self.open or other.open)

    @classmethod
    def of_json(cls, value: Any) -> Self | "Shape":  # noqa: ANN401 - any JSON
        """The shape of a constant."""
        if isinstance(value, dict):
            return cls({key: Shape.of_json(inner) for key, inner in value.items()})
        return ANYTHING


ANYTHING = Shape(open=True)
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html
EVENT = Shape(
    dict.fromkeys(
        ("version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail"), ANYTHING
    )
)
# https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
CAUGHT = Shape({"Error": ANYTHING, "Cause": ANYTHING})


def ways_in(expression: str) -> Iterator[tuple[str, ...]]:
    """The ways of keys that a path or an intrinsic function reads; what is beyond a filter or an index is left out."""
    for found in PATH.finditer(expression):
        yield tuple(one or other for one, other in STEP.findall(found["steps"]))


def way_of(path: str) -> tuple[str, ...] | None:
    """The way of keys of a plain path; None if it is not plain."""
    found = PATH.fullmatch(path)
    return tuple(one or other for one, other in STEP.findall(found["steps"])) if found else None
