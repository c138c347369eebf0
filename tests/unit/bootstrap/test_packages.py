"""The zip files of the functions: what is in them, that they are always the same, and that they run."""

import io
import os
import shutil
import subprocess
import sys
import zipfile
from collections import Counter
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from uuid import uuid4

import pytest

from bootstrap.packages import Package, PackageError, build_package
from bootstrap.settings import PROJECT
from bootstrap.stack import FUNCTIONS, STACK

MODULES = [function.module for function in FUNCTIONS]
IN_LAMBDA_RUNTIME = ("boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six", "urllib3")
LARGEST_BYTES = 500_000
STEMS = {module.rpartition(".")[2] for module in MODULES}


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of handlers/ that may be edited; its name is its own, for Python remembers where a module is."""
    copy = tmp_path / f"copy_{uuid4().hex}"
    shutil.copytree(PROJECT / "handlers", copy, ignore=shutil.ignore_patterns("__pycache__"))
    for source in copy.rglob("*.py"):
        source.write_text(source.read_text().replace("from handlers", f"from {copy.name}"))
    monkeypatch.syspath_prepend(tmp_path)
    return copy


def build(module: str) -> Package:
    return build_package(module, packed=STACK.packed)


@cache
def names_in(module: str) -> list[str]:
    return zipfile.ZipFile(io.BytesIO(build(module).content)).namelist()


def as_file(module: str) -> str:
    return f"{module.replace('.', '/')}.py"


def digests(copied: Path) -> dict[str, str]:
    return {function.name: build(function.module.replace("handlers", copied.name)).sha256 for function in FUNCTIONS}


def changed(copied: Path, before: dict[str, str]) -> set[str]:
    return {name for name, digest in digests(copied).items() if before[name] != digest}


def append(source: Path, text: str) -> None:
    source.write_text(source.read_text() + text)


def test_the_same_sources_make_the_same_bytes_wherever_and_whenever(copied: Path) -> None:
    before = digests(copied)
    for source in copied.iterdir():
        source.chmod(0o777)
        os.utime(source, (0, 0))
    assert changed(copied, before) == set()


def test_an_edit_to_a_handler_changes_only_its_function(copied: Path) -> None:
    before = digests(copied)
    append(copied / "side_effect.py", "# edited\n")
    assert changed(copied, before) == {"sideEffect"}


def test_an_edit_to_what_handlers_share_changes_those_that_import_it(copied: Path) -> None:
    before = digests(copied)
    append(copied / "keys.py", "# edited\n")
    assert changed(copied, before) == {"processSingle", "postProcessSingle", "postProcessAll"}


@pytest.mark.parametrize("module", MODULES)
def test_a_package_holds_its_module_and_that_of_no_other_function(module: str) -> None:
    assert {name for name in names_in(module) if Path(name).stem in STEMS} == {as_file(module)}


@pytest.mark.parametrize("module", MODULES)
def test_a_package_holds_each_file_once_and_nothing_that_differs_between_machines(module: str) -> None:
    names = names_in(module)
    assert max(Counter(names).values()) == 1
    assert not [name for name in names if name.endswith((".pyc", "RECORD", "INSTALLER", "REQUESTED"))]
    assert {name.split("/")[0].split("-")[0] for name in names} <= {"handlers", "faker", "tenacity"}


@pytest.mark.parametrize("module", MODULES)
def test_whoever_is_packed_comes_with_its_licence(module: str) -> None:
    names = names_in(module)
    packed = {name.split("/")[0] for name in names if name.endswith("/__init__.py")} - {"handlers"}
    assert packed == {name.split("-")[0] for name in names if "/licenses/" in name}
    assert "tenacity" in packed


def test_only_who_invents_people_gets_faker() -> None:
    with_faker = {module for module in MODULES if "faker/__init__.py" in names_in(module)}
    assert with_faker == {"handlers.get_multiple", "handlers.process_single"}


def test_faker_comes_in_english_only_and_with_the_providers_that_are_used() -> None:
    parts = [Path(name).parts for name in names_in("handlers.get_multiple") if name.startswith("faker/providers/")]
    assert {part[2] for part in parts if len(part) > 3} == {"address", "company", "date_time", "person"}
    assert {part[3] for part in parts if len(part) > 4} == {"en", "en_US"}


@pytest.mark.parametrize("module", MODULES)
def test_a_package_is_small(module: str) -> None:
    assert len(build(module).content) < LARGEST_BYTES


@pytest.mark.parametrize("module", MODULES)
def test_files_can_be_read_by_lambda(module: str) -> None:
    entries = zipfile.ZipFile(io.BytesIO(build(module).content)).infolist()
    assert {entry.external_attr >> 16 for entry in entries} == {0o644}
    assert {entry.create_system for entry in entries} == {3}


def test_a_handler_that_is_not_python_is_an_error_that_says_where(copied: Path) -> None:
    broken = copied / "side_effect.py"
    broken.write_text("\ndef lambda_handler(:\n")
    with pytest.raises(PackageError) as raised:
        build(f"{copied.name}.side_effect")
    assert str(raised.value) == f"{broken}:2: not Python: invalid syntax"


def test_a_module_that_does_not_exist_is_an_error_that_names_it() -> None:
    with pytest.raises(PackageError, match=r"there is no module handlers\.lost: "):
        build("handlers.lost")


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what Lambda's own runtime brings."""
    folder = tmp_path_factory.mktemp("runtime")
    for name in IN_LAMBDA_RUNTIME:
        spec = find_spec(name)
        assert spec and spec.origin
        origin = Path(spec.origin)
        source = origin.parent if origin.name == "__init__.py" else origin
        (folder / source.name).symlink_to(source)
    return folder


USED = {
    "handlers.get_multiple": "from handlers.people import draw_names; assert draw_names(500, 'seed')",
    "handlers.process_single": "from handlers.people import draw_profile; assert draw_profile('Ann Lee', 'seed')",
}


@pytest.mark.parametrize("module", MODULES)
def test_a_package_runs_with_nothing_but_lambdas_own_runtime(module: str, runtime: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(io.BytesIO(build(module).content)).extractall(tmp_path)
    code = (
        f"import sys; sys.path += [{str(tmp_path)!r}, {str(runtime)!r}];"
        f"from {module} import lambda_handler; {USED.get(module, '')}"
    )
    # Without site packages, this folder and Python's variables.
    command = [sys.executable, "-I", "-S", "-c", code]
    ran = subprocess.run(
        command,
        env={"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
