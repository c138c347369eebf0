"""A debugger looks into a function, and nothing ends what is looked at."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from emulator.debugging.port import DebugPort
from emulator.environments.environment import Environment, Outcome
from emulator.environments.fork_server import MODE_FORK, MODE_SPAWN
from emulator.environments.launcher import Launcher
from emulator.environments.runtime import FunctionSettings
from emulator.gateway.peers import Peers
from tests.debug_adapter import DebugAdapter, DetachedError, attached, line_of
from tests.emulator.conftest import FUNCTIONS, answer, error, invoke

TIMEOUT_SECONDS = 2.0
LONGER_SECONDS = 2.5


@pytest.fixture(scope="module")
def debug_launcher() -> Iterator[Launcher]:
    launcher = Launcher(with_debugger=True)
    yield launcher
    launcher.stop()


@pytest.fixture(params=["in an interpreter of its own", "in full view of the machine"])
def other_launcher(request: pytest.FixtureRequest) -> Iterator[Launcher]:
    is_spawned = request.param == "in an interpreter of its own"
    launcher = Launcher(MODE_SPAWN if is_spawned else MODE_FORK, with_debugger=True)
    if not is_spawned:
        Path(launcher._folder.name, "root").rmdir()
    yield launcher
    launcher.stop()


@pytest.fixture
def port() -> DebugPort:
    return DebugPort("pauses", ("127.0.0.1", 0))


@contextmanager
def started(launcher: Launcher, port: DebugPort, folder: Path) -> Iterator[Environment]:
    """An environment that takes a debugger, of a function that may take half a second."""
    settings = FunctionSettings("pauses.lambda_handler", FUNCTIONS, {}, TIMEOUT_SECONDS, 256, debug_port=port)
    environment = Environment(settings, launcher, folder / "environment")
    environment.start()
    yield environment
    environment.stop()


@pytest.fixture
def environment(debug_launcher: Launcher, port: DebugPort, tmp_path: Path) -> Iterator[Environment]:
    with started(debug_launcher, port, tmp_path) as environment:
        yield environment


class Invoking(threading.Thread):
    """An invocation in a thread of its own."""

    def __init__(self, environment: Environment, **event: Any) -> None:
        super().__init__(daemon=True)
        self._environment = environment
        self._event = event
        self._outcome: Outcome | None = None
        self.start()

    def run(self) -> None:
        self._outcome = invoke(self._environment, "", **self._event)

    def outcome(self) -> Outcome:
        self.join(20)
        assert self._outcome
        return self._outcome


FILE = FUNCTIONS / "pauses.py"
HALVED = line_of(FILE, "halved = doubled")


def test_it_stops_shows_variables_steps_and_goes_on_after_more_than_the_timeout(
    environment: Environment, port: DebugPort
) -> None:
    with attached(port.port, FUNCTIONS, {"pauses.py": [HALVED]}) as debugger:
        invoking = Invoking(environment, number=21)
        stopped = debugger.event("stopped")
        frame = debugger.frame(stopped["threadId"])
        assert (stopped["reason"], frame["source"]["path"], frame["line"]) == ("breakpoint", str(FILE), HALVED)
        assert debugger.variables(frame["id"])["doubled"] == "42"
        invoking.join(LONGER_SECONDS)
        debugger.request("next", threadId=stopped["threadId"])
        frame = debugger.frame(debugger.event("stopped")["threadId"])
        assert (frame["line"], debugger.variables(frame["id"])["halved"]) == (HALVED + 1, "10.5")
        debugger.request("continue", threadId=stopped["threadId"])
        assert answer(invoking.outcome()) == {"halved": 10.5}


def test_it_stops_in_whatever_way_the_function_is_started(
    other_launcher: Launcher, port: DebugPort, tmp_path: Path
) -> None:
    with (
        started(other_launcher, port, tmp_path) as environment,
        attached(port.port, FUNCTIONS, {"pauses.py": [HALVED]}) as debugger,
    ):
        invoking = Invoking(environment, number=1)
        thread = debugger.event("stopped")["threadId"]
        assert debugger.frame(thread)["source"]["path"] == str(FILE)
        debugger.request("continue", threadId=thread)
        answer(invoking.outcome())


def test_who_leaves_without_a_word_lets_it_go_on(environment: Environment, port: DebugPort) -> None:
    debugger = DebugAdapter(port.port)
    debugger.attach(FUNCTIONS, {"pauses.py": [HALVED]})
    invoking = Invoking(environment, number=2)
    debugger.event("stopped")
    debugger.close()
    assert answer(invoking.outcome()) == {"halved": 1}


def test_once_it_is_detached_the_timeout_counts_again(environment: Environment, port: DebugPort) -> None:
    debugger = DebugAdapter(port.port)
    debugger.attach(FUNCTIONS, {"pauses.py": [HALVED]})
    invoking = Invoking(environment, number=1, wait=60)
    debugger.event("stopped")
    invoking.join(LONGER_SECONDS)
    assert invoking.is_alive()
    debugger.close()
    assert error(invoking.outcome())["errorType"] == "Sandbox.Timedout"


def test_a_debugger_can_be_attached_again_also_to_what_came_after_an_end(
    environment: Environment, port: DebugPort
) -> None:
    for number in range(2):
        with attached(port.port, FUNCTIONS):
            assert answer(invoke(environment, "", number=number)) == {"halved": number / 2}
    debugger = DebugAdapter(port.port)
    debugger.attach(FUNCTIONS)
    invoke(environment, "", number=1, leave=True)
    assert debugger.event("terminated") == {"restart": True}
    debugger.close()
    invoking = Invoking(environment, number=4)
    with attached(port.port, FUNCTIONS):
        assert answer(invoking.outcome()) == {"halved": 2}


def test_breakpoint_stops_in_the_debugger_and_is_a_line_without_one(environment: Environment, port: DebugPort) -> None:
    outcome = invoke(environment, "", number=1, stop_here=True)
    assert "no debugger is attached; the function goes on" in outcome.log
    with attached(port.port, FUNCTIONS) as debugger:
        invoking = Invoking(environment, number=1, stop_here=True)
        thread = debugger.event("stopped")["threadId"]
        assert debugger.frame(thread)["source"]["path"] == str(FILE)
        debugger.request("continue", threadId=thread)
        answer(invoking.outcome())


def test_what_a_handler_raises_stops_where_it_is_raised(environment: Environment, port: DebugPort) -> None:
    with attached(port.port, FUNCTIONS) as debugger:
        invoking = Invoking(environment, number=1, by=0)
        stopped = debugger.event("stopped")
        assert (stopped["reason"], debugger.frame(stopped["threadId"])["line"]) == ("exception", HALVED)
        assert debugger.request("exceptionInfo", threadId=stopped["threadId"])["exceptionId"] == "ZeroDivisionError"
        debugger.request("continue", threadId=stopped["threadId"])
        reported = error(invoking.outcome())
    assert reported["errorType"] == "ZeroDivisionError"
    assert len(reported["stackTrace"]) == 1


def test_a_second_debugger_and_what_speaks_no_protocol_are_sent_away(
    environment: Environment, port: DebugPort, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("emulator.debugging.port.LEAVING_SECONDS", 0.1)
    with attached(port.port, FUNCTIONS):
        second = DebugAdapter(port.port)
        with pytest.raises((DetachedError, ConnectionError)):
            second.request("initialize", adapterID="debugpy")
    with socket.create_connection(("127.0.0.1", port.port), timeout=20) as browser:
        browser.sendall(b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}")
        with suppress(ConnectionResetError):  # as it has not read all
            assert not browser.recv(1)


def test_another_user_of_the_machine_is_sent_away(monkeypatch: pytest.MonkeyPatch) -> None:
    port = DebugPort("pauses", ("127.0.0.1", 0), Peers())
    monkeypatch.setattr(Peers, "uid", lambda *_: os.getuid() + 1)
    with socket.create_connection(("127.0.0.1", port.port), timeout=20) as other:
        assert not other.recv(1)


def test_a_module_of_the_functions_own_is_not_hidden_by_the_debugger(
    debug_launcher: Launcher, port: DebugPort, tmp_path: Path
) -> None:
    code = tmp_path / "code"
    code.mkdir()
    (code / "app.py").write_text("import bdb, debugpy\ndef handler(*_): return [bdb.OWN, debugpy.OWN]\n")
    for name in ("bdb", "debugpy"):
        (code / f"{name}.py").write_text("OWN = True\n")
    settings = FunctionSettings("app.handler", code, {}, 20, 256, debug_port=port)
    environment = Environment(settings, debug_launcher, tmp_path / "environment")
    environment.start()
    outcome, log = invoke(environment, ""), environment.output()
    environment.stop()
    assert answer(outcome) == [True, True]
    assert "no debugger can be attached to this function" in log
