"""What targets get of an event."""

import json
from typing import Any

import pytest

from tests.emulator.repairs.events.conftest import Account

DETAIL = {"a": "ü", "n": [1], "zero": 0, "empty": ""}
INPUTS: list[tuple[dict[str, Any], Any]] = [
    ({"InputPath": "$.detail"}, DETAIL),
    ({"InputPath": "$.detail.a"}, "ü"),
    ({"InputPath": "$.detail.zero"}, 0),
    ({"Input": '{"fixed": true}'}, {"fixed": True}),
    ({"Input": '{"id": "mine"}'}, {"id": "mine"}),
    ({"Input": "[]"}, []),
    ({"InputTransformer": {"InputPathsMap": {"a": "$.detail.a"}, "InputTemplate": '{"x": <a>}'}}, {"x": "ü"}),
    (
        {"InputTransformer": {"InputPathsMap": {"n": "$.detail.n[0]"}, "InputTemplate": '{"id": "order-<n>"}'}},
        {"id": "order-1"},
    ),
    ({"InputTransformer": {"InputPathsMap": {"n": "$.detail.n[0]"}, "InputTemplate": '"<n> of them"'}}, "1 of them"),
]


def test_executions_are_given_each_kind_of_input(account: Account) -> None:
    """And are named after the event, and the rule."""
    machine = account.machine()
    for target, _expected in INPUTS:
        account.rule(machine, RoleArn=account.role, **target)
    (event_id,) = account.put(account.entry(Detail=json.dumps(DETAIL)))
    executions = account.executions(machine, len(INPUTS))
    inputs = [json.loads(execution["input"]) for execution in executions]
    assert sorted(map(json.dumps, inputs)) == sorted(json.dumps(expected) for _target, expected in INPUTS)
    names = {execution["name"] for execution in executions}
    assert len(names) == len(INPUTS)
    assert {name.partition("_")[0] for name in names} == {event_id}


def test_without_any_an_execution_is_given_the_event(account: Account) -> None:
    machine = account.machine()
    account.rule(machine, RoleArn=account.role)
    ids = account.put(account.entry(Detail=json.dumps(DETAIL)))
    (execution,) = account.executions(machine)
    assert [execution["name"]] == ids
    event = json.loads(execution["input"])
    assert event["detail"] == DETAIL
    assert "event-bus-name" not in event


@pytest.mark.parametrize(("target", "expected"), INPUTS)
def test_queues_are_given_the_same(account: Account, target: dict[str, Any], expected: Any) -> None:
    account.rule(account.queue_arn, **target)
    account.put(account.entry(Detail=json.dumps(DETAIL)))
    assert account.heard() == expected


@pytest.mark.parametrize(
    "target",
    [
        {"InputTransformer": {"InputPathsMap": {"a": "$.detail.a"}, "InputTemplate": '{"x": "<a>"}'}},
        {"InputTransformer": {"InputPathsMap": {"d": "$.detail"}, "InputTemplate": '{"x": "all: <d>"}'}},
        {"InputPath": "$.detail.missing"},
    ],
)
def test_an_event_that_no_input_can_be_made_of_is_in_the_dead_letter_queue(
    account: Account, target: dict[str, Any]
) -> None:
    nowhere = account.queue_arn.replace("queue", "nowhere")
    account.rule(nowhere, DeadLetterConfig={"Arn": account.queue_arn}, **target)
    account.put(account.entry(Detail=json.dumps({"a": 'a "quote"'})))
    assert account.heard()["detail"] == {"a": 'a "quote"'}
