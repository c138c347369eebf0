"""An environment behaves as Lambda's do."""

import os
import re
import threading
from pathlib import Path

import psutil
import pytest

from emulator.environments.environment import Environment
from emulator.environments.fork_server import MODE_FORK
from emulator.environments.launcher import Launcher
from emulator.environments.runtime import FunctionSettings
from testkit.waiting import wait_for
from tests.emulator.conftest import FUNCTIONS, Announcements, MakeEnvironment, answer, error, invoke, process


def test_the_handlers_answer_is_the_response(environment: Environment) -> None:
    assert answer(invoke(environment, "echo", name="Ann Lee", ü="€")) == {"name": "Ann Lee", "ü": "€"}


def test_an_environment_is_reused(environment: Environment) -> None:
    first, second = answer(invoke(environment, "count")), answer(invoke(environment, "count"))
    assert (first["calls"], second["calls"]) == (1, 2)
    assert first["loaded"] == second["loaded"]


def test_each_environment_loads_its_own_modules(make_environment: MakeEnvironment) -> None:
    one, other = make_environment(), make_environment()
    invoke(one, "count")
    assert answer(invoke(other, "count"))["calls"] == 1


def test_a_functions_garbage_is_collected(environment: Environment) -> None:
    assert answer(invoke(environment, "garbage_collection"))["enabled"]


def test_what_environments_share_is_left_out_when_garbage_is_collected(tmp_path: Path) -> None:
    launcher = Launcher(MODE_FORK)
    environment = Environment(FunctionSettings("app.lambda_handler", FUNCTIONS, {}, 20, 128), launcher, tmp_path / "e")
    try:
        environment.start()
        assert answer(invoke(environment, "garbage_collection"))["left out"] > 0
    finally:
        environment.stop()
        launcher.stop()


def test_an_exception_is_reported_with_its_type_message_and_stack(environment: Environment) -> None:
    outcome = invoke(environment, "fail", message="no such person")
    reported = error(outcome)
    assert (reported["errorType"], reported["errorMessage"]) == ("ValueError", "no such person")
    assert reported["requestId"] == "request-1"
    assert "in fail" in reported["stackTrace"][-1]
    assert "[ERROR] ValueError: no such person" in outcome.log


def test_an_exception_leaves_the_environment_in_use(environment: Environment) -> None:
    invoke(environment, "fail", message="once")
    assert answer(invoke(environment, "count"))["calls"] == 2


@pytest.mark.parametrize(
    ("do", "event", "reason"),
    [
        ("leave", {"code": 0}, "Runtime exited without providing a reason"),
        ("leave", {"code": 7}, "Runtime exited with error: exit status 7"),
        ("crash", {"name": "SIGSEGV"}, "Runtime exited with error: signal: segmentation fault"),
        ("crash", {"name": "SIGKILL"}, "Runtime exited with error: signal: killed"),
    ],
)
def test_an_exit_is_reported_as_lambda_words_it(
    environment: Environment, do: str, event: dict[str, object], reason: str
) -> None:
    outcome = invoke(environment, do, **event)
    message = f"RequestId: request-1 Error: {reason}"
    assert error(outcome) == {"errorType": "Runtime.ExitError", "errorMessage": message}
    assert f"{message}\nRuntime.ExitError\n" in outcome.log
    assert "Status: error\tError Type: Runtime.ExitError" in outcome.log


def test_after_an_exit_the_next_invocation_starts_afresh(environment: Environment) -> None:
    invoke(environment, "leave", code=1)
    outcome = invoke(environment, "count")
    assert answer(outcome)["calls"] == 1
    assert "Init Duration" in outcome.log


def test_a_timeout_kills_and_is_reported_as_lambda_words_it(make_environment: MakeEnvironment) -> None:
    environment = make_environment(timeout_seconds=6.5)
    ended = process(environment)
    outcome = invoke(environment, "wait", seconds=600)
    assert error(outcome) == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": "RequestId: request-1 Error: Task timed out after 6.50 seconds",
    }
    assert re.search(r"Z request-1 Task timed out after 6\.50 seconds\n", outcome.log)
    assert "Status: timeout" in outcome.log
    assert not ended.is_running()
    assert answer(invoke(environment, "count"))["calls"] == 1


