"""A stack as JSON and back, so that whoever looks at an account sees what was made there."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from typing import Any

from bootstrap.description import (
    ColumnSpec,
    ConsumerSpec,
    FunctionSpec,
    GrantSpec,
    ItemSpec,
    MachineSpec,
    OptionSpec,
    QueueSpec,
    Stack,
    StartSpec,
)

Json = dict[str, Any]


def to_json_object(stack: Stack) -> Json:
    """All that a stack says, in JSON's types alone."""
    written: Json = _plain(asdict(stack))
    return written


def from_json_object(written: Mapping[str, Any]) -> Stack:
    """The stack that was written; what it says that is not known here is left out.

    Raises:
        TypeError: Something is missing that a stack must say.
    """
    return _read(Stack, written)


def _plain(value: Any) -> Any:  # noqa: ANN401 - any value of a description
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(inner) for inner in value]
    return str(value) if isinstance(value, str) else value


def _read[T](kind: type[T], written: Mapping[str, Any]) -> T:
    known = [each.name for each in fields(kind) if each.name in written]  # type: ignore[arg-type]
    readers = READERS.get(kind, {})
    return kind(**{name: readers.get(name, _as_described)(written[name]) for name in known})


def _many(kind: type[Any]) -> Callable[[Any], Any]:
    return lambda written: tuple(_read(kind, each) for each in written)


def _as_described(value: Any) -> Any:  # noqa: ANN401 - any value of a description
    """JSON has lists where a description has tuples."""
    if isinstance(value, Mapping):
        return {key: _as_described(inner) for key, inner in value.items()}
    return tuple(map(_as_described, value)) if isinstance(value, list) else value


READERS: Mapping[type[Any], Mapping[str, Callable[[Any], Any]]] = {
    Stack: {
        "machines": _many(MachineSpec),
        "functions": _many(FunctionSpec),
        "queues": _many(QueueSpec),
        "consumers": _many(ConsumerSpec),
    },
    MachineSpec: {
        "starts": _many(StartSpec),
        "options": _many(OptionSpec),
        "items": lambda written: {state: _read(ItemSpec, item) for state, item in written.items()},
        "columns": _many(ColumnSpec),
        "grants": _many(GrantSpec),
    },
    FunctionSpec: {"grants": _many(GrantSpec)},
    ConsumerSpec: {"function": lambda written: _read(FunctionSpec, written)},
}
