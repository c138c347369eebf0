"""Task tokens that come back while executions are being started."""

import json
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from emulator.repairs.states.task_tokens import Executions
from emulator.server import Server
from tests.clients import client_at
from tests.emulator.repairs.states.conftest import Machines, code
from tests.permissions import make_role

STARTS = 60
DEFINITION = {"StartAt": "Pass", "States": {"Pass": {"Type": "Pass", "End": True}}}


@pytest.fixture
def states(localstack: Server) -> Any:
    return client_at(localstack.endpoint_url, "stepfunctions")


@pytest.fixture
def machine(localstack: Server, states: Any) -> Iterator[str]:
    made = states.create_state_machine(
        name=f"machine-{uuid.uuid4().hex[:8]}",
        definition=json.dumps(DEFINITION),
        roleArn=make_role(localstack.endpoint_url),
    )
    yield made["stateMachineArn"]
    states.delete_state_machine(stateMachineArn=made["stateMachineArn"])


@pytest.mark.parametrize("close", ["send_task_success", "send_task_failure"])
def test_an_execution_that_is_just_starting_does_not_matter_to_a_token(states: Any, machine: str, close: str) -> None:
    result = {"output": "{}"} if close == "send_task_success" else {}
    with ThreadPoolExecutor(4) as pool:
        starting = [pool.submit(states.start_execution, stateMachineArn=machine) for _ in range(STARTS)]
        while not all(start.done() for start in starting):
            with pytest.raises(states.exceptions.InvalidToken):
                getattr(states, close)(taskToken="nobody's", **result)


def test_an_express_execution_is_none_that_an_operation_knows(machines: Machines) -> None:
    execution = machines.start(machines.make({"Type": "Pass", "End": True}, kind="EXPRESS"))
    for ask in (machines.api.describe_execution, machines.api.stop_execution, machines.api.get_execution_history):
        assert code(ask, executionArn=execution) == "InvalidArn"


def test_executions_are_listed_while_others_start(states: Any, machine: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        starting = [pool.submit(states.start_execution, stateMachineArn=machine) for _ in range(STARTS)]
        while not all(start.done() for start in starting):
            states.list_executions(stateMachineArn=machine)
    assert len(states.list_executions(stateMachineArn=machine)["executions"]) == STARTS


def test_an_execution_that_is_added_does_not_disturb_who_goes_through_the_others() -> None:
    executions = Executions(one=1)
    for _execution in executions.values():
        executions["another"] = 2
    assert list(executions.values()) == [1, 2]
