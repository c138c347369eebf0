"""The test kit in another repository, for which this project was installed: two files, and what describes them."""

import os
import re
import shlex
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import pytest
import yaml

from bootstrap.settings import PROJECT

PAGE = (PROJECT / "docs" / "testing.md").read_text()
EXAMPLE = re.compile(r'```python title="(?P<file>.+?)"\n(?P<text>.*?)```', re.DOTALL)
STACK = """
from bootstrap.description import FunctionSpec, MachineSpec, Stack, StartSpec

MACHINES = (MachineSpec("GreetingMachine", "greeting.asl.json", starts=(StartSpec("arrived", "ArrivedRule"),)),)
STACK = Stack("greetings", MACHINES, (FunctionSpec("greet", "greetGuest"),), source="door")
"""
DEFINITION = """
{
  "StartAt": "Greet",
  "States": {
    "Greet": {
      "Type": "Task",
      "Resource": "arn:aws:states:::events:putEvents.waitForTaskToken",
      "Parameters": {
        "Entries": [
          {
            "EventBusName": "${EventBus}",
            "Source": "${EventSource}",
            "DetailType": "greetGuest",
            "Detail": {
              "TaskToken.$": "$$.Task.Token",
              "execution.$": "$$.Execution.Id",
              "stateMachine.$": "$$.StateMachine.Name",
              "stateName.$": "$$.State.Name",
              "job.$": "$.id",
              "name.$": "$.detail.name"
            }
          }
        ]
      },
      "TimeoutSeconds": "${TaskTimeoutSeconds}",
      "ResultSelector": {"greeting.$": "$.greeting", "luck.$": "$.luck"},
      "End": true
    }
  }
}
"""
HANDLER = """
import random

from handlers.shared.detail_types import DONE
from handlers.shared.emit import emit
from handlers.shared.events import read
from handlers.shared.failure import answers_failure
from handlers.shared.invocation import recorded


@recorded
@answers_failure
def lambda_handler(event, context):
    emit(event, DONE, {"greeting": f"Hello, {read(event, 'name', str)}", "luck": random.random()})
"""
MORE_TESTS = """

def test_luck_can_be_frozen(workflow):
    free = workflow.run({"name": "Ann"}).output["luck"]
    workflow.freeze()
    assert workflow.run({"name": "Ann"}).output["luck"] == workflow.run({"name": "Ann"}).output["luck"] != free


def test_whoever_cannot_be_greeted_fails_the_run(workflow):
    workflow.break_function("greet")
    assert workflow.run({"name": "Ann"}).error == "RuntimeError"
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter for which this project was installed; what it requires is found where it is."""
    folder = tmp_path_factory.mktemp("environment")
    uv = [sys.executable, "-m", "uv", "--quiet", "--offline", "--no-cache"]
    subprocess.run([*uv, "venv", "--python", sys.executable, folder / "venv"], check=True)
    build = ["build", "--wheel", "--no-build-isolation", "--python", sys.executable]
    subprocess.run([*uv, *build, "--out-dir", folder, PROJECT], check=True)
    found = folder / "venv" / "bin" / "python"
    (wheel,) = folder.glob("*.whl")
    subprocess.run([*uv, "pip", "install", "--no-deps", "--python", found, wheel], check=True)
    (packages,) = (folder / "venv" / "lib").glob("*/site-packages")
    (packages / "required.pth").write_text(sysconfig.get_path("purelib"))
    return found


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with the example of the page."""
    folder = tmp_path_factory.mktemp("repository")
    example = EXAMPLE.search(PAGE)
    assert example
    (folder / example["file"]).write_text(example["text"] + MORE_TESTS)
    (folder / "greet.py").write_text(HANDLER)
    (folder / "stack.py").write_text(STACK)
    (folder / "greeting.asl.json").write_text(DEFINITION)
    return folder


def job() -> dict[str, Any]:
    """What the workflow file of the page has to do."""
    workflow = yaml.safe_load((PROJECT / "docs" / "test-workflow.yml").read_text())
    found: dict[str, Any] = workflow["jobs"]["test"]
    return found


def type_in(folder: Path, python: Path, command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Type a command that begins with `python`, with no settings but those that are given."""
    first, *words = shlex.split(command)
    assert first == "python"
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "TMPDIR", "LANG"}}
    return subprocess.run(
        [python, *words], cwd=folder, env=kept | variables, capture_output=True, text=True, check=False
    )


def test_its_tests_run_as_the_workflow_file_says(python: Path, repository: Path) -> None:
    (command,) = (step["run"] for step in job()["steps"] if step.get("run", "").startswith("python"))
    done = type_in(repository, python, command, STACK=job()["env"]["STACK"], ASYNC_RETRIES="0")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 passed" in done.stdout


def test_its_settings_are_in_its_own_folder(python: Path, repository: Path) -> None:
    (repository / ".env").write_text("STACK=stack\n")
    done = type_in(repository, python, "python -m bootstrap check")
    assert (done.returncode, done.stdout) == (0, "stack: nothing is wrong\n"), done.stderr


def test_whoever_does_not_ask_for_the_fixtures_has_nothing_loaded(python: Path, tmp_path: Path) -> None:
    (tmp_path / "test_nothing.py").write_text(
        "import sys\n\ndef test_nothing():\n    assert not {'bootstrap', 'boto3', 'botocore'} & {*sys.modules}\n"
    )
    done = type_in(tmp_path, python, "python -m pytest -p no:anyio", STACK="there.is.none")
    assert done.returncode == 0, done.stdout
