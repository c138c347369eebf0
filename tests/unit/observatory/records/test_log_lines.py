"""The logs of functions, line by line."""

import itertools
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bootstrap.description import FunctionSpec
from bootstrap.settings import load_settings
from observatory.records.invocations import Invocation
from observatory.records.log_lines import LogReader, read_invocation_logs, read_line

NOW = datetime(2026, 11, 24, 10, 3, 22, tzinfo=UTC)
FUNCTIONS = (FunctionSpec("handlers.look_up", "lookUp"), FunctionSpec("handlers.sum_up", "sumUp"))


class FakeLogs:
    """CloudWatch Logs, into which more and more is written; and the clients that lead to it."""

    def __init__(self) -> None:
        self.settings = load_settings({"AWS_ENDPOINT_URL": "http://127.0.0.1:9"})
        self.logs = self
        self._events: list[tuple[str, dict[str, Any]]] = []
        self._ids = itertools.count()

    def write(self, function: str, *lines: str | dict[str, Any], stream: str = "one") -> None:
        for line in lines:
            number = next(self._ids)
            message = line if isinstance(line, str) else json.dumps(line)
            event = {"logStreamName": stream, "eventId": str(number), "timestamp": number, "message": f"{message}\n"}
            self._events.append((f"/aws/lambda/{function}", event))

    def get_paginator(self, _name: str) -> "FakeLogs":
        return self

    def paginate(self, **asked: Any) -> list[dict[str, Any]]:
        found = [event for group, event in self._events if group == asked["logGroupName"]]
        return [{"events": [event for event in found if event["timestamp"] >= asked["startTime"]]}]


@pytest.fixture
def logs() -> FakeLogs:
    return FakeLogs()


def reader(logs: Any, job: str | None = None) -> LogReader:
    return LogReader(logs, FUNCTIONS, "name", job=job)


def record(job: str, **fields: Any) -> dict[str, Any]:
    return {"level": "INFO", "message": "handling", "job": job, **fields}


def test_each_line_is_given_once_however_often_it_is_asked_for(logs: FakeLogs) -> None:
    reading = reader(logs)
    logs.write("lookUp", "START RequestId: 1 Version: $LATEST", "one")
    assert [line.message for line in reading.new_lines()] == ["START RequestId: 1 Version: $LATEST", "one"]
    logs.write("lookUp", "two")
    logs.write("sumUp", "three")
    assert [(line.function, line.message) for line in reading.new_lines()] == [("lookUp", "two"), ("sumUp", "three")]
    assert reading.new_lines() == []


def test_every_line_of_an_invocation_has_the_item_that_one_of_them_names(logs: FakeLogs) -> None:
    start, end = "START RequestId: 1 Version: $LATEST", "END RequestId: 1"
    logs.write("lookUp", start, record("j", name="Ann", eventId="e"), "plain", end, "REPORT RequestId: 1")
    lines = reader(logs).new_lines()
    assert {(line.job, line.item) for line in lines} == {("j", "Ann")}
    assert lines[1].fields == {"eventId": "e"}
    assert [line.of_lambda for line in lines] == [True, False, False, True, True]


def test_the_next_invocation_of_an_environment_has_an_item_of_its_own(logs: FakeLogs) -> None:
    logs.write("lookUp", "START RequestId: 1", record("j", name="Ann"), "END RequestId: 1", "REPORT RequestId: 1")
    logs.write("lookUp", "START RequestId: 2", record("k"), "END RequestId: 2", "REPORT RequestId: 2")
    assert [(line.job, line.item) for line in reader(logs).new_lines()][3:5] == [("j", "Ann"), ("k", None)]


def test_start_waits_for_the_line_that_names_the_item(logs: FakeLogs) -> None:
    reading = reader(logs)
    logs.write("lookUp", "START RequestId: 1")
    assert reading.new_lines() == []
    logs.write("lookUp", record("j", name="Ann"))
    assert [line.item for line in reading.new_lines()] == ["Ann", "Ann"]


def test_of_a_run_only_its_own_lines_are_given_plain_ones_included(logs: FakeLogs) -> None:
    for number, job in enumerate(("j", "k")):
        logs.write("lookUp", f"START RequestId: {number}", "early", record(job), stream=job)
        logs.write("lookUp", "late", f"END RequestId: {number}", f"REPORT RequestId: {number}", stream=job)
    lines = reader(logs, "k").new_lines()
    assert [line.message.split()[0] for line in lines] == ["START", "early", "handling", "late", "END", "REPORT"]
    assert {line.job for line in lines} == {"k"}


@pytest.mark.parametrize(
    ("text", "level", "message"),
    [
        ("hello", "INFO", "hello"),
        ('{"level": "WARN", "message": "look", "logger": "root"}', "WARNING", "look"),
        ('{"level": 7, "msg": "look"}', "INFO", "look"),
        ("{not JSON", "INFO", "{not JSON"),
        ("[WARNING]\t2026-11-24T10:03:22.123Z\trequest\tlook out", "WARNING", None),
        ("[ERROR] ValueError: no such person", "ERROR", None),
        ("2026-11-24T10:03:22Z request Task timed out after 3.00 seconds", "ERROR", None),
        ("REPORT RequestId: 1\tDuration: 1 ms\tStatus: timeout\t", "ERROR", None),
        ("REPORT RequestId: 1\tDuration: 1 ms\t", "INFO", None),
        ('{"type": "platform.report", "record": {"status": "error"}}', "ERROR", "platform.report"),
        ('{"type": "platform.start", "record": {}}', "INFO", "platform.start"),
    ],
)
def test_a_line_tells_how_bad_it_is(text: str, level: str, message: str | None) -> None:
    line = read_line("lookUp", text, NOW)
    assert (line.level, line.message) == (level, message or text)


def test_an_invocation_has_its_own_lines_of_an_environment_that_had_others(logs: Any) -> None:
    for request, said in (("r1", "first try"), ("r2", "another event"), ("r1", "second try")):
        logs.write("lookUp", f"START RequestId: {request} Version: $LATEST", said, f"END RequestId: {request}")

    def said_by(request: str, milliseconds: int) -> list[str]:
        logged = datetime.fromtimestamp(milliseconds / 1000, UTC)
        # One that works for long before it notes its begin.
        started = logged + timedelta(minutes=1)
        lines = read_invocation_logs(logs, [Invocation("lookUp", request, "one", started, logged)])
        return [line.message for line in lines if not line.of_lambda]

    assert said_by("r2", 2) == ["another event"]
    assert (said_by("r1", 0), said_by("r1", 5)) == (["first try"], ["second try"])
    assert said_by("r3", 0) == []
