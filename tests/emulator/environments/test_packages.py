"""What a function's zip and its variables bring wins over what the runtime has, as in an interpreter of its own."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.emulator.conftest import MakeEnvironment, answer, error, invoke

HANDLER = "brings.lambda_handler"


@pytest.fixture
def code(tmp_path: Path) -> Path:
    """The folder of a function that returns what its event, an expression, is."""
    folder = tmp_path / "code"
    folder.mkdir()
    source = "import importlib, os, sys\ndef lambda_handler(event, context):\n    return eval(event['do'])\n"
    (folder / "brings.py").write_text(source)
    return folder


@pytest.mark.parametrize("name", ["boto3", "botocore", "urllib3", "jmespath", "s3transfer", "dateutil", "six"])
@pytest.mark.parametrize("as_package", [True, False])
def test_a_package_of_the_zip_wins_over_the_runtimes(
    make_environment: MakeEnvironment, code: Path, name: str, *, as_package: bool
) -> None:
    file = code / name / "__init__.py" if as_package else code / f"{name}.py"
    file.parent.mkdir(exist_ok=True)
    file.write_text("OWN = 'own'")
    environment = make_environment(HANDLER, code=code)
    assert answer(invoke(environment, f"importlib.import_module('{name}').OWN")) == "own"


def test_variables_that_an_interpreter_reads_at_its_start_are_obeyed(
    make_environment: MakeEnvironment, code: Path
) -> None:
    environment = make_environment(HANDLER, code=code, PYTHONPATH="/opt/python", PYTHONOPTIMIZE="2")
    assert answer(invoke(environment, "['/opt/python' in sys.path, sys.flags.optimize]")) == [True, 2]


@pytest.mark.skipif(shutil.which("gcc") is None, reason="needs a C compiler")
@pytest.mark.parametrize("folder", ["", "lib/"])
def test_a_library_of_the_zip_is_found_by_its_name(make_environment: MakeEnvironment, code: Path, folder: str) -> None:
    library = code / f"{folder}libtwice.so"
    library.parent.mkdir(exist_ok=True)
    source = code / "twice.c"
    source.write_text("int twice(int number) { return 2 * number; }")
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", library, source], check=True)
    environment = make_environment(HANDLER, code=code)
    assert answer(invoke(environment, "importlib.import_module('ctypes').CDLL('libtwice.so').twice(21)")) == 42


def test_a_wrapper_starts_the_interpreter(make_environment: MakeEnvironment, code: Path) -> None:
    wrapper = code / "wrapper"
    wrapper.write_text('#!/bin/sh\nexport WRAPPED="$*"\nexec "$@"\n')
    wrapper.chmod(0o755)
    environment = make_environment(HANDLER, code=code, AWS_LAMBDA_EXEC_WRAPPER="/var/task/wrapper")
    assert answer(invoke(environment, "os.environ['WRAPPED']")).endswith("/var/runtime/bootstrap.py")


def test_a_wrapper_that_is_not_there_ends_the_runtime_as_lambda_words_it(
    make_environment: MakeEnvironment, code: Path
) -> None:
    environment = make_environment(HANDLER, code=code, AWS_LAMBDA_EXEC_WRAPPER="/no/wrapper")
    outcome = invoke(environment, "1")
    assert error(outcome) == {
        "errorType": "Runtime.ExitError",
        "errorMessage": "RequestId: request-1 Error: Runtime exited with error: exit status 127",
    }
    assert "/no/wrapper: No such file or directory" in outcome.log
