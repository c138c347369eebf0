"""Errors, by the names that AWS gives them."""

from typing import Any

import pytest

from emulator.repairs.states.error_names import matches
from tests.emulator.repairs.states.conftest import Machines, program

NAMES = ("My.Error", "States.TaskFailed", "States.Timeout", "States.ALL", "States.NotKnown", "x" * 250)
CAUGHT = {"Type": "Pass", "Parameters": {"name.$": "$.Error"}, "End": True}


def failing(name: str) -> dict[str, Any]:
    return {"Type": "Fail", "Error": name, "Cause": "on purpose"}


def catching(*names: str) -> list[dict[str, Any]]:
    return [{"ErrorEquals": [*names], "Next": "B"}]


@pytest.mark.parametrize("name", NAMES)
def test_a_fail_state_fails_with_any_name(machines: Machines, name: str) -> None:
    ended = machines.run(failing(name))
    assert (ended["status"], ended["error"], ended["cause"]) == ("FAILED", name, "on purpose")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", ["Map", "Parallel"])
def test_so_do_an_item_and_a_branch(machines: Machines, kind: str, name: str) -> None:
    failed = program(failing(name), names="P")
    inner: dict[str, Any] = {"Map": {"ItemProcessor": failed}, "Parallel": {"Branches": [failed]}}
    ended = machines.run({"Type": kind, "End": True, **inner[kind]}, given=[1])
    assert (ended["status"], ended["error"], ended["cause"]) == ("FAILED", name, "on purpose")


def test_send_task_failure_fails_with_any_name(machines: Machines) -> None:
    execution = machines.start(machines.make(machines.task()))
    machines.api.send_task_failure(taskToken=machines.token(), error="States.Permissions")
    assert machines.end(execution)["error"] == "States.Permissions"


@pytest.mark.parametrize(
    ("names", "error", "expected"),
    [
        ({"States.ALL"}, "My.Error", True),
        ({"States.ALL"}, None, True),
        ({"States.ALL"}, "States.Timeout", True),
        ({"States.ALL"}, "States.Runtime", False),
        ({"States.Runtime"}, "States.Runtime", False),
        ({"States.ALL"}, "States.DataLimitExceeded", True),
        ({"States.DataLimitExceeded"}, "States.DataLimitExceeded", True),
        ({"States.TaskFailed"}, "My.Error", True),
        ({"States.TaskFailed"}, "States.TaskFailed", True),
        ({"States.TaskFailed"}, "States.Timeout", False),
        ({"States.TaskFailed"}, "States.HeartbeatTimeout", False),
        ({"States.Timeout"}, "States.HeartbeatTimeout", True),
        ({"States.HeartbeatTimeout"}, "States.HeartbeatTimeout", True),
        ({"States.HeartbeatTimeout"}, "States.Timeout", False),
        ({"Other", "My.Error"}, "My.Error", True),
        ({"Other"}, "My.Error", False),
    ],
)
def test_what_a_catcher_is_for(names: set[str | None], error: str | None, expected: bool) -> None:
    assert matches(names, error) is expected


@pytest.mark.parametrize("name", ["States.HeartbeatTimeout", "States.Timeout"])
def test_a_missing_heartbeat_is_caught_by_both_its_names(machines: Machines, name: str) -> None:
    ended = machines.run(machines.task(HeartbeatSeconds=1, TimeoutSeconds=60, Catch=catching(name)), CAUGHT)
    assert (ended["status"], ended.get("output")) == ("SUCCEEDED", f'{{"name":"{name}"}}')


def test_nothing_catches_a_runtime_error(machines: Machines) -> None:
    broken = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "Parameters": {"x.$": "$.gone"}}
    ended = machines.run(broken | {"Catch": catching("States.ALL"), "End": True}, CAUGHT)
    assert (ended["status"], ended["error"]) == ("FAILED", "States.Runtime")


def test_the_cause_within_a_map_is_told_once(machines: Machines) -> None:
    item = {"Type": "Pass", "Parameters": {"x.$": "$.gone"}, "End": True}
    ended = machines.run({"Type": "Map", "ItemProcessor": program(item, names="P"), "End": True}, given=[{}])
    assert ended["cause"] == (
        "An error occurred while executing the state 'P' (entered at the event id #5). The JSONPath '$.gone' specified "
        "for the field 'x.$' could not be found in the input '{}'"
    )
