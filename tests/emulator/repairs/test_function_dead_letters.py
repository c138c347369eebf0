"""What reaches a function's own dead-letter queue."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from emulator.server import Server
from testkit.waiting import wait_for
from tests.clients import client_at
from tests.emulator.environments.test_lambda_service import Account


@pytest.fixture
def sqs(localstack: Server) -> Any:
    return client_at(localstack.endpoint_url, "sqs")


@pytest.fixture
def queue(sqs: Any) -> Iterator[str]:
    url = sqs.create_queue(QueueName=f"dead-{uuid.uuid4().hex[:8]}")["QueueUrl"]
    yield url
    sqs.delete_queue(QueueUrl=url)


@pytest.fixture
def function(localstack: Server, queue: str) -> Iterator[tuple[Any, str]]:
    """The client of Lambda and the name of a function with that queue, which is tried once."""
    account, name = Account(localstack), f"fails-{uuid.uuid4().hex[:8]}"
    arn = f"arn:aws:sqs:us-east-1:000000000000:{queue.rpartition('/')[2]}"
    account.create(name, DeadLetterConfig={"TargetArn": arn})
    account.functions.put_function_event_invoke_config(FunctionName=name, MaximumRetryAttempts=0)
    yield account.functions, name
    account.functions.delete_function(FunctionName=name)


@pytest.mark.parametrize("message", ["on purpose", "", "ü" * 2000], ids=["text", "none", "too much"])
def test_an_error_is_told_as_far_as_it_says_something(
    sqs: Any, queue: str, function: tuple[Any, str], message: str
) -> None:
    letter, sent = dead_letter(sqs, queue, function, {"do": "fail", "message": message})
    assert letter == {"RequestID": sent, "ErrorCode": "200"} | ({"ErrorMessage": message[:512]} if message else {})


def test_an_event_that_no_function_has_seen_is_there_too(sqs: Any, queue: str, function: tuple[Any, str]) -> None:
    functions, name = function
    functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    letter, sent = dead_letter(sqs, queue, function, {"do": "echo"})
    assert letter == {"RequestID": sent, "ErrorCode": "429"}


def dead_letter(sqs: Any, queue: str, function: tuple[Any, str], event: Any) -> tuple[dict[str, str], str]:
    """What is said of an event in the queue, and the id of its invocation."""
    functions, name = function
    payload = json.dumps(event)
    sent = functions.invoke(FunctionName=name, InvocationType="Event", Payload=payload)["ResponseMetadata"]["RequestId"]

    def receive() -> Any:
        return sqs.receive_message(QueueUrl=queue, MessageAttributeNames=["All"], WaitTimeSeconds=1).get("Messages")

    (message,) = wait_for("the event", receive)
    assert message["Body"] == payload
    return {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}, sent
