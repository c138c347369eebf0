"""Whether all that a stack says is of the kind that its description annotates."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Literal, get_args, get_origin

WANTED: Mapping[Any, str] = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "True or False",
    NoneType: "None",
    tuple: "a tuple, with a comma also behind a single one",
    Mapping: "a dict",
}


def misfits(part: Any, way: str = "") -> Iterator[str]:  # noqa: ANN401 - any part of a description
    """Say what is of another kind, a line for each.

    Args:
        part: A stack, or a part of one.
        way: What leads to it.
    """
    for each in fields(part):
        yield from _misfits(getattr(part, each.name), each.type, f"{way}{each.name}")


def _misfits(value: Any, kind: Any, way: str) -> Iterator[str]:  # noqa: ANN401
    if not _fits(value, kind):
        yield f"{way} is {value!r:.60}: give {_wanted(kind)}"
    elif is_dataclass(kind):
        yield from misfits(value, f"{way}.")
    elif get_origin(kind) is tuple:
        for number, inner in enumerate(value):
            yield from _misfits(inner, get_args(kind)[0], f"{way}[{number}]")
    elif get_origin(kind) is Mapping:
        for key, inner in value.items():
            yield from _misfits(key, str, f"a key of {way}")
            yield from _misfits(inner, get_args(kind)[1], f"{way}[{key!r}]")


def _fits(value: Any, kind: Any) -> bool:  # noqa: ANN401
    if isinstance(kind, UnionType):
        return any(_fits(value, one) for one in get_args(kind))
    if get_origin(kind) is Literal:
        return value in get_args(kind)
    if get_origin(kind) is tuple:
        # A list does as well.
        return isinstance(value, tuple | list)
    # True is a number to Python.
    return isinstance(value, get_origin(kind) or kind) and (kind is not int or not isinstance(value, bool))


def _wanted(kind: Any) -> str:  # noqa: ANN401
    if isinstance(kind, UnionType):
        return " or ".join(map(_wanted, get_args(kind)))
    if get_origin(kind) is Literal:
        return " or ".join(get_args(kind))
    return WANTED.get(get_origin(kind) or kind) or f"{kind.__name__}(…)"
