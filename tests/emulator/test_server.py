"""LocalStack as a child process: it starts, is found, stops, and leaves nothing."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from emulator.ports import ServerError
from emulator.server import Server
from testkit.ports import free_port
from testkit.waiting import wait_for

START_AND_WAIT = """
import sys, time
from pathlib import Path
from emulator.server import Server
Server(Path(sys.argv[1]), int(sys.argv[2])).start(with_parent=True)
print("started", flush=True)
time.sleep(600)
"""


def processes_of(folder: Path) -> list[psutil.Process]:
    """Whatever runs with a temporary folder below *folder*."""
    found = []
    for process in psutil.process_iter():
        try:
            if str(folder) in process.environ().get("TMPDIR", "") or str(folder) in " ".join(process.cmdline()):
                found.append(process)
        except psutil.Error:
            continue
    return found


def test_it_listens_on_loopback_only(localstack: Server) -> None:
    process = localstack.process()
    assert process
    addresses = {connection.laddr.ip for connection in process.net_connections() if connection.status == "LISTEN"}
    assert "127.0.0.1" in addresses
    assert addresses <= {"127.0.0.1", "::1"}


def test_another_command_finds_it_by_its_folder(localstack: Server) -> None:
    found = Server.find(localstack.log.parent)
    assert found
    assert found.endpoint_url == localstack.endpoint_url


def test_nothing_is_found_in_a_folder_without_one(tmp_path: Path) -> None:
    assert Server.find(tmp_path) is None


def test_it_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    port = str(free_port())
    command = [sys.executable, "-c", START_AND_WAIT, str(tmp_path), port]
    parent = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    assert parent.stdout.readline() == "started\n"
    parent.kill()
    parent.communicate()
    wait_for("the end of LocalStack", lambda: not processes_of(tmp_path))


def test_a_kill_ends_its_lambda_processes_it_starts_again_and_stopping_leaves_only_the_log(tmp_path: Path) -> None:
    server = Server(tmp_path, free_port())
    server.start(with_parent=True)
    process = server.process()
    assert process
    os.kill(process.pid, signal.SIGKILL)
    process.wait()  # a process that ends loses its name before it frees its port
    wait_for("the end of its processes", lambda: not processes_of(tmp_path))
    server.start(with_parent=False)
    wait_for("its answer", server.is_ready)
    assert processes_of(tmp_path)
    server.stop()
    assert not processes_of(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["localstack.log"]


def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(ServerError, match=rf"port {port} on 127.0.0.1 is taken .*SANDBOX_PORT"):
            Server(tmp_path, port).start(with_parent=True)


def test_of_two_that_start_at_once_on_a_port_one_says_that_the_other_has_it(tmp_path: Path) -> None:
    port = free_port()
    servers = [Server(tmp_path / name, port) for name in ("a", "b")]
    processes = [server.launch(with_parent=True) for server in servers]
    said = []
    for server, process in zip(servers, processes, strict=True):
        try:
            server.wait_until_ready(process)
        except ServerError as error:
            said.append(str(error))
    (winner,) = [process for process in processes if process.poll() is None]
    assert len(said) == 1
    assert f"port {port} on 127.0.0.1 is taken by " in said[0]
    assert f"(pid {winner.pid})" in said[0]
    for server in servers:
        server.stop()
    assert not processes_of(tmp_path)


def test_a_second_start_is_refused(localstack: Server) -> None:
    with pytest.raises(ServerError, match="already runs"), Server(localstack.log.parent, free_port()).running():
        pass
    wait_for("its answer", localstack.is_ready)


def test_a_failing_start_shows_the_end_of_the_log(tmp_path: Path) -> None:
    server = Server(tmp_path, free_port())
    with pytest.raises(ServerError, match=r"ended with status [1-9].*while starting(.|\n)*localstack\.log"):
        server.start(with_parent=True, options={"GATEWAY_SERVER": "no-such-server"})
    assert not processes_of(tmp_path)


def test_other_systems_are_pointed_to_docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.system", lambda: "Darwin")
    with pytest.raises(ServerError, match="docker compose up"):
        Server(tmp_path, free_port()).start(with_parent=True)
