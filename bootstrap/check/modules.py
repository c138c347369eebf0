"""A parsed module: its tree, what its names stand for, and the texts and places of its expressions."""

import ast
import importlib.util
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bootstrap.check.findings import Place


@dataclass(frozen=True, eq=False)
class Module:
    """A parsed file: its tree, all nodes of it, and what its names stand for, by their dotted names."""

    file: Path
    tree: ast.Module
    nodes: tuple[ast.AST, ...]
    names: Mapping[str, str]

    def place(self, node: ast.expr | ast.stmt) -> Place:
        """Where a node is."""
        return Place(self.file, node.lineno, node.col_offset + 1)

    def dotted(self, node: ast.expr) -> str | None:
        """The full name of what an expression names, if it is a name."""
        if isinstance(node, ast.Name):
            return self.names.get(node.id, node.id)
        if isinstance(node, ast.Attribute) and (base := self.dotted(node.value)):
            return f"{base}.{node.attr}"
        return None

    def text(self, node: ast.expr) -> str | None:
        """The text that an expression stands for, where it is a constant, however often it was renamed."""
        if isinstance(node, ast.Constant):
            return node.value if isinstance(node.value, str) else None
        if isinstance(node, ast.Name) and node.id not in self.names:
            return _assigned(self, self.tree.body, node.id)
        name = self.dotted(node)
        return _look_up(name) if name else None


@cache
def parse(file: Path, _changed: int) -> Module:
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
    return Module(file, tree, nodes, names)


def module_of(dotted: str) -> tuple[Module, list[str]] | None:
    """The module that a dotted name begins with, if it is one of Python, and the rest of the name."""
    parts = dotted.split(".")
    for depth in range(len(parts) - 1, 0, -1):
        if file := _file_of(".".join(parts[:depth])):
            return parse(file, file.stat().st_mtime_ns), parts[depth:]
    return None


def once[T](find: Callable[[Module], Iterator[T]]) -> Callable[[Module], tuple[T, ...]]:
    """Let something be looked for in each module once."""
    return cache(lambda module: tuple(find(module)))


def given(call: ast.Call, position: int, name: str) -> ast.expr | None:
    """An argument of a call, by its position or its name."""
    if len(call.args) > position:
        return call.args[position]
    return next((keyword.value for keyword in call.keywords if keyword.arg == name), None)


def _look_up(name: str) -> str | None:
    """The constant of a dotted name: of a module, or of a class in one."""
    found = module_of(name)
    if found is None:
        return None
    module, (*classes, last) = found
    body: list[ast.stmt] = module.tree.body
    for part in classes:
        body = next((node.body for node in body if isinstance(node, ast.ClassDef) and node.name == part), [])
    return _assigned(module, body, last)


def _file_of(module: str) -> Path | None:
    try:
        spec = importlib.util.find_spec(module)
    except (ImportError, ValueError):
        return None
    return Path(spec.origin) if spec and spec.origin and spec.origin.endswith(".py") else None


def _assigned(module: Module, body: list[ast.stmt], name: str) -> str | None:
    for node in body:
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, ast.AnnAssign):
            targets = [node.target]
        else:
            continue
        if node.value and any(isinstance(target, ast.Name) and target.id == name for target in targets):
            return module.text(node.value)
    return None
