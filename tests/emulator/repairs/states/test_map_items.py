"""Maps of any length, and what becomes of their items when one fails."""

from typing import Any

import pytest

from testkit.waiting import wait_for
from tests.emulator.repairs.states.conftest import Machines, program

# A worker of LocalStack's own came to some 970.
ITEMS = 1200
PASS = {"Type": "Pass", "End": True}
FAIL = {"Type": "Fail", "Error": "Broken", "Cause": "on purpose"}
WAIT = {"Type": "Wait", "Seconds": 60, "End": True}
DISTRIBUTED = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}


def over(items: str, *states: dict[str, Any], processor: Any = None, **more: Any) -> dict[str, Any]:
    return {
        "Type": "Map",
        "ItemsPath": items,
        "ItemProcessor": program(*states, names="PQRS") | (processor or {}),
        "End": True,
    } | more


@pytest.mark.parametrize("processor", [{}, DISTRIBUTED], ids=["inline", "distributed"])
@pytest.mark.parametrize("field", ["ItemProcessor", "Iterator"])
def test_a_map_is_as_long_as_its_items(patched_machines: Machines, processor: dict[str, Any], field: str) -> None:
    state = over("$.items", PASS, processor=processor, MaxConcurrency=1, ResultPath=None)
    state[field] = state.pop("ItemProcessor")
    ended = patched_machines.run(state, given={"items": list(range(ITEMS))})
    assert ended["status"] == "SUCCEEDED", ended


def test_the_results_are_in_the_order_of_the_items(machines: Machines) -> None:
    items = list(range(300))
    assert machines.run(over("$", PASS), given=items)["output"].replace(" ", "") == str(items).replace(" ", "")


@pytest.mark.parametrize("at_a_time", [0, 1000])
def test_forty_items_run_at_a_time(machines: Machines, at_a_time: int) -> None:
    execution = machines.start(machines.make(over("$", machines.task(), MaxConcurrency=at_a_time)), list(range(50)))
    tokens = [machines.token() for _item in range(40)]
    assert machines.types(execution).count("MapIterationStarted") == 40
    for token in tokens[:10]:
        machines.api.send_task_success(taskToken=token, output="{}")
    tokens = tokens[10:] + [machines.token() for _item in range(10)]
    for token in tokens:
        machines.api.send_task_success(taskToken=token, output="{}")
    assert machines.end(execution)["status"] == "SUCCEEDED"


def fail_when_told(machines: Machines, fail: str) -> tuple[dict[str, Any], ...]:
    """Two states, of which the second has this name."""
    return machines.task(Catch=[{"ErrorEquals": ["States.ALL"], "Next": fail}]), FAIL


def fail_beside_wait(machines: Machines, state: dict[str, Any], given: Any = None) -> Any:
    """What comes of a state of which one way waits, and the other fails then."""
    execution = machines.start(machines.make(state), given)
    token = machines.token()
    wait_for("the wait", lambda: "WaitStateEntered" in machines.types(execution))
    machines.api.send_task_failure(taskToken=token)
    return machines.end(execution)


def test_what_still_runs_is_aborted_when_an_item_fails(machines: Machines) -> None:
    choice = {"Type": "Choice", "Choices": [{"Variable": "$", "NumericEquals": 1, "Next": "R"}], "Default": "Q"}
    ended = fail_beside_wait(machines, over("$", choice, WAIT, *fail_when_told(machines, "S")), [0, 1])
    assert (ended["status"], ended["error"], ended["cause"]) == ("FAILED", "Broken", "on purpose")
    assert machines.types(ended["executionArn"])[-5:] == [
        "MapIterationFailed",
        "MapIterationAborted",
        "WaitStateAborted",
        "MapStateFailed",
        "ExecutionFailed",
    ]


def test_the_token_of_an_aborted_item_is_good_no_more(machines: Machines) -> None:
    machine = machines.make(over("$", machines.task(), Catch=[{"ErrorEquals": ["Broken"], "Next": "B"}]), PASS)
    execution = machines.start(machine, [0, 1])
    first, second = machines.token(), machines.token()
    # What is sent with a token is in the history a moment later.
    wait_for("both to wait", lambda: machines.types(execution).count("TaskSubmitted") == 2)
    machines.api.send_task_failure(taskToken=first, error="Broken")
    assert machines.end(execution)["status"] == "SUCCEEDED"
    with pytest.raises(machines.api.exceptions.TaskTimedOut):
        machines.api.send_task_success(taskToken=second, output="{}")
    types = machines.types(execution)
    assert types[types.index("MapIterationFailed") :] == [
        "MapIterationFailed",
        "TaskStateAborted",
        "MapIterationAborted",
        "TaskStateAborted",
        "MapStateFailed",
        "MapStateExited",
        "PassStateEntered",
        "PassStateExited",
        "ExecutionSucceeded",
    ]


def test_what_still_runs_is_aborted_when_a_branch_fails(machines: Machines) -> None:
    branches = [program(WAIT, names="P"), program(*fail_when_told(machines, "R"), names="QR")]
    ended = fail_beside_wait(machines, {"Type": "Parallel", "Branches": branches, "End": True})
    assert ended["error"] == "Broken"
    assert machines.types(ended["executionArn"])[-3:] == ["WaitStateAborted", "ParallelStateFailed", "ExecutionFailed"]
