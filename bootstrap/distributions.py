"""The files of installed packages that a function takes along, with what these require."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.metadata import Distribution, PackageNotFoundError
from pathlib import Path

from bootstrap.imports import INSTALLED_BELOW, Files, PackageError

Parts = Mapping[str, tuple[str, ...]]

# In Lambda's runtime already: https://docs.aws.amazon.com/lambda/latest/dg/lambda-python.html#python-sdk-included
IN_RUNTIME = {"boto3", "botocore", "jmespath", "python-dateutil", "s3transfer", "six", "urllib3"}
RUNTIME_MODULES = IN_RUNTIME - {"python-dateutil"} | {"dateutil"}
LAMBDA = {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"}
# What installers note about an installation, which differs from one machine to the next.
NOTES = {"RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json"}
NATIVE = (".so", ".pyd", ".dylib")

REQUIREMENT = re.compile(r"(?P<name>[\w.-]+)\s*(?:\[(?P<extras>[^]]*)\])?[^;]*(?:;\s*(?P<marker>.*))?")
EXTRA = re.compile(r"""extra\s*==\s*['"](?P<name>[^'"]+)['"]""")


def files_of_modules(modules: Mapping[Path, bool], parts: Parts) -> Files:
    """The files of the packages that some installed modules belong to, and of what these require.

    Args:
        modules: The modules' files, and whether the function cannot do without; if it can, a package that cannot be
            packed is left out.
        parts: The files, as glob patterns, of those packages of which a part is enough.

    Raises:
        PackageError: A package cannot run on another machine, or something that it requires is not installed.
    """
    files: Files = {}
    for owner, required in _owners(modules).items():
        try:
            files |= files_of_package(owner, parts)
        except PackageError:
            if required:
                raise
    return files


def names_of_packages(modules: Mapping[Path, bool], packages: Iterable[str]) -> set[str]:
    """The names of the packages that some installed modules belong to, of others, and of what all these require.

    Raises:
        PackageError: Something of it is not installed.
    """
    named = {*_owners(modules), *map(normalize, packages)}
    return {each for name in named for each in _with_requirements(name, "the stack")}


def files_of_package(name: str, parts: Parts, wanted_by: str = "the stack") -> Files:
    """The files of an installed package, and of what it requires.

    Args:
        name: The name that it was installed by.
        parts: The files, as glob patterns, of those packages of which a part is enough.
        wanted_by: Who wants it, in words.

    Raises:
        PackageError: It is not installed, or cannot run on another machine.
    """
    files: Files = {}
    for each in _with_requirements(normalize(name), wanted_by):
        files |= _files(each, parts.get(each))
    return files


def normalize(name: str) -> str:
    """A package's name as it is compared: https://packaging.python.org/en/latest/specifications/name-normalization/."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _owners(modules: Mapping[Path, bool]) -> dict[str, bool]:
    """The packages that some modules belong to, and whether the function cannot do without."""
    owners: dict[str, bool] = {}
    for module, required in modules.items():
        if owner := _owner(module):
            owners[owner] = owners.get(owner, False) or required
    return owners


@cache
def _owner(module: Path) -> str | None:
    """The package that installed a module; None if Lambda's runtime has it."""
    root = next(folder for folder in module.parents if folder.name in INSTALLED_BELOW)
    file = module.relative_to(root)
    top = file.parts[0].removesuffix(".py")
    if top in RUNTIME_MODULES:
        return None
    noted = re.compile(rf"^{re.escape(file.as_posix())},", re.MULTILINE)
    # Most are called like their module; to look through all that are installed takes a tenth of a second.
    for asked in ({"name": top, "path": [str(root)]}, {"path": [str(root)]}):
        for distribution in Distribution.discover(**asked):
            if noted.search(distribution.read_text("RECORD") or ""):
                return normalize(distribution.name)
    raise PackageError(f"{module} was installed by no package: install it by one")


def _with_requirements(name: str, wanted_by: str) -> list[str]:
    """A package and all that it requires, without what Lambda's runtime has."""
    found: dict[str, None] = {}
    waiting: list[tuple[str, frozenset[str], str]] = [(name, frozenset(), wanted_by)]
    seen = set()
    while waiting:
        each, extras, by = waiting.pop()
        if each in IN_RUNTIME or (each, extras) in seen:
            continue
        seen.add((each, extras))
        found[each] = None
        try:
            lines = _requirements(each)
        except PackageNotFoundError as error:
            raise PackageError(f"{by} needs the package {each}, which is not installed here: install it") from error
        waiting += [(other, more, each) for other, more in _required(lines, extras)]
    return [*found]


@cache
def _requirements(name: str) -> tuple[str, ...]:
    return (*(Distribution.from_name(name).requires or ()),)


def _required(lines: Iterable[str], extras: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    for line in lines:
        if requirement := REQUIREMENT.match(line):
            name, marker = normalize(requirement["name"]), requirement["marker"]
            if not marker or _applies(marker, name, extras):
                yield name, frozenset(filter(None, re.split(r"[\s,]+", requirement["extras"] or "")))


def _applies(marker: str, name: str, extras: frozenset[str]) -> bool:
    """Whether a requirement is one where Lambda runs."""
    if extra := EXTRA.fullmatch(marker.strip()):
        return extra["name"] in extras
    if next(iter(Distribution.discover(name=name)), None) is None:
        # Whoever installed the rest has left it out.
        return False
    # Not above: it takes long to load, and few packages need it.
    from packaging.markers import Marker

    return any(Marker(marker).evaluate({**LAMBDA, "extra": extra}) for extra in extras or ("",))


@cache
def _files(name: str, patterns: tuple[str, ...] | None) -> Files:
    """The files of one package: all of them, or those that fit the patterns, and its licences."""
    distribution = Distribution.from_name(name)
    root = Path(str(distribution.locate_file("")))
    if patterns is None:
        noted = [Path(str(file.locate())) for file in distribution.files or () if ".." not in file.parts]
        chosen: Iterable[Path] = (file for file in noted if file.suffix != ".pyc" and not _is_note(file))
    else:
        noted_in = re.search(r"^(.+\.dist-info)/METADATA,", distribution.read_text("RECORD") or "", re.MULTILINE)
        licences = [f"{noted_in[1]}/licenses/*"] if noted_in else []
        chosen = {file for each in (*patterns, *licences) for file in root.glob(each)}
    files = {file.relative_to(root).as_posix(): file for file in chosen}
    _refuse_what_does_not_run(name, files)
    return files


def _refuse_what_does_not_run(name: str, files: Iterable[str]) -> None:
    for file in files:
        if file.endswith(NATIVE):
            raise PackageError(
                f"the package {name} is not pure Python ({file}), so it may not run where Lambda does:"
                " use another one, or import it where `except ImportError` can do without"
            )
        if file.endswith(".pth"):
            raise PackageError(f"the package {name} is installed as a link to its sources: install it whole")


def _is_note(file: Path) -> bool:
    return file.name in NOTES and file.parent.name.endswith(".dist-info")
