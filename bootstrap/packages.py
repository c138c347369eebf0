"""The zip file of a function: its module, the shared modules that it imports, and what these need of other packages."""

import ast
import base64
import hashlib
import importlib.util
import io
import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bootstrap.errors import BootstrapError

PROJECT = Path(__file__).parents[1]
HANDLERS = "handlers"
FILE_MODE = 0o644
UNIX = 3

# What is packed of the packages that handlers import; boto3 is in Lambda's runtime.
DEPENDENCIES = {
    "tenacity": ("tenacity/**/*.py", "tenacity-*.dist-info/licenses/*"),
    "faker": (
        "faker/*.py",
        "faker/utils/*.py",
        "faker/providers/__init__.py",
        # One language of the providers that are used; address imports date_time.
        *(f"faker/providers/{name}/__init__.py" for name in ("address", "company", "date_time", "person")),
        *(f"faker/providers/{name}/en_US/__init__.py" for name in ("address", "company", "date_time", "person")),
        "faker/providers/address/en/__init__.py",
        "faker-*.dist-info/licenses/*",
    ),
}
# Commands, and what needs tornado.
LEFT_OUT = {"faker/__main__.py", "faker/cli.py", "faker/documentor.py", "tenacity/tornadoweb.py"}


class PackageError(BootstrapError):
    """A handler cannot be packed."""


@dataclass(frozen=True)
class Package:
    """A zip file; the same input makes the same bytes, on any machine.

    Args:
        content: Its bytes.
        sha256: Their digest, as Lambda shows it.
    """

    content: bytes
    sha256: str


def build_package(module: str, project: Path = PROJECT) -> Package:
    """Pack a function.

    Args:
        module: A module of handlers/.
        project: The folder that holds handlers/.

    Raises:
        PackageError: The module does not exist, or one that it leads to is not Python.
    """
    if not (project / HANDLERS / f"{module}.py").is_file():
        raise PackageError(f"{HANDLERS}/{module}.py does not exist")
    sources, dependencies = _closure(project, f"{HANDLERS}.{module}")
    files = {source.relative_to(project).as_posix(): source for source in sources}
    for dependency in dependencies:
        files |= _dependency_files(dependency)
    content = _zip(files)
    return Package(content, base64.b64encode(hashlib.sha256(content).digest()).decode())


def _closure(project: Path, module: str) -> tuple[set[Path], set[str]]:
    """The files of handlers/ that a module leads to, itself included, and the dependencies that these import."""
    sources = {project / HANDLERS / "__init__.py"}
    dependencies = set()
    waiting = [module]
    while waiting:
        name = waiting.pop()
        top = name.partition(".")[0]
        if top in DEPENDENCIES:
            dependencies.add(top)
        elif top == HANDLERS:
            source = project.joinpath(*name.split(".")).with_suffix(".py")
            if source.is_file() and source not in sources:
                sources.add(source)
                waiting.extend(_imports(source, source.stat().st_mtime_ns))
    return sources, dependencies


@cache
def _imports(source: Path, _changed: int) -> set[str]:
    """All dotted names that a file imports, or imports from, as it is since it changed."""
    try:
        tree = ast.parse(source.read_bytes(), source)
    except SyntaxError as error:
        raise PackageError(f"{source.name}, line {error.lineno}, is not Python: {error.msg}") from error
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
            names.add(node.module)
    return names


@cache
def _dependency_files(package: str) -> dict[str, Path]:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise PackageError(f"package {package}, which handlers import, is not installed here: run `make install`")
    folder = Path(spec.origin).parents[1]
    found = (file for pattern in DEPENDENCIES[package] for file in folder.glob(pattern))
    files = {file.relative_to(folder).as_posix(): file for file in found}
    return {name: file for name, file in files.items() if name not in LEFT_OUT}


def _zip(files: dict[str, Path]) -> bytes:
    """Write a zip file without anything that differs between machines: times, modes, order, compression."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, source in sorted(files.items()):
            entry = zipfile.ZipInfo(name)
            entry.create_system = UNIX
            entry.external_attr = FILE_MODE << 16
            archive.writestr(entry, source.read_bytes())
    return buffer.getvalue()
