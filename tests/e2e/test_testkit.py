"""What the fixtures of the pytest plugin give a test, and what they leave to the next one."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bootstrap.clients import Clients
from observatory.saved.file import read
from testkit.workflow import Workflow

FAILS = """
def test_that_fails(workflow):
    workflow.run({"people": 0})
    assert False
"""


def test_a_run_is_waited_for_with_its_output_its_events_and_its_objects(workflow: Workflow) -> None:
    run = workflow.start({"people": 2, "seed": "testkit"})
    asked = run.event("getUserProfile", stateName="ProcessSingle")
    run.event("done", name=asked.detail["name"])
    report = run.object("0-cookies.json")
    assert run.output["totalCookiesConsumed"] == report["totalCookiesConsumed"]
    assert (run.status, run.error) == ("SUCCEEDED", None)
    assert f"final-{asked.detail['name']}.json" in run.objects()
    assert next(event.id for event in run.events()) == run.job
    assert {one.function for one in run.story().invocations} >= {"getMultiple", "processSingle"}


def test_a_test_begins_without_what_the_last_one_left(workflow: Workflow) -> None:
    machine = workflow.clients.arns.machine("EventdrivenMachine")
    assert workflow.clients.states.list_executions(stateMachineArn=machine)["executions"] == []


def test_a_broken_function_fails_its_run_until_it_is_mended(workflow: Workflow) -> None:
    workflow.break_function("getMultiple")
    run = workflow.run({"people": 1})
    assert run.status == "FAILED"
    assert json.loads(run.cause or "")["message"] == "broken by a test"
    with pytest.raises(AssertionError, match=r"FAILED: RuntimeError: .*broken by a test"):
        _ = run.output
    workflow.mend()
    assert workflow.run({"people": 1}).output["numberOfPeople"] == 1


def test_frozen_functions_still_do_their_work(workflow: Workflow) -> None:
    workflow.freeze()
    reports = [workflow.run({"people": 2, "seed": "frozen"}).object("0-cookies.json") for _run in range(2)]
    assert reports[0] == reports[1]


def test_a_function_that_the_stack_does_not_have_cannot_be_broken(workflow: Workflow) -> None:
    with pytest.raises(ValueError, match="no function 'getMany': give one of getMultiple, "):
        workflow.break_function("getMany")


def test_an_event_that_does_not_come_fails_the_test_and_is_named(
    workflow: Workflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = workflow.run({"people": 0})
    run.wait()
    monkeypatch.setattr("testkit.workflow.wait_for.__defaults__", (0.5,))
    with pytest.raises(AssertionError, match=f"an event getUserProfile name='Ann' of run {run.job}: not within"):
        run.event("getUserProfile", name="Ann")


def test_the_sandbox_of_a_failed_test_is_kept_as_a_file(sandbox: Clients, tmp_path: Path) -> None:
    (tmp_path / "test_failing.py").write_text(FAILS)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--save-sandbox", "kept", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        env=os.environ | {"AWS_ENDPOINT_URL": str(sandbox.settings.endpoint_url)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "the sandbox is saved: kept/test_that_fails.zip" in done.stdout
    assert read(tmp_path / "kept" / "test_that_fails.zip").executions
