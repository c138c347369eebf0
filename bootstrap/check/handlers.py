"""What a function's code does, as far as its syntax tree shows: what it emits, and what it must have."""

import ast
import importlib.util
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bootstrap.check.calls import ServiceCall, service_calls
from bootstrap.check.findings import Place
from bootstrap.check.modules import Module, given, once, parse
from bootstrap.packages import source_files

SHARED = Path(str(importlib.util.find_spec("handlers.shared").origin)).parent  # type: ignore[union-attr]
EMIT = "handlers.shared.emit.emit"
READ, READ_TEXTS = "handlers.shared.events.read", "handlers.shared.events.read_texts"
HANDLER = "lambda_handler"


@dataclass(frozen=True)
class Emission:
    """An event that a function puts on the bus; its detail type is None where the code does not show it."""

    detail_type: str | None
    place: Place


@dataclass(frozen=True)
class Use:
    """A variable that a function uses, by its name."""

    name: str
    place: Place


@dataclass(frozen=True)
class Reading:
    """A key of an event's detail that a function reads, and the name of the type that it must have there."""

    key: str
    kind: str


@dataclass(frozen=True)
class HandlerCode:
    """A function's code.

    Args:
        place: Where its handler is defined; None if it is not.
        decorators: What the handler is decorated with.
        emissions: What it puts on the bus.
        variables: The environment variables that it cannot do without.
        calls: What it asks AWS services for by itself.
        readings: What it reads of an event's detail.
    """

    place: Place | None
    decorators: frozenset[str] = frozenset()
    emissions: tuple[Emission, ...] = ()
    variables: tuple[Use, ...] = ()
    calls: tuple[ServiceCall, ...] = ()
    readings: tuple[Reading, ...] = ()


def read_handler(module: str) -> HandlerCode:
    """Read a function's code.

    Args:
        module: The dotted name of its module.

    Raises:
        PackageError: The module is not there, or is not Python.
    """
    modules = [parse(file, file.stat().st_mtime_ns) for file in sorted(source_files(module))]
    own = [one for one in modules if SHARED not in one.file.parents]
    entry = next(one for one in own if _ends_as(one.file, module))
    shared = {one.file.stem: one for one in modules if one not in own}
    handler = next((node for node in entry.tree.body if getattr(node, "name", "") == HANDLER), None)
    return HandlerCode(
        entry.place(handler) if handler else None,
        frozenset(_decorators(entry, handler)) if isinstance(handler, ast.FunctionDef) else frozenset(),
        tuple(emission for one in own for emission in _emissions(one)),
        (*(use for one in own for use in _variables(one)), *_shared_variables(own, shared)),
        tuple(call for one in own for call in service_calls(one)),
        tuple(
            reading
            for one in (*own, *(one for one, _node in _shared_imports(own, shared)))
            for reading in _readings(one)
        ),
    )


def handler_modules(folder: Path) -> Iterator[tuple[str, Place]]:
    """The name and the place of every handler that a folder's own files define."""
    for file in sorted(folder.glob("*.py")):
        try:
            module = parse(file, file.stat().st_mtime_ns)
        except SyntaxError:
            # Whether a function runs it is another question, and that it cannot, is said where one does.
            continue
        for node in module.tree.body:
            if isinstance(node, ast.FunctionDef) and node.name == HANDLER:
                yield file.stem, module.place(node)


def _ends_as(file: Path, module: str) -> bool:
    parts = module.split(".")
    return [*file.with_suffix("").parts][-len(parts) :] == parts


def _decorators(module: Module, handler: ast.FunctionDef) -> Iterator[str]:
    for decorator in handler.decorator_list:
        name = module.dotted(decorator.func if isinstance(decorator, ast.Call) else decorator)
        if name:
            yield name.rpartition(".")[2]


@once
def _emissions(module: Module) -> Iterator[Emission]:
    for node in module.nodes:
        if isinstance(node, ast.Call) and module.dotted(node.func) == EMIT:
            given_type = given(node, 1, "detail_type")
            yield Emission(module.text(given_type) if given_type else None, module.place(node))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "put_events":
            yield Emission(None, module.place(node))


@once
def _variables(module: Module) -> Iterator[Use]:
    for node in module.nodes:
        if not isinstance(node, ast.Subscript) or not isinstance(node.ctx, ast.Load):
            continue
        if module.dotted(node.value) == "os.environ" and isinstance(name := node.slice, ast.Constant):
            yield Use(str(name.value), module.place(node))


def _shared_variables(own: list[Module], shared: Mapping[str, Module]) -> Iterator[Use]:
    """What the shared modules need that a function's own import, at the place of that import."""
    for module, place in _shared_imports(own, shared):
        yield from (Use(use.name, place) for use in _variables(module))


def _shared_imports(own: list[Module], shared: Mapping[str, Module]) -> Iterator[tuple[Module, Place]]:
    """The shared modules that a function's own import, each with the place of that import."""
    for module in own:
        for node in module.nodes:
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("handlers.shared"):
                stems = {str(node.module).rpartition(".")[2], *(alias.name for alias in node.names)}
                yield from ((shared[stem], module.place(node)) for stem in sorted(stems & shared.keys()))


@once
def _readings(module: Module) -> Iterator[Reading]:
    for node in module.nodes:
        if not isinstance(node, ast.Call) or len(node.args) < 2:  # noqa: PLR2004 - the event and the key
            continue
        key = node.args[1].value if isinstance(node.args[1], ast.Constant) else None
        called = module.dotted(node.func)
        if called == READ_TEXTS and isinstance(key, str):
            yield Reading(key, "texts")
        elif called == READ and isinstance(key, str) and isinstance(kind := node.args[-1], ast.Name):
            yield Reading(key, kind.id)
