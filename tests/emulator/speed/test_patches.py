"""LocalStack's services do the same with its slow paths mended as without."""

import functools
import json
import time
import uuid
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from bootstrap.settings import load_settings
from emulator import plugin
from emulator.server import Server
from emulator.speed.runtime_creation import WRITTEN_FOR
from testkit.waiting import wait_for
from tests.clients import client_at
from tests.permissions import make_role, open_queue


class Account:
    """What the tests do in the account of a LocalStack."""

    def __init__(self, server: Server) -> None:
        session = boto3.Session("test", "test", region_name="us-east-1")
        self.states = client_at(server.endpoint_url, "stepfunctions")
        self.events = client_at(server.endpoint_url, "events")
        self.logs = client_at(server.endpoint_url, "logs")
        self.queue = session.resource("sqs", endpoint_url=server.endpoint_url).create_queue(QueueName=unique("queue"))
        open_queue(client_at(server.endpoint_url, "sqs"), self.queue.url)
        self._role = make_role(server.endpoint_url)
        self._heard: list[Any] = []

    def make_machine(self, states: dict[str, Any], kind: Any = "STANDARD") -> str:
        """A state machine that starts with the first of its states."""
        definition = json.dumps({"StartAt": next(iter(states)), "States": states})
        made = self.states.create_state_machine(
            name=unique("machine"), definition=definition, roleArn=self._role, type=kind
        )
        arn: str = made["stateMachineArn"]
        return arn

    def run(self, machine: str, **given: Any) -> Any:
        """The output of an execution."""
        execution = self.states.start_execution(stateMachineArn=machine, input=json.dumps(given))["executionArn"]
        describe = self.states.describe_execution
        wait_for("the end", lambda: describe(executionArn=execution)["status"] != "RUNNING")
        return json.loads(describe(executionArn=execution).get("output", "null"))

    def statuses(self, execution: Any) -> set[str]:
        """The status of an execution, in a set."""
        return {self.states.describe_execution(executionArn=execution["executionArn"])["status"]}

    def heard(self) -> list[Any]:
        """All events that have arrived in the queue."""
        self._heard += [json.loads(message.body) for message in self.queue.receive_messages(MaxNumberOfMessages=10)]
        return self._heard

    def heard_types(self) -> set[str]:
        """The detail types of those events."""
        return {event["detail-type"] for event in self.heard()}


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


def test_a_state_that_adds_to_its_input_leaves_what_came_before_as_it_was(account: Account) -> None:
    first = {"Type": "Pass", "Parameters": {"list": [1, None, {"deep": True}], "of.$": "$.value"}, "Next": "Second"}
    second = {"Type": "Pass", "Result": "added", "ResultPath": "$.list[2].more", "End": True}
    machine = account.make_machine({"First": first, "Second": second})
    before = {"list": [1, None, {"deep": True}], "of": {"nested": [0.5, "text"]}}
    execution = account.states.start_execution(stateMachineArn=machine, input=json.dumps({"value": before["of"]}))
    wait_for("the end", lambda: account.statuses(execution) == {"SUCCEEDED"})
    history = account.states.get_execution_history(executionArn=execution["executionArn"])["events"]
    outputs = {
        event["stateExitedEventDetails"]["name"]: json.loads(event["stateExitedEventDetails"]["output"])
        for event in history
        if "stateExitedEventDetails" in event
    }
    after = before | {"list": [1, None, {"deep": True, "more": "added"}]}
    assert outputs == {"First": before, "Second": after}


def test_a_task_that_fails_says_what_the_service_answered(account: Account) -> None:
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:sfn:sendTaskSuccess",
        "Parameters": {"TaskToken": "nobody's", "Output": "{}"},
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}],
        "End": True,
    }
    caught = account.run(account.make_machine({"Send": task, "Caught": {"Type": "Pass", "End": True}}))
    assert caught["Error"] == "Sfn.InvalidTokenException"
    assert "(Service: Sfn, Status Code: 400, Request ID: " in caught["Cause"]


def test_the_items_of_a_map_wait_at_the_same_time(account: Account) -> None:
    ask = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Parameters": {
            "QueueUrl": account.queue.url,
            "MessageBody": {"token.$": "$$.Task.Token", "detail-type": "asked"},
        },
        "End": True,
    }
    items = {"Type": "Map", "ItemsPath": "$.items", "Iterator": {"StartAt": "Ask", "States": {"Ask": ask}}, "End": True}
    machine = account.make_machine({"Items": items})
    started = account.states.start_execution(stateMachineArn=machine, input=json.dumps({"items": [1, 2, 3]}))
    wait_for("all items to ask", lambda: len(account.heard()) == 3)
    for number, asked in enumerate(account.heard()):
        account.states.send_task_success(taskToken=asked["token"], output=str(number))
    wait_for("the end", lambda: account.statuses(started) == {"SUCCEEDED"})
    ended = account.states.describe_execution(executionArn=started["executionArn"])
    assert sorted(json.loads(ended["output"])) == [0, 1, 2]


