"""Executions that did not succeed go on from where they were."""

import json
from typing import Any

import pytest

from testkit.waiting import wait_for
from tests.emulator.repairs.states.conftest import Machines, code, program

PASS = {"Type": "Pass", "End": True}
WAIT = {"Type": "Wait", "Seconds": 60, "End": True}


def answer(machines: Machines, output: Any = "done") -> None:
    machines.api.send_task_success(taskToken=machines.token(), output=json.dumps(output))


def fail(machines: Machines) -> None:
    machines.api.send_task_failure(taskToken=machines.token(), error="Broken", cause="on purpose")


def failed(machines: Machines, machine: str, given: Any = None) -> str:
    """An execution whose first task has failed."""
    execution = machines.start(machine, given)
    fail(machines)
    assert machines.end(execution)["status"] == "FAILED"
    return execution


def next_task(machines: Machines, name: str, **more: Any) -> dict[str, Any]:
    task = machines.task(**more)
    del task["End"]
    return task | {"Next": name}


def test_the_failed_state_gets_its_input_and_a_new_token(machines: Machines) -> None:
    first = {"Type": "Pass", "Result": {"made": 1}, "Next": "B"}
    machine = machines.make(first, next_task(machines, "C", ResultPath="$.task"), PASS)
    execution = failed(machines, machine)
    redriven = machines.api.redrive_execution(executionArn=execution)
    answer(machines)
    ended = machines.end(execution)
    assert json.loads(ended["output"]) == {"made": 1, "task": "done"}
    assert (ended["status"], ended["redriveCount"], ended["redriveDate"]) == ("SUCCEEDED", 1, redriven["redriveDate"])
    assert (ended["redriveStatus"], ended.get("error")) == ("NOT_REDRIVABLE", None)
    history = machines.history(execution)
    assert [event["type"] for event in history] == [
        *("ExecutionStarted", "PassStateEntered", "PassStateExited", "TaskStateEntered"),
        *("TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskFailed", "ExecutionFailed"),
        *("ExecutionRedriven", "TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded", "TaskStateExited"),
        *("PassStateEntered", "PassStateExited", "ExecutionSucceeded"),
    ]
    assert [event["id"] for event in history] == [*range(1, len(history) + 1)]
    assert history[9]["executionRedrivenEventDetails"] == {"redriveCount": 1}


def test_of_a_map_only_the_items_that_did_not_succeed(machines: Machines) -> None:
    inner = program({"Type": "Pass", "Next": "Q"}, machines.task(), names="PQ")
    machine = machines.make({"Type": "Map", "ItemProcessor": inner, "MaxConcurrency": 1, "End": True})
    execution = machines.start(machine, ["one", "two", "three"])
    answer(machines, 1)
    fail(machines)
    assert machines.end(execution)["status"] == "FAILED"
    before = machines.types(execution)
    machines.api.redrive_execution(executionArn=execution)
    for output in (2, 3):
        answer(machines, output)
    assert json.loads(machines.end(execution)["output"]) == [1, 2, 3]
    after = machines.types(execution)[len(before) :]
    # The second item goes on with its task, the third has not begun yet.
    assert (after.count("TaskScheduled"), after.count("PassStateEntered")) == (2, 1)
    assert (after.count("MapIterationStarted"), after.count("MapIterationSucceeded")) == (1, 2)
    assert "MapStateEntered" not in after


def test_of_a_parallel_only_the_branches_that_did_not_succeed(machines: Machines) -> None:
    branches = [program({"Type": "Pass", "Result": 1, "End": True}, names="P"), program(machines.task(), names="Q")]
    machine = machines.make({"Type": "Parallel", "Branches": branches, "End": True})
    execution = failed(machines, machine)
    machines.api.redrive_execution(executionArn=execution)
    answer(machines, 2)
    assert json.loads(machines.end(execution)["output"]) == [1, 2]
    assert machines.types(execution).count("PassStateEntered") == 1


