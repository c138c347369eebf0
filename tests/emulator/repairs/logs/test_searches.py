"""What FilterLogEvents and GetLogEvents find, and what subscriptions are handed."""

import base64
import functools
import gzip
import io
import json
import time
import uuid
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from testkit.waiting import wait_for, wait_until_in_use
from tests.clients import client_at
from tests.permissions import make_role

FUNCTION = "import json\ndef handler(event, context):\n    print('DATA', json.dumps(event['awslogs']['data']))\n"


class Group:
    """A log group with two streams."""

    def __init__(self, endpoint_url: str) -> None:
        self.logs = client_at(endpoint_url, "logs")
        self.functions = client_at(endpoint_url, "lambda")
        self._role = make_role(endpoint_url)
        self.name = f"group-{uuid.uuid4().hex[:8]}"
        self.start = int(time.time() * 1000) - 60_000
        self.logs.create_log_group(logGroupName=self.name)
        for stream in ("a", "b"):
            self.logs.create_log_stream(logGroupName=self.name, logStreamName=stream)

    def put(self, stream: str, *events: tuple[int, str]) -> None:
        """Write events, each so many milliseconds after the start."""
        entries: list[Any] = [{"timestamp": self.start + after, "message": message} for after, message in events]
        self.logs.put_log_events(logGroupName=self.name, logStreamName=stream, logEvents=entries)

    def find(self, **asked: Any) -> list[str]:
        """The messages that FilterLogEvents finds, on all pages."""
        pages = self.logs.get_paginator("filter_log_events").paginate(logGroupName=self.name, **asked)
        return [event["message"] for page in pages for event in page["events"]]

    def function(self) -> tuple[str, str]:
        """The name and the ARN of a function that logs what it is handed."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("app.py", FUNCTION)
        name = f"reader-{uuid.uuid4().hex[:8]}"
        arn = self.functions.create_function(
            FunctionName=name,
            Runtime="python3.13",
            Role=self._role,
            Handler="app.handler",
            Code={"ZipFile": buffer.getvalue()},
        )["FunctionArn"]
        wait_until_in_use(self.functions, name)
        self.functions.add_permission(
            FunctionName=name, StatementId="logs", Action="lambda:InvokeFunction", Principal="logs.amazonaws.com"
        )
        return name, arn

    def handed(self, function: str) -> list[Any]:
        """What a function was handed so far."""
        try:
            found = self.logs.filter_log_events(logGroupName=f"/aws/lambda/{function}", filterPattern="DATA")
        except self.logs.exceptions.ResourceNotFoundException:
            return []
        data = [json.loads(event["message"].removeprefix("DATA ")) for event in found["events"]]
        return [json.loads(gzip.decompress(base64.b64decode(one))) for one in data]

    def handed_all(self, function: str, number: int) -> list[Any]:
        """What a function was handed, once that is so many."""
        records = self.handed(function)
        return records if len(records) == number else []


@pytest.fixture
def group(endpoint_url: str) -> Iterator[Group]:
    group = Group(endpoint_url)
    yield group
    group.logs.delete_log_group(logGroupName=group.name)


@pytest.fixture
def filled(group: Group) -> Group:
    group.put("a", (1000, "late a"), (1500, "later a"))
    group.put("a", (0, "early a"))
    group.put("b", (500, "mid b"), (1200, "mid2 b"))
    return group


def test_events_of_all_streams_are_in_the_order_of_time_on_every_page(filled: Group) -> None:
    expected = ["early a", "mid b", "late a", "mid2 b", "later a"]
    assert filled.find() == expected
    assert filled.find(PaginationConfig={"PageSize": 2}) == expected
    assert filled.find(interleaved=False) == expected


def test_streams_are_found_by_name_or_by_prefix(filled: Group) -> None:
    assert filled.find(logStreamNamePrefix="b") == ["mid b", "mid2 b"]
    assert filled.find(logStreamNamePrefix="nothing") == []
    assert filled.find(logStreamNames=["b"]) == ["mid b", "mid2 b"]
    with pytest.raises(ClientError, match="InvalidParameterException"):
        filled.find(logStreamNames=["b"], logStreamNamePrefix="b")


def test_the_end_is_part_of_what_is_filtered_and_not_of_what_is_got(filled: Group) -> None:
    span: Any = {"startTime": filled.start + 500, "endTime": filled.start + 1200}
    assert filled.find(**span) == ["mid b", "late a", "mid2 b"]
    got = filled.logs.get_log_events(logGroupName=filled.name, logStreamName="b", **span)
    assert [event["message"] for event in got["events"]] == ["mid b"]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("late", ["late a", "later a"]),
        ("mid -mid2", ["mid b"]),
        ("[w = l*, s]", ["late a", "later a"]),
        ("{ $.a = 1 }", []),
    ],
)
def test_a_pattern_finds_what_fits(filled: Group, pattern: str, expected: list[str]) -> None:
    assert filled.find(filterPattern=pattern) == expected


def test_an_invalid_pattern_is_refused_wherever_it_is_given(group: Group) -> None:
    transformation: Any = {"metricName": "m", "metricNamespace": "n", "metricValue": "1"}
    calls: list[tuple[Any, dict[str, Any]]] = [
        (group.logs.filter_log_events, {}),
        (group.logs.put_metric_filter, {"filterName": "f", "metricTransformations": [transformation]}),
        (group.logs.put_subscription_filter, {"filterName": "f", "destinationArn": group.function()[1]}),
    ]
    for call, parameters in calls:
        with pytest.raises(ClientError, match="Invalid filter pattern") as raised:
            call(logGroupName=group.name, filterPattern="{ $.a = }", **parameters)
        assert raised.value.response["Error"]["Code"] == "InvalidParameterException"


def test_each_subscription_is_handed_what_fits_it(group: Group) -> None:
    patterns = {"errors": "ERROR", "all": ""}
    functions = {filter_name: group.function() for filter_name in patterns}
    for filter_name, pattern in patterns.items():
        _name, arn = functions[filter_name]
        group.logs.put_subscription_filter(
            logGroupName=group.name, filterName=filter_name, filterPattern=pattern, destinationArn=arn
        )
    group.put("a", (0, "fine"), (1, "ERROR one"))
    group.put("b", (2, "fine too"))
    expected = {"errors": [["ERROR one"]], "all": [["fine", "ERROR one"], ["fine too"]]}
    for filter_name, messages in expected.items():
        name, _arn = functions[filter_name]
        records = wait_for("what was handed over", functools.partial(group.handed_all, name, len(messages)))
        assert sorted([event["message"] for event in record["logEvents"]] for record in records) == sorted(messages)
        assert {(record["logGroup"], *record["subscriptionFilters"]) for record in records} == {
            (group.name, filter_name)
        }


def test_who_writes_does_not_wait_for_a_function_that_is_gone(group: Group) -> None:
    name, arn = group.function()
    group.logs.put_subscription_filter(logGroupName=group.name, filterName="f", filterPattern="", destinationArn=arn)
    group.functions.delete_function(FunctionName=name)
    group.put("a", (0, "written"))
    assert group.find() == ["written"]


def test_a_function_that_may_not_be_invoked_is_none_to_hand_anything_to(group: Group) -> None:
    name, arn = group.function()
    group.functions.remove_permission(FunctionName=name, StatementId="logs")
    for destination in (arn, f"{arn}-gone", "arn:aws:kinesis:us-east-1:000000000000:stream/s"):
        with pytest.raises(ClientError) as raised:
            group.logs.put_subscription_filter(
                logGroupName=group.name, filterName="f", filterPattern="", destinationArn=destination
            )
        assert raised.value.response["Error"]["Code"] == "InvalidParameterException"
