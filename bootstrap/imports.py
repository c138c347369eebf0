"""What a function's module leads to: modules of the user's own, which are followed, and installed ones."""

import ast
import importlib
import importlib.util
import os.path
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.machinery import ModuleSpec
from pathlib import Path

from bootstrap.errors import DescriptionError

INSTALLED_BELOW = {"site-packages", "dist-packages"}
# What every workflow's handlers share: packed as sources, even where this project itself was installed.
SHARED = "handlers"
UNLESS_IMPORTED = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"}

Files = dict[str, Path]
Find = Callable[[str], ModuleSpec | None]


class PackageError(DescriptionError):
    """A function cannot be packed."""


@dataclass(frozen=True)
class Import:
    """A name that a file imports.

    Args:
        name: Its dotted name.
        line: Where it is imported.
        required: Whether the file cannot do without; what is only tried, or may be no module, is not.
    """

    name: str
    line: int
    required: bool


@dataclass
class Sources:
    """What a module leads to.

    Args:
        files: The files of its own and those that it imports, by their names in a zip file.
        installed: The files of the installed modules, and whether it cannot do without.
    """

    files: Files = field(default_factory=dict)
    installed: dict[Path, bool] = field(default_factory=dict)


def follow(module: str) -> Sources:
    """Find what a module leads to, itself and the packages that it is in included.

    Args:
        module: Its dotted name.

    Raises:
        PackageError: A module is not there, or not Python; names the file and the line that want it.
    """
    sources = Sources()
    find = cache(_spec)
    waiting: list[tuple[Import, Path | None]] = [(Import(module, 0, required=True), None)]
    seen: set[tuple[str, bool]] = set()
    while waiting:
        wanted, by = waiting.pop()
        if (wanted.name, wanted.required) in seen or _top(wanted.name) in sys.stdlib_module_names:
            continue
        seen.add((wanted.name, wanted.required))
        found = locate(wanted.name, find)
        if found is None:
            _miss(wanted, by, find)
        elif _is_installed(wanted.name, found):
            if found.is_file():
                sources.installed[found] = sources.installed.get(found, False) or wanted.required
        else:
            waiting += [(each, found) for each in _take(sources, wanted, found)]
        package = wanted.name.rpartition(".")[0]
        if package and (found or wanted.required):
            waiting.append((Import(package, wanted.line, wanted.required), by))
    return sources


def _take(sources: Sources, wanted: Import, found: Path) -> Iterable[Import]:
    """Note a module of the user's own, and say what it imports."""
    if not found.is_file():
        return ()
    suffix = "/__init__.py" if found.name == "__init__.py" else ".py"
    sources.files[wanted.name.replace(".", "/") + suffix] = found
    return _imports(found, wanted.name, found.stat().st_mtime_ns)


def locate(name: str, find: Find | None = None) -> Path | None:
    """The file of a module, the folder of a package without `__init__`, or None.

    Args:
        name: Its dotted name.
        find: Where the first part of it is found; Python is asked, if None.
    """
    spec = (find or _spec)(_top(name))
    if spec is None:
        return None
    folders = [*(spec.submodule_search_locations or ())]
    rest = name.split(".")[1:]
    if not rest:
        origin = spec.origin if spec.has_location else None
        return Path(origin or folders[0]) if origin or folders else None
    for folder in folders:
        path = os.path.join(folder, *rest)  # noqa: PTH118 - asked hundreds of times, a fifth of the time of Path's
        for candidate in (f"{path}/__init__.py", f"{path}.py"):
            if os.path.isfile(candidate):  # noqa: PTH113
                return Path(candidate)
        if os.path.isdir(path):  # noqa: PTH112
            return Path(path)
    return None


def _spec(top: str) -> ModuleSpec | None:
    """Where Python finds a module or package that is in no other."""
    try:
        spec = importlib.util.find_spec(top)
        if spec is None:
            # It may have been written since Python looked.
            importlib.invalidate_caches()
            spec = importlib.util.find_spec(top)
    except ValueError:
        return None
    return spec


def _miss(wanted: Import, by: Path | None, find: Find) -> None:
    if not wanted.required:
        return
    if by is None:
        raise PackageError(f"there is no module {wanted.name}: a function's is found from the folder you are in")
    place = locate(_top(wanted.name), find)
    if place is None or not _is_installed(wanted.name, place):
        raise PackageError(
            f"{by}:{wanted.line}: there is no module {wanted.name}: install the package that has it, or mend the name"
        )


def _is_installed(name: str, found: Path) -> bool:
    return _top(name) != SHARED and bool(INSTALLED_BELOW & {*found.parts})


def _top(name: str) -> str:
    return name.partition(".")[0]


@cache
def _imports(source: Path, module: str, _changed: int) -> tuple[Import, ...]:
    """All that a file imports, or may import, as it is since it changed."""
    try:
        tree = ast.parse(source.read_bytes(), source)
    except SyntaxError as error:
        raise PackageError(f"{source}:{error.lineno}: not Python: {error.msg}") from error
    package = module if source.name == "__init__.py" else module.rpartition(".")[0]
    return tuple(_imported(tree.body, package, required=True))


def _imported(body: Iterable[ast.AST], package: str, *, required: bool) -> Iterator[Import]:
    for node in body:
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, node.lineno, required) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, package)
            yield Import(base, node.lineno, required)
            # What is imported from a module is a module itself, or none.
            yield from (Import(f"{base}.{alias.name}", node.lineno, required=False) for alias in node.names)
        elif isinstance(node, ast.If) and _is_for_type_checkers(node.test):
            yield from _imported(node.orelse, package, required=required)
        else:
            tried = isinstance(node, ast.Try) and any(map(_catches_its_absence, node.handlers))
            yield from _imported(_statements(node), package, required=required and not tried)


def _absolute(node: ast.ImportFrom, package: str) -> str:
    if not node.level:
        return node.module or ""
    parts = package.split(".")
    return ".".join([*parts[: len(parts) - node.level + 1], *([node.module] if node.module else [])])


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """The statements in a statement; an expression has none, and is most of a file."""
    for name in ("body", "handlers", "orelse", "finalbody", "cases"):
        within = getattr(node, name, ())
        yield from within if isinstance(within, list) else ()


def _is_for_type_checkers(test: ast.expr) -> bool:
    return getattr(test, "id", getattr(test, "attr", None)) == "TYPE_CHECKING"


def _catches_its_absence(handler: ast.ExceptHandler) -> bool:
    caught = handler.type
    names = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return caught is None or any(getattr(name, "id", None) in UNLESS_IMPORTED for name in names)
