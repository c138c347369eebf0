"""A bus, and targets to hear what arrives."""

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from testkit.waiting import wait_for
from tests.clients import client_at
from tests.permissions import make_role, open_queue


class Account:
    """What the tests do with EventBridge."""

    def __init__(self, endpoint_url: str) -> None:
        self.events = client_at(endpoint_url, "events")
        self.unchecked_events = client_at(endpoint_url, "events", parameter_validation=False)
        self.states = client_at(endpoint_url, "stepfunctions")
        self.sqs = client_at(endpoint_url, "sqs")
        self.functions = client_at(endpoint_url, "lambda")
        self.bus = unique("bus")
        self.events.create_event_bus(Name=self.bus)
        self.queue = self.sqs.create_queue(QueueName=unique("queue"))["QueueUrl"]
        open_queue(self.sqs, self.queue)
        self.role = make_role(endpoint_url)

    @property
    def queue_arn(self) -> str:
        """The queue, as a target."""
        return f"arn:aws:sqs:us-east-1:000000000000:{self.queue.rpartition('/')[2]}"

    def rule(self, arn: str, pattern: Any = None, **target: Any) -> str:
        """A rule of the bus with one target; it takes all events that have a source, or what the pattern says."""
        name = unique("rule")
        asked = pattern or {"source": [{"exists": True}]}
        self.events.put_rule(Name=name, EventBusName=self.bus, EventPattern=json.dumps(asked))
        targets: list[Any] = [{"Id": "1", "Arn": arn, **target}]
        self.events.put_targets(Rule=name, EventBusName=self.bus, Targets=targets)
        return name

    def entry(self, **more: Any) -> Any:
        """An entry for the bus."""
        return {"Source": "my.app", "DetailType": "kind", "Detail": "{}", "EventBusName": self.bus} | more

    def put(self, *entries: Any) -> Any:
        """What PutEvents answers for each entry: its id, or the code of its error."""
        answered = self.events.put_events(Entries=list(entries))["Entries"]
        return [entry.get("EventId") or entry["ErrorCode"] for entry in answered]

    def heard(self) -> Any:
        """The next message of the queue."""

        def receive() -> Any:
            return self.sqs.receive_message(QueueUrl=self.queue, WaitTimeSeconds=1).get("Messages")

        (message,) = wait_for("a message", receive)
        self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
        return json.loads(message["Body"])

    def machine(self, kind: Any = "STANDARD") -> str:
        """A machine that passes its input on."""
        definition = json.dumps({"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}})
        made = self.states.create_state_machine(name=unique("m"), definition=definition, roleArn=self.role, type=kind)
        arn: str = made["stateMachineArn"]
        return arn

    def executions(self, machine: str, number: int = 1) -> list[Any]:
        """As many executions of a machine as are waited for."""

        def look() -> Any:
            listed = self.states.list_executions(stateMachineArn=machine)["executions"]
            return listed if len(listed) >= number else None

        found = wait_for("the executions", look)
        return [self.states.describe_execution(executionArn=one["executionArn"]) for one in found]


def unique(name: str) -> str:
    return f"{name}-{uuid.uuid4().hex[:8]}"


def refused(call: Callable[..., object], **parameters: Any) -> tuple[str, str]:
    """The code and the message of the error that a call is answered with."""
    with pytest.raises(ClientError) as raised:
        call(**parameters)
    error = raised.value.response["Error"]
    return error["Code"], error["Message"]


@pytest.fixture
def account(endpoint_url: str) -> Account:
    return Account(endpoint_url)
