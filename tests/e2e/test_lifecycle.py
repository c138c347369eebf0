"""Sandboxes without Docker are started, found, told apart and stopped, also at once and at a bad moment."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import psutil
import pytest

from bootstrap.checkout import IDENTITY_PATH, ask
from bootstrap.settings import PROJECT
from emulator.processes import RecordedProcess
from emulator.server import Server
from scripts import run_once
from scripts import sandbox as sandbox_command
from testkit.ports import free_port
from testkit.waiting import wait_for

# A command with another folder for its records.
IN_FOLDER = """
import runpy, sys
from pathlib import Path
from scripts import sandbox
sandbox.FOLDER = Path(sys.argv.pop(1))
module = sys.argv.pop(1)
sys.exit(sandbox.main()) if module == "scripts.sandbox" else runpy.run_module(module, run_name="__main__")
"""
OTHERS = {"checkout": "/home/them/project", "pid": 17, "project": None, "stack": None}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The commands' folder, with ports of the test's own; what runs there in the end is stopped."""
    folder = tmp_path / "state"
    monkeypatch.setattr(sandbox_command, "FOLDER", folder)
    monkeypatch.setenv("SANDBOX_PORT", str(free_port()))
    monkeypatch.setenv("OBSERVATORY_PORT", str(free_port()))
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    yield folder
    sandbox_command.main(["down"])


def begin(folder: Path, module: str, *arguments: str) -> subprocess.Popen[str]:
    """Type a command, and do not wait for it."""
    return subprocess.Popen(
        [sys.executable, "-u", "-c", IN_FOLDER, str(folder), module, *arguments],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def those_of(folder: Path) -> list[psutil.Process]:
    """All LocalStacks and observatories on the test's ports."""
    ports = {os.environ["OBSERVATORY_PORT"], os.environ["SANDBOX_PORT"]}
    found = []
    for process in psutil.process_iter():
        try:
            variables = process.environ()
            words = process.cmdline()
        except psutil.Error:
            continue
        ours = str(folder) in variables.get("TMPDIR", "") or variables.get("OBSERVATORY_PORT") in ports
        if ours and ("localstack.runtime.main" in words or "observatory.web" in words):
            found.append(process)
    return found


def test_up_twice_at_once_gives_one_sandbox_that_down_stops(folder: Path) -> None:
    commands = [begin(folder, "scripts.sandbox", "up") for _number in range(2)]
    said = [command.communicate()[0] for command in commands]
    assert [command.returncode for command in commands] == [0, 0], said
    assert any("waiting for process" in each for each in said), said
    assert len(those_of(folder)) == 2
    assert sandbox_command.main(["down"]) == 0
    assert not those_of(folder)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_up_right_after_the_end_of_make_run_has_a_sandbox_that_lasts(folder: Path, number: int) -> None:
    with begin(folder, "scripts.run_once", "--people", "400") as run:
        assert run.stdout
        assert any(line.startswith("reached ProcessMultiple") for line in run.stdout)
        (dying,) = those_of(folder)
        run.send_signal(number)
        assert sandbox_command.main(["up"]) == 0
    server = Server.find(folder)
    assert server
    assert (server.process() == dying, server.parent()) == (False, None)
    wait_for("its answer", server.is_ready)


def test_make_run_beside_a_running_sandbox_is_a_run_in_that(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert sandbox_command.main(["up"]) == 0
    server = Server.find(folder)
    assert server
    process = server.process()
    assert run_once.main(["--people", "1"]) == 0
    assert f"the sandbox on {server.endpoint_url} runs already" in capfd.readouterr().err
    assert server.process() == process


def test_one_that_hangs_is_replaced(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emulator.server.LONGEST_SILENCE_SECONDS", 1)
    server = Server(folder, int(os.environ["SANDBOX_PORT"]))
    server.start(with_parent=False)
    process = server.process()
    assert process
    process.suspend()
    assert sandbox_command.find_lasting_server() is None
    wait_for("the end of it", lambda: not those_of(folder))


def test_a_sandbox_says_whose_it_is(localstack: Server) -> None:
    process, sandbox = localstack.process(), ask(localstack.port)
    assert process
    assert sandbox
    assert (sandbox.checkout, sandbox.pid, sandbox.project) == (PROJECT, process.pid, None)
    assert sandbox.is_ours


def test_what_another_process_answers_at_its_port_is_not_its_answer(localstack: Server, tmp_path: Path) -> None:
    RecordedProcess(tmp_path / "localstack.json").remember(os.getpid(), localstack.port)
    found = Server.find(tmp_path)
    assert found
    assert not found.is_ready()


@pytest.fixture
def foreign_port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The port of what says that it is the sandbox of another checkout, as the settings have it."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the standard library's name for it
            assert self.path == IDENTITY_PATH
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(OTHERS).encode())

        def log_message(self, format: str, *args: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
        monkeypatch.setenv("SANDBOX_PORT", str(server.server_port))
        yield server.server_port
        server.shutdown()


@pytest.mark.parametrize(
    "words",
    [
        *(["-m", "bootstrap", command] for command in ("up", "diff", "down", "outputs", "watch")),
        ["scripts/start_run.py"],
        ["scripts/explain.py"],
        ["-m", "observatory.web"],
    ],
    ids=" ".join,
)
def test_every_command_stops_at_the_sandbox_of_another_checkout(words: list[str], foreign_port: int) -> None:
    done = subprocess.run([sys.executable, *words], cwd=PROJECT, capture_output=True, text=True, check=False)
    (line,) = done.stderr.splitlines()
    assert f"http://127.0.0.1:{foreign_port} is the sandbox of /home/them/project (pid 17): set SANDBOX_PORT" in line
    assert (done.returncode, done.stdout) == (2, "")


def test_status_and_up_name_the_other_sandbox(
    foreign_port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sandbox_command, "FOLDER", tmp_path)
    monkeypatch.setenv("OBSERVATORY_PORT", str(free_port()))
    assert sandbox_command.main(["status"]) == 1
    assert f"http://127.0.0.1:{foreign_port} is the sandbox of /home/them/project (pid 17)" in capfd.readouterr().out
    assert sandbox_command.main(["up"]) == 2
    assert f"port {foreign_port} on 127.0.0.1 is taken by the sandbox of /home/them/project" in capfd.readouterr().err
