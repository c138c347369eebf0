"""Lambda's limits, as a function meets them: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html."""

import base64
import json
import re
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from emulator.environments import environment as environment_module
from emulator.environments import fork_server
from emulator.environments.environment import Environment
from emulator.environments.isolation import TEMPORARY_FOLDER
from emulator.server import Server
from testkit.waiting import wait_for
from tests.emulator.conftest import Announcements, MakeEnvironment, answer, error, invoke, process
from tests.emulator.environments.test_lambda_service import Account

MEGABYTE = 1024 * 1024
KILLED = "RequestId: request-1 Error: Runtime exited with error: signal: killed"


@pytest.fixture(scope="module")
def account(localstack: Server) -> Account:
    return Account(localstack)


@pytest.fixture(scope="module")
def function(account: Account) -> Iterator[str]:
    account.create("limited")
    yield "limited"
    account.functions.delete_function(FunctionName="limited")


@pytest.mark.parametrize(
    ("do", "event"),
    [
        ("hold_and_wait", {"megabytes": 200}),
        ("hold", {"megabytes": 200}),
        ("hold", {"megabytes": 200, "in_child": True}),
        ("hold", {"megabytes": 200, "in_child": True, "new_session": True}),
    ],
    ids=["for long", "for a moment", "in a child", "in a session of its own"],
)
def test_more_memory_than_the_function_has_ends_it_as_lambda_words_it(
    environment: Environment, do: str, event: dict[str, object]
) -> None:
    outcome = invoke(environment, do, **event)
    assert error(outcome) == {"errorType": "Runtime.ExitError", "errorMessage": KILLED}
    assert f"{KILLED}\nRuntime.ExitError\n" in outcome.log
    assert "Memory Size: 128 MB\tMax Memory Used: 128 MB\t" in outcome.log
    assert "Status: error\tError Type: Runtime.ExitError" in outcome.log


def test_what_a_killed_environment_had_is_known_while_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    killed: list[int] = []
    used = iter(((200, 1), (10, 1)))
    monkeypatch.setattr(fork_server, "usage", lambda _keeper: next(used))
    monkeypatch.setattr("os.kill", lambda process, _signal: killed.append(process))
    order: Any = {"memory_bytes": 128, "storage_bytes": 128}
    with socket.socket() as channel:
        environment = fork_server.Environment(1, channel, order, isolated=True)
        environment.check()
        environment.check()
    assert environment.memory_seen == 200
    assert killed


def test_after_too_much_memory_the_next_invocation_starts_afresh(environment: Environment) -> None:
    invoke(environment, "hold", megabytes=200)
    assert answer(invoke(environment, "count"))["calls"] == 1


def test_as_much_memory_as_the_function_has_is_its_own(environment: Environment) -> None:
    outcome = invoke(environment, "hold", megabytes=50)
    assert answer(outcome) == 50 * MEGABYTE
    used = re.search(r"Max Memory Used: (\d+) MB", outcome.log)
    assert used
    assert 50 < int(used[1]) < 128


def test_the_report_of_an_exit_tells_the_memory_that_was_used(environment: Environment) -> None:
    used = re.search(r"Max Memory Used: (\d+) MB", invoke(environment, "leave", code=1).log)
    assert used
    assert 0 < int(used[1]) < 128


def test_a_function_has_1024_open_files_and_a_folder_that_only_it_can_read(environment: Environment) -> None:
    limits = answer(invoke(environment, "limits"))
    assert limits["open files"] == [1024, 1024]
    assert limits["file mode"] == 0o600
    assert limits["folder"] == TEMPORARY_FOLDER


def test_all_files_of_the_temporary_folder_have_512_megabytes_together(environment: Environment) -> None:
    assert answer(invoke(environment, "fill_storage", files=2, megabytes=255)) is None
    reported = error(invoke(environment, "fill_storage", files=2, megabytes=257))
    assert reported["errorMessage"] == "[Errno 28] No space left on device"


def test_a_function_that_starts_more_than_1024_threads_and_processes_is_ended(
    make_environment: MakeEnvironment,
) -> None:
    outcome = invoke(make_environment(memory_megabytes=1024), "start_threads", number=1100)
    assert error(outcome) == {"errorType": "Runtime.ExitError", "errorMessage": KILLED}


def test_a_fork_server_outlives_environments_that_end_just_when_they_are_killed(
    make_environment: MakeEnvironment,
) -> None:
    environments = [make_environment() for _ in range(3)]
    processes = [process(one) for one in environments]
    server = processes[0].parents()[1]
    server.suspend()
    for environment, ending in zip(environments, processes, strict=True):
        ending.kill()
        assert environment._runtime
        environment._runtime._process._channel.shutdown(socket.SHUT_WR)
    server.resume()
    assert server in process(make_environment()).parents()


def test_a_line_that_is_too_long_for_an_event_of_the_log_goes_on_in_the_next(environment: Environment) -> None:
    log = invoke(environment, "say_much", lines=1, characters=MEGABYTE).log
    lines = log.splitlines()[1:-2]
    assert len(lines) == 4
    assert all(len(line.encode()) <= MEGABYTE - 27 for line in lines)
    assert "".join(lines) == "€" * MEGABYTE


def test_much_output_is_logged_whole_by_each_invocation(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment_module, "LOG_KEPT_BYTES", 1000)
    for lines in (3, 50, 2):
        log = invoke(environment, "say_much", lines=lines, characters=100).log
        assert log.splitlines()[1:-2] == ["€" * 100] * lines
    assert len(environment.output()) < 1000


def test_output_of_ten_megabytes_is_in_cloudwatch_logs_and_its_end_in_the_answer(
    account: Account, function: str
) -> None:
    event = json.dumps({"do": "say_much", "lines": 4, "characters": 10 * MEGABYTE // 12})
    response = account.functions.invoke(FunctionName=function, Payload=event, LogType="Tail")
    assert json.load(response["Payload"]) is None
    assert len(base64.b64decode(response["LogResult"])) == 4096
    wait_for("the log", lambda: any("REPORT" in message for message in account.log_messages(function)))
    written = "".join(account.log_messages(function))
    assert written.count("€") == 10 * MEGABYTE // 12 * 4


def test_an_event_of_six_megabytes_is_handled_and_no_larger(account: Account, function: str) -> None:
    frame = len(json.dumps({"do": "echo", "text": ""}))
    assert account.invoke(function, "echo", text="x" * (6 * MEGABYTE - frame))["text"].startswith("xxx")
    with pytest.raises(
        ClientError, match=r"RequestEntityTooLargeException.*must be smaller than 6291456 bytes for the"
    ):
        account.invoke(function, "echo", text="x" * (6 * MEGABYTE - frame + 1))


def test_an_event_for_later_may_have_one_megabyte_and_no_more(
    account: Account, function: str, announcements: Announcements
) -> None:
    event = {"do": "wait", "seconds": 0, "announce_to": announcements.address}
    payload = json.dumps(event).ljust(MEGABYTE)
    account.functions.invoke(FunctionName=function, InvocationType="Event", Payload=payload)
    wait_for("the invocation", announcements.heard)
    with pytest.raises(ClientError, match=r"1048577 byte payload is too large .* \(limit 1048576 bytes\)"):
        account.functions.invoke(FunctionName=function, InvocationType="Event", Payload=payload + " ")
