"""Executions of express machines, which are forgotten once they have ended.

LocalStack 4.14.0 keeps each with its history as long as it runs, though no operation tells of it, on AWS neither: by
their ARNs they are no executions that an operation knows, whether they have ended or not.
https://docs.aws.amazon.com/step-functions/latest/dg/choosing-workflow-type.html
"""

import functools
from typing import Any

from localstack.aws.api.stepfunctions import StateMachineType
from localstack.services.stepfunctions.backend.execution import BaseExecutionWorkerCommunication
from localstack.services.stepfunctions.backend.store import sfn_stores
from localstack.services.stepfunctions.provider import StepFunctionsProvider


def forget_express_executions() -> None:
    """Let go of an express execution at its end."""
    terminated = BaseExecutionWorkerCommunication.terminated

    @functools.wraps(terminated)
    def terminated_and_forgotten(communication: Any) -> None:
        terminated(communication)
        execution = communication.execution
        if execution.sm_type == StateMachineType.EXPRESS:
            store = sfn_stores[execution.account_id][execution.region_name]
            store.executions.pop(execution.exec_arn, None)

    BaseExecutionWorkerCommunication.terminated = terminated_and_forgotten
    StepFunctionsProvider._get_execution = _of_standard_machines(StepFunctionsProvider._get_execution)


def _of_standard_machines(get: Any) -> Any:
    @functools.wraps(get)
    def get_standard(provider: Any, context: Any, execution_arn: str) -> Any:
        if execution_arn.split(":")[5:6] == ["express"]:
            provider._raise_resource_type_not_in_context(StateMachineType.EXPRESS)
        return get(provider, context, execution_arn)

    return get_standard
