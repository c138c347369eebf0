"""The zip file of a function: its module, the modules that it leads to, and the packages that these import."""

import base64
import hashlib
import io
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bootstrap.distributions import Parts, files_of_modules, files_of_package, names_of_packages
from bootstrap.imports import Files, PackageError, follow

__all__ = ["Package", "PackageError", "build_package", "packages_of", "source_files"]

FILE_MODE = 0o644
UNIX = 3


@dataclass(frozen=True)
class Package:
    """A zip file; the same input makes the same bytes, on any machine.

    Args:
        content: Its bytes.
        sha256: Their digest, as Lambda shows it.
    """

    content: bytes
    sha256: str


def build_package(module: str, packages: Iterable[str] = (), packed: Parts | None = None) -> Package:
    """Pack a function.

    Args:
        module: The dotted name of its module.
        packages: Names of installed packages that it needs besides those that the modules import.
        packed: The files, as glob patterns, of those packages of which a part is enough.

    Raises:
        PackageError: The module or a package is not there, is not Python, or cannot run on another machine.
    """
    sources = follow(module)
    files = sources.files | files_of_modules(sources.installed, packed or {})
    for name in packages:
        files |= files_of_package(name, packed or {}, module)
    content = _zip(files)
    return Package(content, base64.b64encode(hashlib.sha256(content).digest()).decode())


def packages_of(module: str, packages: Iterable[str] = ()) -> set[str]:
    """The names of the installed packages that a function takes along.

    Args:
        module: The dotted name of its module.
        packages: Names of installed packages that it needs besides those that the modules import.

    Raises:
        PackageError: The module or a package is not there.
    """
    return names_of_packages(follow(module).installed, packages)


def source_files(module: str) -> set[Path]:
    """The files of the user's own, and of the handlers' shared part, that a function is packed from.

    Raises:
        PackageError: The module is not there, or one that it leads to is not there or not Python.
    """
    return set(follow(module).files.values())


def _zip(files: Files) -> bytes:
    """Write a zip file without anything that differs between machines: times, modes, order, compression."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, source in sorted(files.items()):
            entry = zipfile.ZipInfo(name)
            entry.create_system = UNIX
            entry.external_attr = FILE_MODE << 16
            archive.writestr(entry, _content(source))
    return buffer.getvalue()


def _content(source: Path) -> bytes:
    # Not by Path's method, which takes twice as long: it is asked for hundreds of files.
    with open(source, "rb") as file:  # noqa: PTH123
        return file.read()
