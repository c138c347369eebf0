"""Executions that are stopped, and those whose time is over."""

from collections.abc import Callable
from typing import Any

import pytest

from testkit.waiting import wait_for
from tests.emulator.repairs.states.conftest import Machines, code, program

WAIT = {"Type": "Wait", "Seconds": 60, "End": True}
NESTED = "arn:aws:states:::states:startExecution.sync"

States = Callable[[Machines], dict[str, Any]]
WAITING: dict[str, States] = {
    "in a Wait": lambda _machines: WAIT,
    "for a token": lambda machines: machines.task(),
    "for a heartbeat": lambda machines: machines.task(HeartbeatSeconds=60, TimeoutSeconds=90),
    "in a Map": lambda machines: {
        "Type": "Map",
        "ItemProcessor": program(machines.task(), names="P"),
        "End": True,
    },
    "in a Parallel": lambda machines: {
        "Type": "Parallel",
        "Branches": [program(WAIT, names="P"), program(machines.task(), names="Q")],
        "End": True,
    },
    "in a Map of Maps": lambda machines: {
        "Type": "Map",
        "ItemProcessor": program(
            {
                "Type": "Map",
                "ItemsPath": "$.items",
                "ItemProcessor": program(machines.task(), names="Q"),
                "End": True,
            },
            names="P",
        ),
        "End": True,
    },
}


def is_waiting(machines: Machines, execution: str) -> bool:
    return bool({"TaskSubmitted", "WaitStateEntered"} & {*machines.types(execution)})


@pytest.mark.parametrize("where", WAITING)
def test_a_stopped_execution_ends_at_once_wherever_it_waits(machines: Machines, where: str) -> None:
    execution = machines.start(machines.make(WAITING[where](machines)), [{"items": [1]}])
    wait_for("the state", lambda: is_waiting(machines, execution))
    stopped = machines.api.stop_execution(executionArn=execution, error="Stopped", cause="by a test")
    ended = machines.api.describe_execution(executionArn=execution)
    assert (ended["status"], ended["error"], ended["cause"]) == ("ABORTED", "Stopped", "by a test")
    assert ended["stopDate"] == stopped["stopDate"]
    last = machines.history(execution)[-1]
    assert last["executionAbortedEventDetails"] == {"error": "Stopped", "cause": "by a test"}


def test_its_token_is_good_no_more_and_its_history_is_over(machines: Machines) -> None:
    execution = machines.start(machines.make(machines.task(TimeoutSeconds=30)))
    token = machines.token()
    machines.api.stop_execution(executionArn=execution)
    for answer in (machines.api.send_task_success, machines.api.send_task_failure, machines.api.send_task_heartbeat):
        more = {"output": "{}"} if answer == machines.api.send_task_success else {}
        assert code(answer, taskToken=token, **more) == "TaskTimedOut"
    assert machines.types(execution)[-1] == "ExecutionAborted"


def test_one_that_has_ended_stays_as_it_is(machines: Machines) -> None:
    ended = machines.run({"Type": "Pass", "End": True})
    stopped = machines.api.stop_execution(executionArn=ended["executionArn"])
    assert stopped["stopDate"] == ended["stopDate"]
    assert machines.api.describe_execution(executionArn=ended["executionArn"])["status"] == "SUCCEEDED"


def test_one_can_be_stopped_before_it_has_begun(machines: Machines) -> None:
    machine = machines.make(WAIT)
    for _execution in range(10):
        execution = machines.start(machine)
        machines.api.stop_execution(executionArn=execution)
        assert machines.api.describe_execution(executionArn=execution)["status"] == "ABORTED"


def test_a_machine_whose_time_is_over_ends_though_a_task_waits(machines: Machines) -> None:
    ended = machines.run(machines.task(), TimeoutSeconds=3)
    assert ended["status"] == "TIMED_OUT"
    assert machines.types(ended["executionArn"])[-1] == "ExecutionTimedOut"
    assert code(machines.api.send_task_success, taskToken=machines.token(), output="{}") == "TaskTimedOut"


def test_what_it_started_and_waits_for_is_stopped_with_it(machines: Machines) -> None:
    inner = machines.make(machines.task())
    start = {"Type": "Task", "Resource": NESTED, "Parameters": {"StateMachineArn": inner, "Input": {}}, "End": True}
    outer = machines.start(machines.create(program(start)))
    machines.token()
    (started,) = machines.api.list_executions(stateMachineArn=inner)["executions"]
    machines.api.stop_execution(executionArn=outer)
    assert machines.end(started["executionArn"])["status"] == "ABORTED"
