"""The commands that the README shows, as they are typed."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from bootstrap.clients import Clients
from emulator.server import Server
from scripts import run_once
from scripts import sandbox as sandbox_command
from testkit.ports import free_port

PROJECT_FOLDER = Path(__file__).parents[2]


def start_run(clients: Clients, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Type `python scripts/start_run.py`."""
    return subprocess.run(
        [sys.executable, "scripts/start_run.py", *arguments],
        cwd=PROJECT_FOLDER,
        env=os.environ | {"AWS_ENDPOINT_URL": str(clients.settings.endpoint_url)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_json_is_one_object_with_the_report(sandbox: Clients) -> None:
    done = start_run(sandbox, "--people", "3", "--seed", "a", "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert list(said) == [
        "execution",
        "job",
        "status",
        "seconds",
        "people",
        "totalCookiesConsumed",
        "reportUri",
        "report",
        "machine",
        "output",
    ]
    assert (said["status"], said["people"]) == ("SUCCEEDED", 3)
    assert said["report"]["totalCookiesConsumed"] == said["totalCookiesConsumed"]
    assert said["reportUri"].endswith(f"/{said['execution']}/0-cookies.json")


def test_without_json_the_steps_the_people_and_the_report_are_shown(sandbox: Clients) -> None:
    done = start_run(sandbox, "--people", "2", "--seed", "b")
    assert done.returncode == 0, done.stderr
    for shown in ("GetMultiple", "ProcessMultiple", "PostProcessAll", "2 of 2 people", '"numberOfPeople": 2', "s3://"):
        assert shown in done.stdout
    assert "\x1b" not in done.stdout


def test_a_timeout_says_what_it_was_waiting_for(sandbox: Clients) -> None:
    done = start_run(sandbox, "--people", "1000", "--timeout", "10", "--json")
    sandbox.states.stop_execution(executionArn=json.loads(done.stdout)["execution"])
    assert done.returncode == 3
    assert "Process" in done.stderr or "GetMultiple" in done.stderr


@pytest.fixture
def own_sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """The sandbox commands, with a folder and a port of the test's own; returns the port."""
    port = free_port()
    monkeypatch.setattr(sandbox_command, "FOLDER", tmp_path / "state")
    monkeypatch.setenv("SANDBOX_PORT", str(port))
    monkeypatch.setenv("OBSERVATORY_PORT", str(free_port()))
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    return port


def test_the_sandbox_goes_up_says_so_and_goes_down(
    own_sandbox: int, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert sandbox_command.main(["status"]) == 1
    try:
        assert sandbox_command.main(["up"]) == 0
        assert sandbox_command.main(["up"]) == 0, "a second time it only bootstraps again"
        assert sandbox_command.main(["status"]) == 0
        shown = capfd.readouterr().out
        assert f"http://127.0.0.1:{own_sandbox} answers" in shown
        assert f"http://localhost:{os.environ['OBSERVATORY_PORT']} answers" in shown
        assert "unchanged" in shown
    finally:
        assert sandbox_command.main(["down"]) == 0
    assert sandbox_command.main(["status"]) == 1
    assert {path.name for path in (tmp_path / "state").iterdir()} == {"localstack.log", "lock", "observatory.log"}


@pytest.mark.parametrize("setting", ["SANDBOX_PORT", "OBSERVATORY_PORT"])
def test_a_taken_port_stops_up_before_anything_is_started(
    own_sandbox: int, setting: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert own_sandbox
    with socket.create_server(("127.0.0.1", int(os.environ[setting]))):
        assert sandbox_command.main(["up"]) == 2
    (complaint,) = capfd.readouterr().err.strip().splitlines()
    assert f"(pid {os.getpid()}) in {Path.cwd()}: stop what listens there, or set {setting}" in complaint
    assert [path.name for path in (tmp_path / "state").iterdir()] == ["lock"]


@pytest.mark.usefixtures("own_sandbox")
def test_one_run_leaves_nothing_running(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run_once.main(["--people", "2"]) == 0
    assert '"numberOfPeople": 2' in capfd.readouterr().out
    assert Server.find(tmp_path / "state") is None


@pytest.mark.parametrize("variables", [{"SANDBOX_PORT": "70000"}, {"MAP_CONCURRENCY": "none"}])
def test_a_bad_setting_is_refused_in_one_line(variables: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "scripts/sandbox.py", "up"],
        cwd=PROJECT_FOLDER,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert next(iter(variables)) in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
