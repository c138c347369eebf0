"""Which events PutEvents takes."""

import json
from typing import Any

import pytest

from testkit.waiting import wait_for
from tests.emulator.repairs.events.conftest import Account, refused

MEGABYTE = 1024 * 1024


def filled(size: int) -> str:
    """A detail of so many bytes."""
    return json.dumps({"x": "a" * (size - len('{"x": ""}'))})


def test_entries_of_one_megabyte_together_are_taken_and_arrive(account: Account) -> None:
    account.rule(account.queue_arn, {"detail-type": ["kind"]}, InputPath="$.detail-type")
    rest = MEGABYTE - len("my.app" + "kind")
    account.put(account.entry(Detail=filled(rest)))
    account.put(*(account.entry(Detail=filled(MEGABYTE // 2 - 20)) for _ in range(2)))
    assert [account.heard() for _ in range(3)] == ["kind"] * 3


@pytest.mark.parametrize("more", [{}, {"Resources": ["a" * 30]}, {"Time": 1_767_355_200}])
def test_more_is_refused_as_a_whole(account: Account, more: dict[str, Any]) -> None:
    size = MEGABYTE + 1 - len("my.app" + "kind") - (30 if "Resources" in more else 0) - (14 if "Time" in more else 0)
    for entries in ([account.entry(Detail=filled(size), **more)], [account.entry(Detail=filled(600_000))] * 2):
        assert refused(account.events.put_events, Entries=entries) == (
            "ValidationException",
            "Total size of the entries in the request is over the limit.",
        )
    account.put(account.entry(Detail=filled(size - 1), **more))


def test_bytes_are_counted_not_letters(account: Account) -> None:
    detail = json.dumps({"x": "ü" * 600_000}, ensure_ascii=False)
    assert refused(account.events.put_events, Entries=[account.entry(Detail=detail)])[0] == "ValidationException"


def test_one_to_ten_entries_are_taken(account: Account) -> None:
    account.put(*[account.entry()] * 10)
    assert refused(account.events.put_events, Entries=[account.entry()] * 11)[0] == "ValidationException"
    assert refused(account.unchecked_events.put_events, Entries=[])[0] == "ValidationException"


def test_an_entry_that_is_refused_fails_alone(account: Account) -> None:
    answered = account.put(
        account.entry(),
        account.entry(Detail='"text"'),
        account.entry(DetailType="x" * 129),
        account.entry(Source=""),
        account.entry(Source="aws.mine"),
        account.entry(DetailType="x" * 128, Source="aws"),
    )
    refusals = ["MalformedDetail", "InvalidArgument", "InvalidArgument", "NotAuthorizedForSourceException"]
    assert answered[1:5] == refusals
    assert not {answered[0], answered[5]} & set(refusals)


def test_services_and_rules_hand_on_events_of_services_and_tasks_may_not(account: Account) -> None:
    arn = f"arn:aws:events:us-east-1:000000000000:event-bus/{account.bus}"
    machine = account.machine()
    name = f"status-{account.bus}"
    pattern = json.dumps({"source": ["aws.states"], "detail": {"stateMachineArn": [machine]}})
    account.events.put_rule(Name=name, EventPattern=pattern)
    account.events.put_targets(Rule=name, Targets=[{"Id": "1", "Arn": arn, "RoleArn": account.role}])
    account.rule(account.queue_arn)
    account.states.start_execution(stateMachineArn=machine)
    assert account.heard()["source"] == "aws.states"
    account.events.remove_targets(Rule=name, Ids=["1"])
    account.events.delete_rule(Name=name)
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::events:putEvents",
        "Parameters": {"Entries": [{**account.entry(Source="aws.mine"), "Detail": {}}]},
        "End": True,
    }
    definition = json.dumps({"StartAt": "T", "States": {"T": task}})
    made = account.states.create_state_machine(name=f"m-{account.bus}", definition=definition, roleArn=account.role)
    execution = account.states.start_execution(stateMachineArn=made["stateMachineArn"])["executionArn"]
    described = wait_for("the end", lambda: _ended(account.states.describe_execution(executionArn=execution)))
    assert "NotAuthorizedForSourceException" in described["cause"]


def _ended(described: Any) -> Any:
    return None if described["status"] == "RUNNING" else described
