"""How long a task may take, and an express execution."""

import json
from types import SimpleNamespace
from typing import Any

import pytest
from localstack.aws.api.stepfunctions import StateMachineType
from localstack.services.stepfunctions.asl.component.state.state_execution.execute_state import ExecutionState
from localstack.services.stepfunctions.asl.parse.asl_parser import AmazonStateLanguageParser

from emulator.repairs.states import timeouts
from tests.emulator.repairs.states.conftest import Machines, program


def parse(state: dict[str, Any], **more: Any) -> Any:
    """LocalStack's own view of a machine with one state."""
    parsed, _tree = AmazonStateLanguageParser.parse(json.dumps(program(state) | more))
    return parsed


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, 99_999_999),
        ({"HeartbeatSeconds": 600}, 99_999_999),
        ({"HeartbeatSeconds": 600, "TimeoutSeconds": 900}, 900),
        ({"TimeoutSeconds": 60}, 60),
    ],
)
def test_a_task_with_heartbeats_has_as_long_as_any_other(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, int], expected: int
) -> None:
    monkeypatch.setattr(ExecutionState, "from_state_props", timeouts._without_minute(ExecutionState.from_state_props))
    resource = "arn:aws:states:::sqs:sendMessage.waitForTaskToken"
    task = parse({"Type": "Task", "Resource": resource, "Parameters": {}, "End": True, **given}).states.states["A"]
    assert task.timeout.timeout_seconds == expected
    assert task.timeout.is_default_value() == ("TimeoutSeconds" not in given)


@pytest.mark.parametrize(
    ("kind", "is_inner", "own", "expected"),
    [
        (StateMachineType.EXPRESS, False, {}, 300),
        (StateMachineType.EXPRESS, False, {"TimeoutSeconds": 9}, 9),
        (StateMachineType.EXPRESS, False, {"TimeoutSeconds": 900}, 300),
        (StateMachineType.EXPRESS, True, {}, None),
        (StateMachineType.STANDARD, False, {}, None),
        (StateMachineType.STANDARD, False, {"TimeoutSeconds": 900}, 900),
    ],
)
def test_an_express_execution_has_five_minutes(
    kind: StateMachineType, is_inner: bool, own: dict[str, int], expected: int | None
) -> None:
    seen: list[Any] = []
    env = SimpleNamespace(
        event_manager=SimpleNamespace(execution=SimpleNamespace(sm_type=kind)), is_frame=lambda: is_inner
    )
    parsed = parse({"Type": "Succeed"}, **own)
    timeouts._within_five_minutes(lambda run, _env: seen.append(run.timeout_seconds))(parsed, env)
    assert (seen[0] and seen[0].timeout_seconds) == expected
    assert (parsed.timeout_seconds and parsed.timeout_seconds.timeout_seconds) == own.get("TimeoutSeconds")


def test_who_waits_for_an_express_execution_is_told_that_its_time_is_over(machines: Machines) -> None:
    machine = machines.make({"Type": "Wait", "Seconds": 60, "End": True}, kind="EXPRESS", TimeoutSeconds=1)
    assert machines.api.start_sync_execution(stateMachineArn=machine)["status"] == "TIMED_OUT"