@pytest.mark.parametrize(
    ("handler", "error_type", "message"),
    [
        (
            "unknown_import.lambda_handler",
            "Runtime.ImportModuleError",
            "Unable to import module 'unknown_import': No module named 'no_such_module'",
        ),
        ("app.no_such_handler", "Runtime.HandlerNotFound", "Handler 'no_such_handler' missing on module 'app'"),
    ],
)
def test_a_handler_that_cannot_be_loaded_is_reported(
    make_environment: MakeEnvironment, handler: str, error_type: str, message: str
) -> None:
    environment = make_environment(handler)
    for _invocation in range(2):
        outcome = invoke(environment, "echo")
        reported = error(outcome)
        assert (reported["errorType"], reported["errorMessage"]) == (error_type, message)
        assert reported["requestId"] == "", "it is not the invocation's fault"
        assert f"[ERROR] {error_type}: {message}" in outcome.log


def test_an_exit_while_loading_is_reported_with_its_output(make_environment: MakeEnvironment) -> None:
    outcome = invoke(make_environment("leaves_while_loading.lambda_handler"), "echo")
    assert error(outcome)["errorMessage"].endswith("Runtime exited with error: exit status 3")
    assert "loading\n" in outcome.log


def test_loading_that_never_ends_runs_into_the_functions_timeout(
    make_environment: MakeEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("emulator.environments.environment.INIT_TIMEOUT_SECONDS", 0.2)
    outcome = invoke(make_environment("slow_to_load.lambda_handler", timeout_seconds=0.5), "echo")
    assert error(outcome)["errorType"] == "Sandbox.Timedout"


def test_the_log_has_lambdas_lines_around_all_output(environment: Environment) -> None:
    lines = invoke(environment, "say", text="hello").log.splitlines()
    assert lines[0] == "START RequestId: request-1 Version: $LATEST"
    assert lines[1:3] == ["hello", "HELLO"]
    assert lines[3] == "END RequestId: request-1"
    assert re.fullmatch(
        r"REPORT RequestId: request-1\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\tMemory Size: 128 MB"
        r"\tMax Memory Used: [1-9]\d* MB\tInit Duration: [\d.]+ ms\t",
        lines[4],
    )
    assert len(lines) == 5


def test_a_record_of_the_log_is_one_event_however_many_lines_it_has(environment: Environment) -> None:
    events = invoke(environment, "log", message="first\nsecond").log.events
    kinds = [event.split()[0] for event in events]
    assert kinds == ["START", "before", "[WARNING]", "after", "END", "REPORT"]
    assert events[2].endswith("\trequest-1\tfirst\nsecond")


def test_a_stack_trace_is_one_event_of_the_log(environment: Environment) -> None:
    (trace,) = [event for event in invoke(environment, "fail", message="once").log.events if "[ERROR]" in event]
    assert trace.startswith("[ERROR] ValueError: once\nTraceback (most recent call last):\n")


def test_a_breakpoint_without_a_debugger_is_one_line_of_the_log(environment: Environment) -> None:
    outcome = invoke(environment, "stop_here")
    assert answer(outcome) == "went on"
    (line,) = outcome.log.events[1:-2]
    assert re.fullmatch(
        r"breakpoint\(\) in /var/task/app.py, line \d+: no debugger is attached; the function goes on", line
    )


def test_only_the_first_invocation_reports_an_init_duration(environment: Environment) -> None:
    logs = [invoke(environment, "echo").log for _invocation in range(2)]
    assert ["Init Duration" in log for log in logs] == [True, False]


def test_output_of_one_invocation_is_not_in_the_log_of_the_next(environment: Environment) -> None:
    invoke(environment, "say", text="first")
    assert "first" not in invoke(environment, "say", text="second").log


def test_nothing_of_the_host_is_in_the_environment(
    make_environment: MakeEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "the host's own")
    monkeypatch.setenv("SOME_SETTING_OF_THE_HOST", "1")
    variables = answer(invoke(make_environment(EVENT_BUS="default"), "surroundings"))["variables"]
    assert variables.pop("AWS_LAMBDA_RUNTIME_API").startswith("127.0.0.1:")
    variables.pop("_HANDLER", None)  # in LocalStack it is among the function's
    assert variables == {
        "EVENT_BUS": "default",
        "LAMBDA_RUNTIME_DIR": "/var/runtime",
        "LAMBDA_TASK_ROOT": "/var/task",
        "LANG": "en_US.UTF-8",
        "LD_LIBRARY_PATH": "/lib64:/usr/lib64:/var/runtime:/var/task:/var/task/lib:/opt/lib",
        "PATH": "/usr/local/bin:/usr/bin:/bin:/opt/bin",
        "PWD": "/var/task",
        "PYTHONPATH": "/var/runtime",
        "SHLVL": "0",
    }


def test_the_code_is_the_working_directory_and_first_to_be_imported(environment: Environment) -> None:
    seen = answer(invoke(environment, "surroundings"))
    assert seen["folder"] == "/var/task"
    assert seen["path"][0] == "/var/task"


def test_the_context_names_the_request_its_function_and_its_deadline(environment: Environment) -> None:
    seen = answer(invoke(environment, "surroundings"))
    assert seen["request"] == "request-1"
    assert seen["arn"].endswith(":function:app")
    assert 0 < seen["remaining"] <= 20_000


def test_boto3_comes_with_the_runtime(environment: Environment) -> None:
    assert answer(invoke(environment, "try_import", module="boto3")) == "/var/runtime/boto3/__init__.py"


@pytest.mark.parametrize("module", ["localstack", "emulator", "requests", "pytest"])
def test_what_lambda_does_not_have_cannot_be_imported(environment: Environment, module: str) -> None:
    assert error(invoke(environment, "try_import", module=module))["errorType"] == "ModuleNotFoundError"


def test_an_answer_over_six_megabytes_is_refused_and_the_next_invocation_starts_afresh(
    environment: Environment,
) -> None:
    outcome = invoke(environment, "answer_of", size=6 * 1024 * 1024 + 100)
    assert error(outcome) == {
        "errorType": "Function.ResponseSizeTooLarge",
        "errorMessage": "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
    }
    assert "Status: error\tError Type: Function.ResponseSizeTooLarge" in outcome.log
    assert answer(invoke(environment, "count"))["calls"] == 1


def test_an_answer_of_six_megabytes_is_passed_on(environment: Environment) -> None:
    assert len(answer(invoke(environment, "answer_of", size=6 * 1024 * 1024))) == 6 * 1024 * 1024


@pytest.mark.parametrize("new_session", [False, True])
def test_stopping_ends_what_the_function_started_and_removes_its_files(
    make_environment: MakeEnvironment, announcements: Announcements, tmp_path: Path, *, new_session: bool
) -> None:
    environment = make_environment()
    invoke(environment, "spawn", announce_to=announcements.address, new_session=new_session)
    wait_for("the child", announcements.heard)
    environment.stop()
    assert not announcements.alive()
    assert not list(tmp_path.iterdir())


def test_between_invocations_nothing_of_a_function_runs(environment: Environment) -> None:
    stopped = {psutil.STATUS_STOPPED}
    invoke(environment, "tick", new_session=True)
    runtime = process(environment)
    child = runtime.children()[0]
    wait_for("the stop", lambda: {runtime.status(), child.status()} == stopped)
    before = answer(invoke(environment, "ticks"))
    wait_for("the stop", lambda: {runtime.status(), child.status()} == stopped)
    assert answer(invoke(environment, "ticks")) >= before
    assert answer(invoke(environment, "ticks", wait_for_more=True)) > before


def test_an_environment_that_was_not_invoked_yet_is_stopped_too(environment: Environment) -> None:
    wait_for("the stop", lambda: process(environment).status() == psutil.STATUS_STOPPED)
    assert answer(invoke(environment, "count"))["calls"] == 1


def test_stopping_lets_the_invocation_in_progress_finish(
    make_environment: MakeEnvironment, announcements: Announcements
) -> None:
    environment = make_environment()
    outcomes = []
    invoking = threading.Thread(
        target=lambda: outcomes.append(invoke(environment, "wait", seconds=0.5, announce_to=announcements.address))
    )
    invoking.start()
    wait_for("the invocation", announcements.heard)
    environment.stop()
    invoking.join()
    assert answer(outcomes[0]) is None


def test_environments_end_with_the_fork_server(make_environment: MakeEnvironment, announcements: Announcements) -> None:
    environment = make_environment()
    invoke(environment, "spawn", announce_to=announcements.address, new_session=True)
    wait_for("its child", announcements.heard)
    ended = process(environment)
    server = next(parent for parent in ended.parents() if parent.ppid() == os.getpid())
    server.kill()
    wait_for("the end of the process", lambda: not ended.is_running())
    wait_for("the end of its child", lambda: not announcements.alive())
    assert error(invoke(environment, "count"))["errorType"] == "Runtime.ExitError"
    assert answer(invoke(environment, "count"))["calls"] == 1, "the fork server is started again"
