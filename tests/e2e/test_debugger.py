"""A debugger looks into a function in the middle of a run, and nothing of the run gives up meanwhile."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bootstrap import deploy
from bootstrap.clients import Clients
from bootstrap.settings import PROJECT, load_settings
from emulator.debugging.asking import Debugged, debuggers
from emulator.options import debug_options, options_of
from emulator.ports import ServerError
from emulator.server import Server
from scripts import sandbox as sandbox_command
from testkit.ports import free_port
from testkit.waiting import wait_for, wait_until_in_use
from tests.debug_adapter import DebugAdapter, attached, line_of
from tests.e2e.conftest import clients_of
from tests.e2e.runs import Runs
from tests.emulator.repairs.states.conftest import Machines

TIMEOUT_SECONDS = 2
FUNCTION, HANDLER = "processSingle", "handlers/process_single.py"
LINE = line_of(PROJECT / HANDLER, "key = basic_key(")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A LocalStack in which one function takes a debugger."""
    options = options_of(load_settings()) | debug_options({FUNCTION: free_port()})
    with Server(tmp_path_factory.mktemp("debugged"), free_port()).running(options) as server:
        yield server


@pytest.fixture(scope="module")
def sandbox(server: Server) -> Clients:
    """The cookies in it; the function, and a state that waits, give up after two seconds."""
    found = clients_of(server.endpoint_url)
    clients = Clients(replace(found.settings, task_timeout_seconds=TIMEOUT_SECONDS))
    deploy.up(clients, on_change=lambda _change: None)
    clients.lambda_.update_function_configuration(FunctionName=FUNCTION, Timeout=TIMEOUT_SECONDS)
    wait_until_in_use(clients.lambda_, FUNCTION)
    return clients


def state(server: Server) -> Debugged:
    (found,) = debuggers(server.port)
    return found


def wait_longer_than_the_timeout() -> None:
    enough = datetime.now(UTC) + timedelta(seconds=TIMEOUT_SECONDS + 1)
    wait_for("more time than there is", lambda: datetime.now(UTC) > enough)


def test_a_run_succeeds_whose_handler_was_looked_into_for_longer_than_anything_may_take(
    server: Server, sandbox: Clients
) -> None:
    with attached(state(server).port, PROJECT, {HANDLER: [LINE]}) as debugger:
        runs = Runs(sandbox)
        job = runs.start(people=2)
        stopped = debugger.event("stopped")
        thread = stopped["threadId"]
        frame = debugger.frame(thread)
        assert (frame["source"]["path"], frame["line"]) == (str(PROJECT / HANDLER), LINE)
        looked_at = [debugger.variables(frame["id"])["name"]]
        wait_for("the other invocation to wait for its turn", lambda: state(server).waiting)
        assert "one is attached, nothing times out, invocations that wait for their turn: 1" in str(state(server))
        wait_longer_than_the_timeout()
        debugger.request("next", threadId=thread)
        frame = debugger.frame(debugger.event("stopped")["threadId"])
        assert (frame["line"], "basic-" in debugger.variables(frame["id"])["key"]) == (LINE + 1, True)
        debugger.request("continue", threadId=thread)
        frame = debugger.frame(debugger.event("stopped")["threadId"])
        looked_at.append(debugger.variables(frame["id"])["name"])
        debugger.request("continue", threadId=thread)
        run = runs.finish(job)
    assert runs.status(run.execution) == "SUCCEEDED"
    assert sorted(looked_at) == sorted(repr(name) for name in run.report["names"])
    wait_for("the debugger to be detached", lambda: not state(server).attached)
    said = server.log.read_text()
    assert f"{FUNCTION}: a debugger is attached, nothing times out" in said
    assert f"{FUNCTION} takes a debugger: an invocation waits until the one before it has ended" in said


@pytest.mark.parametrize(
    ("of_task", "of_machine"),
    [({"TimeoutSeconds": 1}, {}), ({"HeartbeatSeconds": 1}, {}), ({}, {"TimeoutSeconds": 1})],
    ids=["timeout", "heartbeat", "machine"],
)
def test_a_state_that_waits_gives_up_when_the_debugger_is_detached_and_not_before(
    server: Server, sandbox: Clients, of_task: dict[str, int], of_machine: dict[str, int]
) -> None:
    assert sandbox
    machines = Machines(server.endpoint_url)
    with attached(state(server).port, PROJECT):
        execution = machines.start(machines.make(machines.task(**of_task), **of_machine))
        wait_longer_than_the_timeout()
        assert machines.api.describe_execution(executionArn=execution)["status"] == "RUNNING"
    assert machines.end(execution)["status"] in {"FAILED", "TIMED_OUT"}


def test_the_port_outlives_an_update_of_the_function(server: Server, sandbox: Clients) -> None:
    debugger = DebugAdapter(state(server).port)
    debugger.attach(PROJECT)
    sandbox.lambda_.update_function_configuration(FunctionName=FUNCTION, MemorySize=300)
    wait_until_in_use(sandbox.lambda_, FUNCTION)
    assert debugger.event("terminated") == {"restart": True}
    debugger.close()
    with attached(state(server).port, PROJECT):
        assert Runs(sandbox).run(people=1).report["numberOfPeople"] == 1


def test_status_says_who_takes_a_debugger_and_whether_one_is_attached(
    server: Server, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sandbox_command, "FOLDER", server.log.parent)
    wait_for("the last debugger to be detached", lambda: not state(server).attached)
    assert sandbox_command.main(["status"]) == 0
    line = f"{FUNCTION} takes a debugger on 127.0.0.1:{state(server).port}: none is attached"
    assert line in capfd.readouterr().out.splitlines()


def test_a_sandbox_that_runs_without_debuggers_is_not_taken_for_one_with_them(server: Server) -> None:
    sandbox_command.require_debuggers(server, {FUNCTION: state(server).port})
    with pytest.raises(ServerError, match="was started without --debug sideEffect: stop it with"):
        sandbox_command.require_debuggers(server, {"sideEffect": 1})


@pytest.mark.parametrize(
    ("variables", "words", "said"),
    [
        ({}, ["procesSingle"], "has no such function; did you mean processSingle?"),
        ({"DEBUG_PORTS": "5678-5679"}, ["all"], "DEBUG_PORTS has 2 ports for 5 functions that take a debugger"),
        ({"DEBUG_PORTS": "5678"}, ["all"], "DEBUG_PORTS is '5678': give the first and the last, such as"),
    ],
)
def test_what_cannot_be_debugged_is_said_in_one_line(
    variables: dict[str, str],
    words: list[str],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert sandbox_command.main(["up", "--debug", *words]) == 2
    (line,) = capfd.readouterr().err.splitlines()
    assert said in line