@pytest.mark.parametrize(
    ("pattern", "is_delivered"),
    [
        ({"source": ["this"], "detail-type": ["other", "kind"]}, True),
        ({"source": ["that"]}, False),
        ({"source": ["this"], "detail-type": ["other"]}, False),
        ({"source": [{"prefix": "th"}], "detail": {"deep": {"number": [{"numeric": [">", 1]}]}}}, True),
        ({"source": [{"anything-but": ["this"]}]}, False),
        ({"$or": [{"source": ["that"]}, {"detail-type": ["kind"]}]}, True),
        ({"source": ["this"], "detail": {"absent": [{"exists": True}]}}, False),
    ],
)
def test_a_rule_takes_the_events_that_fit_its_pattern(
    account: Account, pattern: dict[str, Any], is_delivered: bool
) -> None:
    arn = account.queue.attributes["QueueArn"]
    patterns = {unique("rule"): pattern, unique("rule"): {"source": ["this"], "detail-type": ["last"]}}
    for rule, its_pattern in patterns.items():
        account.events.put_rule(Name=rule, EventPattern=json.dumps(its_pattern))
        account.events.put_targets(Rule=rule, Targets=[{"Id": "queue", "Arn": arn}])
    for kind in ("kind", "last"):
        detail = json.dumps({"deep": {"number": 2}})
        account.events.put_events(Entries=[{"Source": "this", "DetailType": kind, "Detail": detail}])
        if kind == "kind" and is_delivered:
            wait_for("the event", lambda: "kind" in account.heard_types())
    wait_for("the last event", lambda: "last" in account.heard_types())
    assert ("kind" in account.heard_types()) is is_delivered
    for rule in patterns:
        account.events.remove_targets(Rule=rule, Ids=["queue"])
        account.events.delete_rule(Name=rule)


def test_log_events_are_read_back_and_refused_as_ever(account: Account) -> None:
    where: Any = {"logGroupName": unique("group"), "logStreamName": "stream"}
    entry: Any = {"timestamp": int(time.time() * 1000), "message": "a line"}
    with pytest.raises(account.logs.exceptions.ResourceNotFoundException):
        account.logs.put_log_events(**where, logEvents=[entry])
    account.logs.create_log_group(logGroupName=where["logGroupName"])
    account.logs.create_log_stream(**where)
    account.logs.put_log_events(**where, logEvents=[entry])
    assert [event["message"] for event in account.logs.get_log_events(**where)["events"]] == ["a line"]
    with pytest.raises(account.logs.exceptions.InvalidParameterException, match="chronological"):
        account.logs.put_log_events(**where, logEvents=[entry, entry | {"timestamp": entry["timestamp"] - 1}])
    account.logs.delete_log_group(logGroupName=where["logGroupName"])


@pytest.mark.skipif(not load_settings().patches, reason="LocalStack as it comes announces every execution")
def test_the_bus_hears_of_standard_executions_and_not_of_express_ones(account: Account) -> None:
    rule = unique("status")
    account.events.put_rule(Name=rule, EventPattern=json.dumps({"source": ["aws.states"]}))
    account.events.put_targets(Rule=rule, Targets=[{"Id": "queue", "Arn": account.queue.attributes["QueueArn"]}])
    express, standard = account.make_machine(passing(), "EXPRESS"), account.make_machine(passing())
    account.states.start_execution(stateMachineArn=express)
    account.run(standard)
    wait_for("the end of the standard one", lambda: "SUCCEEDED" in _statuses(account.heard(), standard))
    assert _statuses(account.heard(), standard) == {"RUNNING", "SUCCEEDED"}
    assert not _statuses(account.heard(), express)
    account.events.remove_targets(Rule=rule, Ids=["queue"])
    account.events.delete_rule(Name=rule)


def _statuses(heard: list[Any], machine: str) -> set[str]:
    return {event["detail"]["status"] for event in heard if event["detail"]["stateMachineArn"] == machine}


MENDED = (
    "iam.enforcement.enforce",
    "repairs.catalogue.apply",
    "speed.catalogue.apply",
    "speed.service_loading.register_before_use",
)


def test_another_version_of_localstack_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    applied: list[str] = []
    for part in MENDED:
        monkeypatch.setattr(f"emulator.{part}", functools.partial(applied.append, part))
    for version, expected in (("4.15.0", ()), (WRITTEN_FOR, MENDED)):
        monkeypatch.setattr(plugin, "VERSION", version)
        plugin.apply_patches()
        plugin.mend_services()
        plugin.enforce_permissions()
        assert sorted(applied) == [*expected]
