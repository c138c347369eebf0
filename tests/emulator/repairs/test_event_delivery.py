"""Events whose target does not take them at first, or never does."""

import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import pytest
from botocore.exceptions import ClientError

from emulator.repairs.event_delivery import Deliveries, InputError
from emulator.server import Server
from testkit.waiting import wait_for
from tests.clients import client_at
from tests.emulator.environments.test_lambda_service import Account
from tests.permissions import make_role, open_queue

ARN = "arn:aws:{}:us-east-1:000000000000:{}"


class Bus:
    """Sends events to targets of the tests' own."""

    def __init__(self, server: Server) -> None:
        self.events = client_at(server.endpoint_url, "events")
        self.sqs = client_at(server.endpoint_url, "sqs")
        self.functions = client_at(server.endpoint_url, "lambda")
        self.role = make_role(server.endpoint_url)
        self._clean_up: list[tuple[Callable[..., object], dict[str, Any]]] = []

    def send(self, detail: dict[str, Any], *targets: dict[str, Any]) -> str:
        """Put one event on the bus for a rule with these targets, and return its id."""
        rule = unique("rule")
        self.events.put_rule(Name=rule, EventPattern=json.dumps({"source": [rule]}))
        numbered: list[Any] = [{"Id": str(number), **target} for number, target in enumerate(targets)]
        self.events.put_targets(Rule=rule, Targets=numbered)
        self._clean_up.append((self.events.remove_targets, {"Rule": rule, "Ids": [one["Id"] for one in numbered]}))
        self._clean_up.append((self.events.delete_rule, {"Name": rule}))
        answer = self.events.put_events(
            Entries=[{"Source": rule, "DetailType": "any", "Detail": json.dumps(detail)}],
        )
        identity: str = answer["Entries"][0]["EventId"]
        return identity

    def queue(self) -> tuple[str, str]:
        """The URL and the ARN of a new queue."""
        name = unique("queue")
        url = self.sqs.create_queue(QueueName=name)["QueueUrl"]
        open_queue(self.sqs, url)
        self._clean_up.append((self.sqs.delete_queue, {"QueueUrl": url}))
        return url, ARN.format("sqs", name)

    def message(self, url: str) -> Any:
        """Wait for a message, with its attributes."""

        def receive() -> Any:
            received = self.sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"], WaitTimeSeconds=1)
            return received.get("Messages")

        return wait_for("a message", receive)[0]

    def clean_up(self) -> None:
        """Remove what was made."""
        for remove, what in self._clean_up:
            remove(**what)


def unique(name: str) -> str:
    return f"{name}-{uuid.uuid4().hex[:8]}"


def attributes(message: Any) -> dict[str, str]:
    return {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}


@pytest.fixture
def bus(localstack: Server) -> Iterator[Bus]:
    bus = Bus(localstack)
    yield bus
    bus.clean_up()


@pytest.fixture(scope="module")
def broken_function(localstack: Server) -> str:
    """The ARN of a function that exists and cannot be invoked, because its runtime does not exist here."""
    name = unique("broken")
    with pytest.raises(Exception, match="Failed"):
        Account(localstack).create(name, Runtime="nodejs20.x")
    Bus(localstack).functions.add_permission(
        FunctionName=name, StatementId="any", Action="lambda:InvokeFunction", Principal="events.amazonaws.com"
    )
    return ARN.format("lambda", f"function:{name}")


class Target:
    """Takes events after it has failed a few times, as LocalStack's own senders do."""

    target: ClassVar[dict[str, str]] = {"Arn": "any"}
    rule_name = rule_arn = "any"

    def __init__(self, failures: list[Exception]) -> None:
        self._failures = failures
        self.taken: list[dict[str, Any]] = []

    def process_event(self, event: dict[str, Any], _trace_header: object) -> None:
        """Raise the next failure, or take the event; in either case it is changed."""
        taken = dict(event)
        event.clear()
        if self._failures:
            raise self._failures.pop()
        self.taken.append(taken)


