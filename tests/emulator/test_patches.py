"""LocalStack's services do the same with its slow paths mended as without."""

import functools
import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest

from bootstrap.settings import load_settings
from emulator import plugin
from emulator.server import Server
from tests.waiting import wait_for

ROLE = "arn:aws:iam::000000000000:role/{}"


class Account:
    """What the tests do in the account of a LocalStack."""

    def __init__(self, server: Server) -> None:
        session = boto3.Session("test", "test", region_name="us-east-1")
        self.states = session.client("stepfunctions", endpoint_url=server.endpoint_url)
        self.events = session.client("events", endpoint_url=server.endpoint_url)
        self.queue = session.resource("sqs", endpoint_url=server.endpoint_url).create_queue(QueueName=unique("queue"))

    def make_machine(self, states: dict[str, Any], kind: Any = "STANDARD") -> str:
        """A state machine that starts with the first of its states."""
        definition = json.dumps({"StartAt": next(iter(states)), "States": states})
        made = self.states.create_state_machine(
            name=unique("machine"), definition=definition, roleArn=ROLE.format("any"), type=kind
        )
        return made["stateMachineArn"]

    def run(self, machine: str, **given: Any) -> Any:
        """The output of an execution."""
        execution = self.states.start_execution(stateMachineArn=machine, input=json.dumps(given))["executionArn"]
        describe = self.states.describe_execution
        wait_for("the end", lambda: describe(executionArn=execution)["status"] != "RUNNING")
        return json.loads(describe(executionArn=execution).get("output", "null"))

    def received(self) -> list[Any]:
        """What has arrived in the queue."""
        return [json.loads(message.body) for message in self.queue.receive_messages(MaxNumberOfMessages=10)]


def unique(name: str) -> str:
    return f"{name}-{uuid.uuid4().hex[:8]}"


def passing(**parameters: Any) -> dict[str, Any]:
    return {"Pass": {"Type": "Pass", "Parameters": parameters, "End": True}}


@pytest.fixture
def account(localstack: Server) -> Iterator[Account]:
    account = Account(localstack)
    yield account
    account.queue.delete()


def test_a_machine_gives_each_execution_its_own_output(account: Account) -> None:
    machine = account.make_machine(passing(**{"seen.$": "$.value", "twice.$": "States.Array($.value, $.value)"}))
    assert [account.run(machine, value=value) for value in (1, "two")] == [
        {"seen": 1, "twice": [1, 1]},
        {"seen": "two", "twice": ["two", "two"]},
    ]


def test_an_updated_machine_runs_its_new_definition(account: Account) -> None:
    machine = account.make_machine(passing(version=1))
    assert account.run(machine) == {"version": 1}
    definition = json.dumps({"StartAt": "Pass", "States": passing(version=2)})
    account.states.update_state_machine(stateMachineArn=machine, definition=definition)
    assert account.run(machine) == {"version": 2}


def test_a_task_acts_in_the_account_and_region_of_its_machine(account: Account) -> None:
    task = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sts:getCallerIdentity", "End": True}
    machine = account.make_machine({"Who": task})
    for _run in range(2):
        identity = account.run(machine)
        assert identity["Account"] == "000000000000"
        assert ":assumed-role/any/" in identity["Arn"]


@pytest.mark.skipif(not load_settings().patches, reason="LocalStack as it comes announces every execution")
def test_the_bus_hears_of_standard_executions_and_not_of_express_ones(account: Account) -> None:
    rule = unique("status")
    account.events.put_rule(Name=rule, EventPattern=json.dumps({"source": ["aws.states"]}))
    account.events.put_targets(Rule=rule, Targets=[{"Id": "queue", "Arn": account.queue.attributes["QueueArn"]}])
    express, standard = account.make_machine(passing(), "EXPRESS"), account.make_machine(passing())
    account.states.start_execution(stateMachineArn=express)
    account.run(standard)
    heard: list[Any] = []

    def hear() -> set[str]:
        heard.extend(account.received())
        return _statuses(heard, standard)

    wait_for("the end of the standard one", lambda: "SUCCEEDED" in hear())
    assert _statuses(heard, standard) == {"RUNNING", "SUCCEEDED"}
    assert not _statuses(heard, express)
    account.events.remove_targets(Rule=rule, Ids=["queue"])
    account.events.delete_rule(Name=rule)


def _statuses(heard: list[Any], machine: str) -> set[str]:
    return {event["detail"]["status"] for event in heard if event["detail"]["stateMachineArn"] == machine}


@pytest.mark.parametrize(
    ("hook", "part"),
    [
        (plugin.apply_patches, "patches.apply"),
        (plugin.mend_services, "event_delivery.retry_deliveries"),
        (plugin.mend_services, "task_tokens.ask_started_executions_only"),
    ],
)
def test_another_version_of_localstack_is_left_as_it_is(
    hook: Callable[[], None], part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    applied: list[str] = []
    for each in ("patches.apply", "event_delivery.retry_deliveries", "task_tokens.ask_started_executions_only"):
        monkeypatch.setattr(f"emulator.{each}", functools.partial(applied.append, each))
    monkeypatch.setattr(plugin, "VERSION", "4.15.0")
    hook()
    assert not applied
    monkeypatch.setattr(plugin, "VERSION", plugin.WRITTEN_FOR)
    hook()
    assert part in applied