def test_what_is_nested_goes_on_where_it_was(machines: Machines) -> None:
    inmost = {"Type": "Map", "ItemProcessor": program(machines.task(), names="Q"), "MaxConcurrency": 1, "End": True}
    outer = {"Type": "Map", "ItemProcessor": program(inmost, names="P"), "MaxConcurrency": 1, "End": True}
    execution = machines.start(machines.make(outer), [["a", "b"], ["c"]])
    answer(machines, 1)
    fail(machines)
    assert machines.end(execution)["status"] == "FAILED"
    machines.api.redrive_execution(executionArn=execution)
    for output in (2, 3):
        answer(machines, output)
    assert json.loads(machines.end(execution)["output"]) == [[1, 2], [3]]


def test_it_can_be_stopped_and_redriven_again_and_again(machines: Machines) -> None:
    execution = machines.start(machines.make(machines.task()))
    for count in range(3):
        token = machines.token()
        machines.api.stop_execution(executionArn=execution)
        machines.api.redrive_execution(executionArn=execution)
        assert code(machines.api.send_task_success, taskToken=token, output="{}") == "TaskTimedOut"
        assert machines.api.describe_execution(executionArn=execution)["redriveCount"] == count + 1
    answer(machines)
    assert machines.end(execution)["status"] == "SUCCEEDED"
    assert machines.types(execution).count("ExecutionRedriven") == 3


def test_the_time_of_a_machine_begins_anew(machines: Machines) -> None:
    ended = machines.run(machines.task(), TimeoutSeconds=6)
    assert ended["status"] == "TIMED_OUT"
    machines.token()
    machines.api.redrive_execution(executionArn=ended["executionArn"])
    answer(machines)
    assert machines.end(ended["executionArn"])["status"] == "SUCCEEDED"


def test_a_fail_state_is_entered_again_and_fails_again(machines: Machines) -> None:
    ended = machines.run({"Type": "Fail", "Error": "Broken"})
    machines.api.redrive_execution(executionArn=ended["executionArn"])
    assert machines.end(ended["executionArn"])["error"] == "Broken"
    assert machines.types(ended["executionArn"])[-3:] == ["ExecutionRedriven", "FailStateEntered", "ExecutionFailed"]


def test_the_context_object_knows_of_it(machines: Machines) -> None:
    told = {"Type": "Pass", "Parameters": {"count.$": "$$.Execution.RedriveCount"}, "End": True}
    execution = failed(machines, machines.make(next_task(machines, "B"), told))
    machines.api.redrive_execution(executionArn=execution)
    answer(machines)
    assert json.loads(machines.end(execution)["output"]) == {"count": 1}


def test_one_that_runs_or_has_succeeded_is_refused(machines: Machines) -> None:
    redrive = machines.api.redrive_execution
    running = machines.start(machines.make(WAIT))
    assert code(redrive, executionArn=running) == "ExecutionNotRedrivable"
    machines.api.stop_execution(executionArn=running)
    succeeded = machines.run(PASS)
    assert code(redrive, executionArn=succeeded["executionArn"]) == "ExecutionNotRedrivable"
    assert succeeded["redriveStatusReason"] == "Execution is SUCCEEDED and cannot be redriven"
    gone = f"{succeeded['executionArn']}-gone"
    assert code(redrive, executionArn=gone) == "ExecutionDoesNotExist"


def test_a_client_token_redrives_once(machines: Machines) -> None:
    execution = failed(machines, machines.make(machines.task()))
    first, second = (machines.api.redrive_execution(executionArn=execution, clientToken="once") for _call in range(2))
    assert first["redriveDate"] == second["redriveDate"]
    assert machines.api.describe_execution(executionArn=execution)["redriveCount"] == 1
    answer(machines)
    assert machines.end(execution)["status"] == "SUCCEEDED"


@pytest.mark.parametrize("status", ["FAILED", "ABORTED"])
def test_what_can_be_redriven_is_said(machines: Machines, status: str) -> None:
    machine = machines.make(machines.task())
    execution = machines.start(machine)
    token = machines.token()
    if status == "FAILED":
        machines.api.send_task_failure(taskToken=token)
    else:
        machines.api.stop_execution(executionArn=execution)
    wait_for("the end", lambda: machines.api.describe_execution(executionArn=execution)["status"] == status)
    described = machines.api.describe_execution(executionArn=execution)
    assert (described["redriveStatus"], described["redriveCount"]) == ("REDRIVABLE", 0)
    assert "redriveStatusReason" not in described
    assert machines.api.list_executions(stateMachineArn=machine)["executions"][0]["redriveCount"] == 0
