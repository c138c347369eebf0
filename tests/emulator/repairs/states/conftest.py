"""State machines on LocalStack, with its slow paths mended and without."""

import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from emulator.server import Server
from testkit.waiting import wait_for
from tests.clients import client_at
from tests.permissions import make_role, open_queue

END_SECONDS = 60


class Machines:
    """What the tests do with Step Functions."""

    def __init__(self, endpoint_url: str) -> None:
        self.api = client_at(endpoint_url, "stepfunctions", inject_host_prefix=False)
        self.sqs = client_at(endpoint_url, "sqs")
        self.s3 = client_at(endpoint_url, "s3")
        self.events = client_at(endpoint_url, "events")
        self.queue = self.sqs.create_queue(QueueName=unique("tokens"))["QueueUrl"]
        open_queue(self.sqs, self.queue)
        self.role = make_role(endpoint_url)

    def make(self, *states: dict[str, Any], kind: Any = "STANDARD", **more: Any) -> str:
        """A machine whose states are named by letters, from A."""
        return self.create(program(*states) | more, kind)

    def create(self, definition: dict[str, Any], kind: Any = "STANDARD") -> str:
        """A machine with this definition."""
        text = json.dumps(definition)
        made = self.api.create_state_machine(name=unique("machine"), definition=text, roleArn=self.role, type=kind)
        arn: str = made["stateMachineArn"]
        return arn

    def start(self, machine: str, given: Any = None) -> str:
        """The ARN of a new execution."""
        started = self.api.start_execution(stateMachineArn=machine, input=json.dumps(given or {}))
        arn: str = started["executionArn"]
        return arn

    def end(self, execution: str) -> Any:
        """What an execution is at its end."""
        ended: Any = wait_for(
            "the end", lambda: _ended(self.api.describe_execution(executionArn=execution)), END_SECONDS
        )
        return ended

    def run(self, *states: dict[str, Any], given: Any = None, **more: Any) -> Any:
        """What an execution of a new machine is at its end."""
        return self.end(self.start(self.make(*states, **more), given))

    def history(self, execution: str) -> list[Any]:
        """All events of an execution."""
        pages = self.api.get_paginator("get_execution_history").paginate(executionArn=execution)
        return [event for page in pages for event in page["events"]]

    def types(self, execution: str) -> list[str]:
        """The types of those events."""
        return [event["type"] for event in self.history(execution)]

    def task(self, **more: Any) -> dict[str, Any]:
        """A state that sends its token to the queue, and waits."""
        return {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
            "Parameters": {"QueueUrl": self.queue, "MessageBody": {"token.$": "$$.Task.Token"}},
            "End": True,
        } | more

    def token(self) -> str:
        """The next token that arrives in the queue."""

        def receive() -> Any:
            return self.sqs.receive_message(QueueUrl=self.queue, WaitTimeSeconds=1).get("Messages")

        (message,) = wait_for("a token", receive)
        self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
        token: str = json.loads(message["Body"])["token"]
        return token


def _ended(described: Any) -> Any:
    return None if described["status"] == "RUNNING" else described


def unique(name: str) -> str:
    return f"{name}-{uuid.uuid4().hex[:8]}"


def program(*states: dict[str, Any], names: str = "ABCDEFG") -> dict[str, Any]:
    """A program whose states are named by letters; no two of a machine may have one name."""
    return {"StartAt": names[0], "States": dict(zip(names, states, strict=False))}


def code(call: Callable[..., object], **parameters: Any) -> str:
    """The code of the error that a call is answered with."""
    with pytest.raises(ClientError) as raised:
        call(**parameters)
    answered: str = raised.value.response["Error"]["Code"]
    return answered


@pytest.fixture
def patched_machines(localstack: Server) -> Iterator[Machines]:
    """For what takes long without the patches."""
    yield from _machines(localstack.endpoint_url)


@pytest.fixture
def machines(endpoint_url: str) -> Iterator[Machines]:
    yield from _machines(endpoint_url)


def _machines(endpoint_url: str) -> Iterator[Machines]:
    machines = Machines(endpoint_url)
    yield machines
    machines.sqs.delete_queue(QueueUrl=machines.queue)