def refused(code: str, status: int) -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": "any"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "Any")


def throttled() -> ClientError:
    return refused("TooManyRequestsException", 429)


@pytest.mark.parametrize("failures", [[throttled()], [KeyError("internal"), throttled(), ConnectionError()]])
def test_an_event_is_delivered_whole_and_once_after_its_target_has_failed(failures: list[Exception]) -> None:
    target, event = Target(failures), {"id": "1", "event-bus-name": "default"}
    first = failures[-1]
    deliver = Deliveries(Target.process_event).method()
    with pytest.raises(type(first)):
        deliver(target, dict(event), None)
    wait_for("the event", lambda: target.taken)
    assert target.taken == [event]


@pytest.mark.parametrize(
    ("failure", "is_final"),
    [
        (refused("ValidationException", 400), True),
        (refused("InvalidExecutionInput", 400), True),
        (refused("StateMachineDoesNotExist", 400), True),
        (refused("ExecutionLimitExceeded", 400), False),
        (refused("ThrottlingException", 400), False),
        (refused("ResourceConflictException", 409), False),
        (refused("ServiceException", 500), False),
        (InputError("no path"), True),
        (RuntimeError("internal"), False),
    ],
    ids=repr,
)
def test_what_a_retry_can_mend_is_tried_again(
    failure: Exception, is_final: bool, caplog: pytest.LogCaptureFixture
) -> None:
    target = Target([failure])
    with pytest.raises(type(failure)):
        Deliveries(Target.process_event).method()(target, {"id": "1"}, None)
    assert f"an event was not delivered: {failure}" in caplog.text
    assert ("it is tried again" in caplog.text) == (not is_final)
    if not is_final:
        wait_for("the event", lambda: target.taken)


def test_other_events_are_delivered_meanwhile(bus: Bus, broken_function: str) -> None:
    queue, queue_arn = bus.queue()
    for _event in range(20):
        bus.send({}, {"Arn": broken_function})
    sent = bus.send({}, {"Arn": queue_arn})
    assert json.loads(bus.message(queue)["Body"])["id"] == sent


def test_after_its_last_attempt_an_event_ends_in_the_dead_letter_queue(bus: Bus, broken_function: str) -> None:
    dead, dead_arn = bus.queue()
    retries = {"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 60}
    sent = bus.send({"a": 1}, {"Arn": broken_function, "RetryPolicy": retries, "DeadLetterConfig": {"Arn": dead_arn}})
    message = bus.message(dead)
    event, said = json.loads(message["Body"]), attributes(message)
    assert (event["id"], event["detail"]) == (sent, {"a": 1})
    assert "event-bus-name" not in event
    assert "currently in the following state: Failed" in said.pop("ERROR_MESSAGE")
    assert said.pop("RULE_ARN").startswith(ARN.format("events", "rule/rule-"))
    assert said == {
        "TARGET_ARN": broken_function,
        "ERROR_CODE": "ResourceConflictException",
        "EXHAUSTED_RETRY_CONDITION": "MaximumRetryAttempts",
        "RETRY_ATTEMPTS": "2",
    }


@pytest.mark.parametrize("arn", [("lambda", "function:gone"), ("sqs", "gone"), ("states", "stateMachine:gone")])
def test_an_event_for_a_target_that_is_gone_ends_there_at_once(bus: Bus, arn: tuple[str, str]) -> None:
    dead, dead_arn = bus.queue()
    bus.send({}, {"Arn": ARN.format(*arn), "RoleArn": bus.role, "DeadLetterConfig": {"Arn": dead_arn}})
    said = attributes(bus.message(dead))
    assert (said["RETRY_ATTEMPTS"], said["ERROR_CODE"]) == ("0", "NO_RESOURCE")
    assert "EXHAUSTED_RETRY_CONDITION" not in said
