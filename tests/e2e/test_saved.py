"""A sandbox that was saved is told of without it, and made again."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from bootstrap.clients import Clients
from bootstrap.settings import load_settings
from observatory.saved.answering import open_clients
from observatory.saved.file import read
from observatory.story.explanation import explain
from observatory.story.story import tell
from observatory.story.troubles import is_complete
from observatory.web.app import application
from scripts import explain as explain_command
from scripts import sandbox as sandbox_command
from testkit.ports import free_port
from testkit.waiting import wait_for
from testkit.workflow import Run, Workflow
from tests.e2e.breaking import mend

HANGS = """
import time

def lambda_handler(event, context):
    time.sleep(600)
"""


@dataclass(frozen=True)
class Told:
    """A file, and what was told of three runs before it was written."""

    file: Path
    succeeded: dict[str, Any]
    failed: dict[str, Any]
    running: dict[str, Any]


def told(clients: Clients, job: str) -> dict[str, Any]:
    """All that is told of a run, but when that was."""
    said = explain(tell(clients, clients.stack, job))
    # EventBridge lists rules in no order.
    said["consumers"].sort(key=str)
    return {name: value for name, value in said.items() if name != "told"}


@pytest.fixture(scope="module")
def saved(sandbox: Clients, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """A sandbox with a run that succeeded, one that failed and one that goes on, saved by the command."""
    workflow, file = Workflow(sandbox), tmp_path_factory.mktemp("saved") / "sandbox.zip"
    succeeded, failed = workflow.run({"people": 2}), workflow.run({"people": -1})
    wait_for("all of their stories", lambda: all(is_complete(run.story()) for run in (succeeded, failed)))
    workflow.break_function("processSingle", HANGS)
    running = workflow.start({"people": 1})
    running.event("getUserProfile")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", str(sandbox.settings.endpoint_url))
        assert sandbox_command.main(["save", str(file)]) == 0
    yield Told(file, *(told(sandbox, run.job) for run in (succeeded, failed, running)))
    sandbox.states.stop_execution(executionArn=running.arn)
    mend(sandbox)


def test_a_file_tells_what_the_sandbox_told(saved: Told) -> None:
    clients = open_clients(saved.file)
    assert told(clients, saved.succeeded["job"]) == saved.succeeded
    assert told(clients, saved.failed["job"]) == saved.failed
    assert told(clients, saved.running["job"])["execution"] == saved.running["execution"]


def test_the_command_explains_a_file(saved: Told, capsys: pytest.CaptureFixture[str]) -> None:
    assert explain_command.main([saved.failed["job"], "--from", str(saved.file)]) == 0
    assert "PeopleError" in capsys.readouterr().out
    assert explain_command.main(["nope", "--from", str(saved.file)]) == 1
    assert capsys.readouterr().err.startswith(f"explain: {saved.file} has no run 'nope'")


def test_the_pages_show_a_file_and_change_nothing_in_it(saved: Told) -> None:
    origin = "http://localhost:8080"
    with TestClient(application(open_clients(saved.file)), base_url=origin, headers={"Origin": origin}) as browser:
        runs = browser.get("/api/runs").json()["runs"]
        assert {run["job"] for run in runs} >= {saved.succeeded["job"], saved.failed["job"], saved.running["job"]}
        job = saved.succeeded["job"]
        page = browser.get(f"/api/runs/{job}").json()
        assert page["report"]["numberOfPeople"] == 2
        assert browser.get(f"/api/runs/{job}/events").json()["total"] == len(saved.succeeded["events"])
        assert browser.get("/api/architecture").status_code == 200
        refused = browser.post("/api/runs", json={})
        assert refused.status_code >= 400
        assert "this is a saved sandbox" in refused.text


@pytest.fixture
def endpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Where the commands start a sandbox, which is stopped in the end."""
    port = free_port()
    monkeypatch.setattr(sandbox_command, "FOLDER", tmp_path / "state")
    monkeypatch.setenv("SANDBOX_PORT", str(port))
    monkeypatch.setenv("OBSERVATORY_PORT", str(free_port()))
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    yield f"http://127.0.0.1:{port}"
    sandbox_command.main(["down"])


def test_another_sandbox_is_made_of_a_file(saved: Told, endpoint: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert sandbox_command.main(["up", "--from", str(saved.file)]) == 0
    assert f"{len(read(saved.file).executions)} runs are as they were" in capfd.readouterr().err
    clients = Clients(load_settings({"AWS_ENDPOINT_URL": endpoint}))
    for run in (saved.succeeded, saved.failed):
        again = told(clients, run["job"])
        assert again.pop("objects") == [{**found, "modified": now["modified"]} for found, now in _pairs(run, clients)]
        assert again == {name: value for name, value in run.items() if name != "objects"}
    stopped = told(clients, saved.running["job"])
    assert (stopped["execution"]["status"], stopped["execution"]["error"]) == ("ABORTED", "Sandbox.Saved")
    assert Run(clients, saved.succeeded["job"]).object("0-cookies.json")["numberOfPeople"] == 2
    code = clients.lambda_.get_function_configuration(FunctionName="processSingle")["CodeSize"]
    assert code == len(read(saved.file).functions["processSingle"])
    mend(clients)
    assert Workflow(clients).run({"people": 1}).status == "SUCCEEDED"
    assert sandbox_command.main(["up", "--from", str(saved.file)]) == 2
    assert "holds runs of its own" in capfd.readouterr().err


def _pairs(run: dict[str, Any], clients: Clients) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """The objects of a run with what is said of them now: each was stored anew."""
    return zip(run["objects"], told(clients, run["job"])["objects"], strict=True)


def test_nothing_that_runs_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")
    file = tmp_path / "sandbox.zip"
    assert sandbox_command.main(["save", str(file)]) == 2
    assert "nothing listens at" in capfd.readouterr().err
    assert not file.exists()
