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

import pytest

from bootstrap.packages import PROJECT, PackageError, build_package
from bootstrap.stack import FUNCTIONS

MODULES = [function.module for function in FUNCTIONS]
IN_LAMBDA_RUNTIME = ("boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six", "urllib3")
LARGEST_BYTES = 500_000


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of handlers/ that may be edited."""
    shutil.copytree(PROJECT / "handlers", tmp_path / "handlers", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


@cache
def names_in(module: str) -> list[str]:
    return zipfile.ZipFile(io.BytesIO(build_package(module).content)).namelist()


def digests(project: Path) -> dict[str, str]:
    return {module: build_package(module, project).sha256 for module in MODULES}


def append(source: Path, text: str) -> None:
    source.write_text(source.read_text() + text)


def test_the_same_sources_make_the_same_bytes_wherever_and_whenever(project: Path) -> None:
    before = digests(PROJECT)
    for source in (project / "handlers").iterdir():
        source.chmod(0o777)
        os.utime(source, (0, 0))
    assert digests(project) == before


def test_an_edit_to_a_handler_changes_only_its_function(project: Path) -> None:
    before = digests(project)
    append(project / "handlers" / "side_effect.py", "# edited\n")
    after = digests(project)
    assert {module for module in MODULES if before[module] != after[module]} == {"side_effect"}


def test_an_edit_to_what_handlers_share_changes_those_that_import_it(project: Path) -> None:
    before = digests(project)
    append(project / "handlers" / "keys.py", "# edited\n")
    after = digests(project)
    changed = {module for module in MODULES if before[module] != after[module]}
    assert changed == {"process_single", "post_process_single", "post_process_all"}


@pytest.mark.parametrize("module", MODULES)
def test_a_package_holds_its_module_and_that_of_no_other_function(module: str) -> None:
    assert {name for name in names_in(module) if Path(name).stem in MODULES} == {f"handlers/{module}.py"}


@pytest.mark.parametrize("module", MODULES)
def test_a_package_holds_sources_and_licences_and_each_once(module: str) -> None:
    names = names_in(module)
    assert max(Counter(names).values()) == 1
    assert all(name.endswith(".py") or "/licenses/" in name for name in names)
    assert {name.split("/")[0].split("-")[0] for name in names} <= {"handlers", "faker", "tenacity"}


@pytest.mark.parametrize("module", MODULES)
def test_whoever_is_packed_comes_with_its_licence(module: str) -> None:
    names = names_in(module)
    packed = {name.split("/")[0] for name in names if name.endswith("/__init__.py")} - {"handlers"}
    assert packed == {name.split("-")[0] for name in names if "/licenses/" in name}
    assert "tenacity" in packed


def test_only_who_invents_people_gets_faker() -> None:
    with_faker = {module for module in MODULES if "faker/__init__.py" in names_in(module)}
    assert with_faker == {"get_multiple", "process_single"}


def test_faker_comes_in_english_only_and_with_the_providers_that_are_used() -> None:
    parts = [Path(name).parts for name in names_in("get_multiple") if name.startswith("faker/providers/")]
    assert {part[2] for part in parts if len(part) > 3} == {"address", "company", "date_time", "person"}
    assert {part[3] for part in parts if len(part) > 4} == {"en", "en_US"}


@pytest.mark.parametrize("module", MODULES)
def test_what_is_for_tornado_or_the_command_line_stays_behind(module: str) -> None:
    left_out = {"tornadoweb.py", "__main__.py", "cli.py", "documentor.py"}
    assert not left_out & {Path(name).name for name in names_in(module)}


@pytest.mark.parametrize("module", MODULES)
def test_a_package_is_small(module: str) -> None:
    assert len(build_package(module).content) < LARGEST_BYTES


@pytest.mark.parametrize("module", MODULES)
def test_files_can_be_read_by_lambda(module: str) -> None:
    entries = zipfile.ZipFile(io.BytesIO(build_package(module).content)).infolist()
    assert {entry.external_attr >> 16 for entry in entries} == {0o644}
    assert {entry.create_system for entry in entries} == {3}


def test_a_handler_that_is_not_python_is_an_error_that_says_where(project: Path) -> None:
    (project / "handlers" / "side_effect.py").write_text("\ndef lambda_handler(:\n")
    with pytest.raises(PackageError, match=r"side_effect\.py, line 2, is not Python: invalid syntax"):
        build_package("side_effect", project)


def test_a_module_that_does_not_exist_is_an_error_that_names_it(project: Path) -> None:
    with pytest.raises(PackageError, match=r"handlers/lost\.py does not exist"):
        build_package("lost", project)


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


RUNS = {
    "get_multiple": "from handlers.people import draw_names; assert len(set(draw_names(500, 'seed'))) == 500",
    "process_single": "from handlers.people import draw_profile; assert draw_profile('Ann Lee', 'seed')['city']",
}


@pytest.mark.parametrize("module", MODULES)
def test_a_package_runs_with_nothing_but_lambdas_own_runtime(module: str, runtime: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(io.BytesIO(build_package(module).content)).extractall(tmp_path)
    code = (
        f"import sys; sys.path += [{str(tmp_path)!r}, {str(runtime)!r}];"
        f"from handlers.{module} import lambda_handler; {RUNS.get(module, '')}"
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
