"""What a function's code does, as far as its syntax tree shows: what it emits, and what it must have."""

import ast
import importlib.util
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from bootstrap.check.findings import Place
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
    """A variable or an AWS client that a function uses, by its name."""

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
        clients: The AWS services that it asks by itself.
        readings: What it reads of an event's detail.
    """

    place: Place | None
    decorators: frozenset[str] = frozenset()
    emissions: tuple[Emission, ...] = ()
    variables: tuple[Use, ...] = ()
    clients: tuple[Use, ...] = ()
    readings: tuple[Reading, ...] = ()


@dataclass(frozen=True)
class _Module:
    """A parsed file: its tree, and what its names stand for, by their dotted names."""

    file: Path
    tree: ast.Module
    nodes: tuple[ast.AST, ...]
    names: Mapping[str, str]

    def place(self, node: ast.expr | ast.stmt) -> Place:
        return Place(self.file, node.lineno, node.col_offset + 1)

    def dotted(self, node: ast.expr) -> str | None:
        """The full name of what an expression names, if it is a name."""
        if isinstance(node, ast.Name):
            return self.names.get(node.id, node.id)
        if isinstance(node, ast.Attribute) and (base := self.dotted(node.value)):
            return f"{base}.{node.attr}"
        return None

    @cached_property
    def emissions(self) -> tuple[Emission, ...]:
        return tuple(_emissions(self))

    @cached_property
    def variables(self) -> tuple[Use, ...]:
        return tuple(_variables(self))

    @cached_property
    def clients(self) -> tuple[Use, ...]:
        return tuple(_clients(self))

    @cached_property
    def readings(self) -> tuple[Reading, ...]:
        return tuple(_readings(self))


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
        tuple(emission for one in own for emission in one.emissions),
        (*(use for one in own for use in one.variables), *_shared_variables(own, shared)),
        tuple(use for one in own for use in one.clients),
        tuple(
            reading for one in (*own, *(one for one, _node in _shared_imports(own, shared))) for reading in one.readings
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


@cache
def parse(file: Path, _changed: int) -> _Module:
    """Parse a file, once as long as it does not change."""
    tree = ast.parse(file.read_bytes(), file)
    nodes = tuple(ast.walk(tree))
    names: dict[str, str] = {}
    for node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                names[alias.asname or top] = alias.name if alias.asname else top
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return _Module(file, tree, nodes, names)


def _ends_as(file: Path, module: str) -> bool:
    parts = module.split(".")
    return [*file.with_suffix("").parts][-len(parts) :] == parts


def _decorators(module: _Module, handler: ast.FunctionDef) -> Iterator[str]:
    for decorator in handler.decorator_list:
        name = module.dotted(decorator.func if isinstance(decorator, ast.Call) else decorator)
        if name:
            yield name.rpartition(".")[2]


def _emissions(module: _Module) -> Iterator[Emission]:
    for node in module.nodes:
        if isinstance(node, ast.Call) and module.dotted(node.func) == EMIT:
            given = node.args[1] if len(node.args) > 1 else _keyword(node, "detail_type")
            yield Emission(_text(module, given) if given else None, module.place(node))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "put_events":
            yield Emission(None, module.place(node))


def _keyword(call: ast.Call, name: str) -> ast.expr | None:
    return next((keyword.value for keyword in call.keywords if keyword.arg == name), None)


def _text(module: _Module, node: ast.expr) -> str | None:
    """The text that an expression stands for, where it is a constant, however often it was renamed."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.Name) and node.id not in module.names:
        return _assigned(module, module.tree.body, node.id)
    name = module.dotted(node)
    return _look_up(name) if name else None


def _look_up(name: str) -> str | None:
    """The constant of a dotted name: of a module, or of a class in one."""
    parts = name.split(".")
    for depth in range(len(parts) - 1, 0, -1):
        file = _file_of(".".join(parts[:depth]))
        if file is None:
            continue
        module = parse(file, file.stat().st_mtime_ns)
        body: list[ast.stmt] = module.tree.body
        for part in parts[depth:-1]:
            body = next((node.body for node in body if isinstance(node, ast.ClassDef) and node.name == part), [])
        return _assigned(module, body, parts[-1])
    return None


def _file_of(module: str) -> Path | None:
    try:
        spec = importlib.util.find_spec(module)
    except (ImportError, ValueError):
        return None
    return Path(spec.origin) if spec and spec.origin and spec.origin.endswith(".py") else None


def _assigned(module: _Module, body: list[ast.stmt], name: str) -> str | None:
    for node in body:
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, ast.AnnAssign):
            targets = [node.target]
        else:
            continue
        if node.value and any(isinstance(target, ast.Name) and target.id == name for target in targets):
            return _text(module, node.value)
    return None


def _variables(module: _Module) -> Iterator[Use]:
    for node in module.nodes:
        if not isinstance(node, ast.Subscript) or not isinstance(node.ctx, ast.Load):
            continue
        if module.dotted(node.value) == "os.environ" and isinstance(name := node.slice, ast.Constant):
            yield Use(str(name.value), module.place(node))


def _shared_variables(own: list[_Module], shared: Mapping[str, _Module]) -> Iterator[Use]:
    """What the shared modules need that a function's own import, at the place of that import."""
    for module, place in _shared_imports(own, shared):
        yield from (Use(use.name, place) for use in module.variables)


def _shared_imports(own: list[_Module], shared: Mapping[str, _Module]) -> Iterator[tuple[_Module, Place]]:
    """The shared modules that a function's own import, each with the place of that import."""
    for module in own:
        for node in module.nodes:
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("handlers.shared"):
                stems = {str(node.module).rpartition(".")[2], *(alias.name for alias in node.names)}
                yield from ((shared[stem], module.place(node)) for stem in sorted(stems & shared.keys()))


def _readings(module: _Module) -> Iterator[Reading]:
    for node in module.nodes:
        if not isinstance(node, ast.Call) or len(node.args) < 2:  # noqa: PLR2004 - the event and the key
            continue
        key = node.args[1].value if isinstance(node.args[1], ast.Constant) else None
        called = module.dotted(node.func)
        if called == READ_TEXTS and isinstance(key, str):
            yield Reading(key, "texts")
        elif called == READ and isinstance(key, str) and isinstance(kind := node.args[-1], ast.Name):
            yield Reading(key, kind.id)


def _clients(module: _Module) -> Iterator[Use]:
    for node in module.nodes:
        if isinstance(node, ast.Call) and module.dotted(node.func) in {"boto3.client", "boto3.resource"} and node.args:
            service = _text(module, node.args[0])
            if service:
                yield Use(service, module.place(node))
