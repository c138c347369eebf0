"""How large the data of an execution may be."""

import json

import pytest

from emulator.repairs.states.sizes import BYTES_AT_MOST, is_within_size
from tests.emulator.repairs.states.conftest import Machines, code

PASS = {"Type": "Pass", "End": True}
LARGEST = "x" * (BYTES_AT_MOST - 2)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(LARGEST, True), (LARGEST + "x", False), ("ü" * 131_071, True), ("ü" * 131_072, False), ("😀" * 65_536, False)],
)
def test_bytes_count_not_letters(value: str, expected: bool) -> None:
    assert is_within_size(value) is expected


def test_an_input_of_262144_bytes_is_taken_and_a_larger_one_refused(machines: Machines) -> None:
    machine = machines.make(PASS)
    assert machines.end(machines.start(machine, LARGEST))["status"] == "SUCCEEDED"
    start = machines.api.start_execution
    assert code(start, stateMachineArn=machine, input=json.dumps(LARGEST + "x")) == "ValidationException"


def test_so_is_the_output_of_a_task(machines: Machines) -> None:
    execution = machines.start(machines.make(machines.task()))
    token = machines.token()
    answer = machines.api.send_task_success
    assert code(answer, taskToken=token, output=json.dumps(LARGEST + "x")) == "ValidationException"
    answer(taskToken=token, output=json.dumps(LARGEST))
    assert machines.end(execution)["status"] == "SUCCEEDED"


def test_a_state_with_a_larger_output_fails(machines: Machines) -> None:
    twice = PASS | {"Parameters": {"a.$": "$.a", "b.$": "$.a"}}
    ended = machines.run(twice, given={"a": LARGEST[:200_000]})
    assert (ended["status"], ended["error"]) == ("FAILED", "States.DataLimitExceeded")


def test_a_task_with_larger_parameters_fails_and_is_caught(machines: Machines) -> None:
    task = machines.task(Parameters={"QueueUrl": machines.queue, "MessageBody": {"a.$": "$.a", "b.$": "$.a"}})
    given = {"a": LARGEST[:200_000]}
    caught = {"Type": "Pass", "Parameters": {"name.$": "$.Error"}, "End": True}
    for name in ("States.ALL", "States.DataLimitExceeded"):
        ended = machines.run(task | {"Catch": [{"ErrorEquals": [name], "Next": "B"}]}, caught, given=given)
        assert (ended["status"], ended.get("output")) == ("SUCCEEDED", '{"name":"States.DataLimitExceeded"}')
