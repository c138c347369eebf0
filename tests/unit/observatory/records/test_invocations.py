"""Invocations, read from logs as LocalStack and AWS write them."""

import json
from typing import Any

import pytest

from observatory.records.invocations import Invocation, read_invocations

HANDLING = {"message": "handling done", "eventId": "an event", "startedAt": "1970-01-01T00:00:00.250Z"}
REPORT = "Duration: 59.76 ms\tBilled Duration: 861 ms\tMemory Size: 256 MB\tMax Memory Used: 52 MB\t"


def log(*lines: str, stream: str = "a") -> list[dict[str, Any]]:
    return [{"logStreamName": stream, "timestamp": 1000, "message": f"{line}\n"} for line in lines]


def handling(request_id: str = "r1", **said: str) -> str:
    return json.dumps({**HANDLING, "requestId": request_id, **said})


def start(request_id: str = "r1") -> str:
    return f"START RequestId: {request_id} Version: $LATEST"


def report(request_id: str = "r1", more: str = "") -> str:
    return f"REPORT RequestId: {request_id}\t{REPORT}{more}"


def read(*lines: str) -> Invocation:
    (invocation,) = read_invocations("aFunction", log(*lines))
    return invocation


def test_all_of_an_invocation_is_read() -> None:
    invocation = read(start(), handling(), "hello", "END RequestId: r1", report(more="Init Duration: 800.36 ms\t"))
    assert (invocation.function, invocation.request_id, invocation.log_stream) == ("aFunction", "r1", "a")
    assert (invocation.event_id, invocation.error, invocation.is_cold) == ("an event", None, True)
    assert (invocation.milliseconds, invocation.billed_milliseconds) == (59.76, 861)
    assert (invocation.init_milliseconds, invocation.memory_size, invocation.memory_used) == (800.36, 256, 52)
    assert invocation.started.timestamp() == 0.25
    assert invocation.ended
    assert invocation.ended.timestamp() == pytest.approx(0.30976)
    assert invocation.lines == (handling(), "hello")


def test_one_that_works_before_it_notes_its_begin_began_when_its_log_did() -> None:
    events = log(start(), handling(startedAt="1970-01-01T00:00:05Z"), report().replace("59.76 ms", "6000 ms"))
    events[-1]["timestamp"] = 7000
    (invocation,) = read_invocations("aFunction", events)
    assert invocation.noted
    assert invocation.ended
    assert (invocation.started.timestamp(), invocation.noted.timestamp(), invocation.ended.timestamp()) == (1, 5, 7)


def test_the_end_is_no_later_than_the_report() -> None:
    invocation = read(start(), handling(startedAt="1970-01-01T00:00:00.990Z"), report())
    assert invocation.ended
    assert (invocation.started.timestamp(), invocation.ended.timestamp()) == (0.99, 1)


def test_one_without_a_report_goes_on() -> None:
    invocation = read(start(), handling())
    assert (invocation.ended, invocation.milliseconds, invocation.is_cold) == (None, None, False)


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("[ERROR] ValueError: no", "ValueError: no"),
        ("[ERROR] ValueError: no\nTraceback (most recent call last):", "ValueError: no"),
        ("[ERROR] ValueError: no\rTraceback (most recent call last):\r", "ValueError: no"),
        ("[ERROR] 2026-11-24T10:03:22.123Z r1 no", "no"),
        ("[ERROR] Runtime.ImportModuleError: Unable to import", "Runtime.ImportModuleError: Unable to import"),
        ("2026-11-24T10:03:22.123Z r1 Task timed out after 60.00 seconds", "Task timed out after 60.00 seconds"),
        ("RequestId: r1 Error: Runtime exited with error: signal: killed", "Runtime exited with error: signal: killed"),
        ('{"failure": {"error": "SeedError", "message": "no"}}', "SeedError: no"),
    ],
)
def test_how_it_failed_is_read(line: str, error: str) -> None:
    assert read(start(), handling(), line, report()).error == error


@pytest.mark.parametrize("line", ["Task timed out after lunch", "an [ERROR] of mine", '{"failure": true}', "{broken"])
def test_what_a_handler_writes_is_no_failure(line: str) -> None:
    assert read(start(), handling(), line, report()).error is None


def test_a_failure_that_only_the_report_knows_is_read() -> None:
    assert read(start(), report(more="Status: error\tError Type: Runtime.ExitError")).error == "Runtime.ExitError"


def test_the_tries_of_an_event_are_told_apart() -> None:
    lines = [start(), handling(), "[ERROR] ValueError: no", report()]
    found = read_invocations("aFunction", log(*lines, start(), handling(), report()))
    assert [invocation.error for invocation in found] == ["ValueError: no", None]


def test_environments_that_log_at_the_same_time_do_not_mix() -> None:
    one, other = (
        log(start(request_id), handling(request_id, eventId=request_id), report(request_id), stream=request_id)
        for request_id in ("r1", "r2")
    )
    found = read_invocations("aFunction", [line for pair in zip(one, other, strict=True) for line in pair])
    assert [(each.request_id, each.event_id, each.milliseconds) for each in found] == [
        ("r1", "r1", 59.76),
        ("r2", "r2", 59.76),
    ]


def test_one_that_was_cut_off_by_the_next_is_kept() -> None:
    found = read_invocations("aFunction", log(start("r1"), handling("r1"), start("r2"), report("r2")))
    assert [(each.request_id, each.ended is None) for each in found] == [("r1", True), ("r2", False)]


def test_lines_from_before_the_first_start_are_left_out() -> None:
    assert read_invocations("aFunction", log("loading", "END RequestId: r0", report("r0"))) == ()
