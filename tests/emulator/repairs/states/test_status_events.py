"""What the bus hears of an execution."""

import json
from typing import Any

import pytest

from testkit.waiting import wait_for
from tests.emulator.repairs.states.conftest import Machines, program, unique

PASS = {"Type": "Pass", "End": True}


def heard(machines: Machines, machine: str, count: int) -> list[Any]:
    """The events of the executions of a machine, which has begun and ended that often."""
    received: list[Any] = []

    def receive() -> bool:
        answer = machines.sqs.receive_message(QueueUrl=machines.queue, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        bodies = [json.loads(message["Body"]) for message in answer.get("Messages", [])]
        received.extend(body["detail"] for body in bodies if body["detail"]["stateMachineArn"] == machine)
        return len(received) >= count

    wait_for("the events", receive)
    return sorted(received, key=lambda detail: (detail["startDate"], detail["stopDate"] or 0))


@pytest.fixture
def rule(machines: Machines) -> Any:
    name = unique("rule")
    machines.events.put_rule(Name=name, EventPattern=json.dumps({"source": ["aws.states"]}))
    arn = machines.sqs.get_queue_attributes(QueueUrl=machines.queue, AttributeNames=["QueueArn"])["Attributes"]
    machines.events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": arn["QueueArn"]}])
    yield name
    machines.events.remove_targets(Rule=name, Ids=["queue"])
    machines.events.delete_rule(Name=name)


def test_its_times_are_milliseconds_and_its_data_is_json_text(machines: Machines, rule: str) -> None:
    assert rule
    machine = machines.create(program(PASS))
    ended = machines.end(machines.start(machine, {"a": 1}))
    running, succeeded = heard(machines, machine, 2)
    start, stop = (int(ended[date].timestamp() * 1000) for date in ("startDate", "stopDate"))
    assert (running["startDate"], running["stopDate"]) == (start, None)
    assert (succeeded["startDate"], succeeded["stopDate"]) == (start, stop)
    assert (running["status"], succeeded["status"]) == ("RUNNING", "SUCCEEDED")
    assert (succeeded["input"], succeeded["output"], running["output"]) == ('{"a":1}', '{"a":1}', None)
    assert (running["redriveStatus"], running["redriveCount"], running["redriveDate"]) == ("NOT_REDRIVABLE", 0, None)
    assert running["redriveStatusReason"] == "Execution is RUNNING and cannot be redriven"


def test_large_data_is_left_out(machines: Machines, rule: str) -> None:
    assert rule
    machine = machines.create(program(PASS))
    machines.end(machines.start(machine, "x" * 255_000))
    _running, succeeded = heard(machines, machine, 2)
    assert (succeeded["input"], succeeded["inputDetails"]) == (None, {"included": False})
    assert (succeeded["output"], succeeded["outputDetails"]) == (None, {"included": False})
