"""LocalStack dies in the middle of a run: the command says so, nothing is left over, and it can be started again."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from emulator.server import Server
from scripts import sandbox as sandbox_command
from testkit.ports import free_port
from testkit.waiting import wait_for
from tests.e2e.compose import PROJECT_FOLDER, Stack, running_compose
from tests.e2e.conftest import clients_of
from tests.e2e.runs import Runs

MANY_PEOPLE = 400


@contextmanager
def followed_run(endpoint_url: str) -> Iterator[subprocess.Popen[str]]:
    """`start_run.py` in the middle of a run that takes longer than the test."""
    process = subprocess.Popen(
        [sys.executable, "-u", "scripts/start_run.py", "--people", str(MANY_PEOPLE)],
        cwd=PROJECT_FOLDER,
        env=os.environ | {"AWS_ENDPOINT_URL": endpoint_url},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout
        assert any(line.startswith("reached ProcessMultiple") for line in process.stdout)
        yield process
    finally:
        process.kill()
        process.communicate()


def assert_says_that_the_sandbox_stopped_answering(process: subprocess.Popen[str]) -> None:
    """The product itself keeps to its ten seconds: tests/unit/scripts/test_start_run.py holds it to them."""
    _output, errors = process.communicate()
    assert process.returncode == 1
    (line,) = errors.splitlines()
    assert "the sandbox stopped answering" in line
    assert "python scripts/sandbox.py up" in line


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a sandbox that is up, on ports of its own."""
    folder = tmp_path_factory.mktemp("death") / "state"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sandbox_command, "FOLDER", folder)
        for setting in ("SANDBOX_PORT", "OBSERVATORY_PORT"):
            patch.setenv(setting, str(free_port()))
        patch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
        assert sandbox_command.main(["up"]) == 0
        yield folder
        sandbox_command.main(["down"])


def localstack_of(folder: Path) -> tuple[Server, psutil.Process]:
    """The server and its process."""
    server = Server.find(folder)
    assert server
    process = server.process()
    assert process
    return server, process


def test_the_command_notices_a_kill_no_process_is_left_and_the_sandbox_goes_up_again(folder: Path) -> None:
    server, localstack = localstack_of(folder)
    with followed_run(server.endpoint_url) as run:
        started = localstack.children(recursive=True)
        assert len(started) > 1, "the fork server and at least one environment"
        os.kill(localstack.pid, signal.SIGKILL)
        assert_says_that_the_sandbox_stopped_answering(run)
    wait_for("the end of its processes", lambda: not any(process.is_running() for process in started))
    assert sandbox_command.main(["up"]) == 0
    assert Runs(clients_of(server.endpoint_url)).run(people=2).report["numberOfPeople"] == 2


def test_the_command_notices_that_the_sandbox_hangs(folder: Path) -> None:
    server, localstack = localstack_of(folder)
    with followed_run(server.endpoint_url) as run:
        localstack.suspend()
        try:
            assert_says_that_the_sandbox_stopped_answering(run)
        finally:
            localstack.resume()


def test_the_command_notices_a_kill_of_the_container_and_compose_brings_another_up() -> None:
    with running_compose() as stack:
        with followed_run(stack.endpoint_url) as run:
            stack.container.kill()
            assert_says_that_the_sandbox_stopped_answering(run)
        assert_comes_up_again(stack)


def assert_comes_up_again(stack: Stack) -> None:
    """`docker compose up --wait` gives a sandbox in which a run succeeds."""
    came_up = stack.up()
    assert came_up.returncode == 0, came_up.stderr
    assert Runs(clients_of(stack.endpoint_url)).run(people=2).report["numberOfPeople"] == 2
