"""Environments without LocalStack, of the functions beside this file."""

import contextlib
import json
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from emulator.environments.environment import Environment, Outcome
from emulator.environments.fork_server import MODE_FORK, MODE_SPAWN
from emulator.environments.launcher import Launcher
from emulator.environments.runtime import FunctionSettings, Invocation

FUNCTIONS = Path(__file__).parent / "functions"

MakeEnvironment = Callable[..., Environment]


class Announcements:
    """Who connected: functions see nothing of this machine but its loopback."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self._connections: dict[int, socket.socket] = {}
        threading.Thread(target=self._accept, daemon=True).start()

    def heard(self) -> set[int]:
        """The ports of all that connected."""
        return set(self._connections)

    def alive(self) -> set[int]:
        """The ports of those that still are."""
        return {port for port, connection in self._connections.items() if not self._has_ended(connection)}

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._connections.values():
            connection.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, (_host, port) = self._listener.accept()
                self._connections[port] = connection

    def _has_ended(self, connection: socket.socket) -> bool:
        try:
            return not connection.recv(1, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        except ConnectionError:
            return True


@pytest.fixture
def announcements() -> Iterator[Announcements]:
    announcements = Announcements()
    yield announcements
    announcements.close()


@pytest.fixture(scope="session", params=[MODE_FORK, MODE_SPAWN])
def launcher(request: pytest.FixtureRequest) -> Iterator[Launcher]:
    launcher = Launcher(request.param)
    yield launcher
    launcher.stop()


@pytest.fixture(scope="session")
def open_launcher() -> Iterator[Launcher]:
    """One that finds that the kernel does not let environments have a view of their own."""
    launcher = Launcher()
    Path(launcher._folder.name, "root").rmdir()
    yield launcher
    launcher.stop()


@pytest.fixture
def make_environment(launcher: Launcher, tmp_path: Path) -> Iterator[MakeEnvironment]:
    """Makes a started environment; all are stopped in the end."""
    yield from environments_of(launcher, tmp_path)


@pytest.fixture
def make_open_environment(open_launcher: Launcher, tmp_path: Path) -> Iterator[MakeEnvironment]:
    """Makes one that sees all of the machine."""
    yield from environments_of(open_launcher, tmp_path)


def environments_of(launcher: Launcher, folder: Path) -> Iterator[MakeEnvironment]:
    environments: list[Environment] = []

    def make(
        handler: str = "app.lambda_handler",
        timeout_seconds: float = 20,
        code: Path = FUNCTIONS,
        memory_megabytes: int = 128,
        **variables: str,
    ) -> Environment:
        settings = FunctionSettings(handler, code, variables, timeout_seconds, memory_megabytes)
        environment = Environment(settings, launcher, folder / f"environment-{len(environments)}")
        environments.append(environment)
        environment.start()
        return environment

    yield make
    for environment in environments:
        environment.stop()


@pytest.fixture
def environment(make_environment: MakeEnvironment) -> Environment:
    return make_environment()


def invoke(environment: Environment, do: str, **event: Any) -> Outcome:
    """Let the function do something, as request `request-1`."""
    payload = json.dumps({"do": do, **event}).encode()
    return environment.invoke(Invocation("request-1", payload, "arn:aws:lambda:us-east-1:000000000000:function:app"))


def answer(outcome: Outcome) -> Any:
    """What the function returned."""
    assert not outcome.is_error, outcome.payload
    return json.loads(outcome.payload)


def error(outcome: Outcome) -> dict[str, Any]:
    """The error that Lambda reports."""
    assert outcome.is_error
    reported: dict[str, Any] = json.loads(outcome.payload)
    return reported


def process(environment: Environment) -> psutil.Process:
    """The process in which the function runs."""
    assert environment._runtime
    return psutil.Process(environment._runtime._process.pid)
