"""Events that a rule sends to a log group: all are there, and few streams."""

import json
import threading
import uuid
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from bootstrap.settings import load_settings
from emulator.server import Server
from emulator.speed import event_rules
from testkit.waiting import wait_for
from tests.permissions import open_log_groups

REQUESTS = 3
EVENTS_AT_ONCE = 10


def test_every_event_of_a_rule_is_written_once_and_all_to_one_stream(localstack: Server) -> None:
    session = boto3.Session("test", "test", region_name="us-east-1")
    events = session.client("events", endpoint_url=localstack.endpoint_url)
    logs = session.client("logs", endpoint_url=localstack.endpoint_url)
    name = f"rule-{uuid.uuid4()}"
    group = f"/aws/events/{name}"
    logs.create_log_group(logGroupName=group)
    open_log_groups(logs)
    events.put_rule(Name=name, EventPattern=json.dumps({"source": [name]}))
    arn = f"arn:aws:logs:us-east-1:000000000000:log-group:{group}"
    events.put_targets(Rule=name, Targets=[{"Id": "1", "Arn": arn}])
    sent = set()
    for _request in range(REQUESTS):
        answer = events.put_events(Entries=[{"Source": name, "DetailType": "a type", "Detail": "{}"}] * EVENTS_AT_ONCE)
        sent |= {entry["EventId"] for entry in answer["Entries"]}

    def written() -> list[str]:
        found = [json.loads(event["message"])["id"] for event in logs.filter_log_events(logGroupName=group)["events"]]
        return found if len(found) >= len(sent) else []

    assert sorted(wait_for("every event", written)) == sorted(sent)
    logs.delete_log_group(logGroupName=group)
    logs.create_log_group(logGroupName=group)
    entry: Any = {"Source": name, "DetailType": "a type", "Detail": "{}"}
    sent = {events.put_events(Entries=[entry])["Entries"][0]["EventId"]}
    assert wait_for("an event in the new group", written) == [*sent]
    if not load_settings().patches:
        return
    streams = logs.describe_log_streams(logGroupName=group)["logStreams"]
    assert len(streams) == 1


class OrderedLogs:
    """Takes what CloudWatch Logs takes: events in the order of their times."""

    def __init__(self) -> None:
        self.written: list[str] = []

    def create_log_stream(self, **_where: str) -> None:
        """Make a stream."""

    def put_log_events(self, logEvents: list[dict[str, Any]], **_where: str) -> None:  # noqa: N803 - boto3's name
        """Write events, or refuse all of them."""
        times = [event["timestamp"] for event in logEvents]
        if times != sorted(times):
            raise ClientError({"Error": {"Code": "InvalidParameterException"}}, "PutLogEvents")
        self.written += [event["message"] for event in logEvents]


def test_events_handed_over_out_of_order_are_written(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter((2, 1))
    monkeypatch.setattr(event_rules, "now_utc", lambda **_options: next(times))
    logs = OrderedLogs()
    stream = event_rules.LogStream(logs, "/aws/events/any")
    stream.add("second")
    stream.add("first")
    wait_for("both events", lambda: len(logs.written) == 2)
    assert logs.written == ["first", "second"]


def test_a_stream_has_a_thread_only_while_there_is_something_to_write() -> None:
    logs, group = OrderedLogs(), f"/aws/events/{uuid.uuid4()}"

    def threads() -> list[str]:
        return [thread.name for thread in threading.enumerate() if group in thread.name]

    stream = event_rules.LogStream(logs, group)
    for _time in range(2):
        logs.written.clear()
        stream.add("event")
        assert len(threads()) == 1
        wait_for("the event", lambda: logs.written)
        wait_for("no thread", lambda: not threads())
