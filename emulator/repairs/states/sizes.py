"""How large the data of an execution may be: 262,144 bytes of UTF-8.

LocalStack 4.14.0 takes any input of an execution and any output of a task, and counts a letter that is not ASCII as six
bytes. It does not look at what `Parameters` make of a state's input.
https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html#service-limits-task-executions
"""

import functools
import json
from typing import Any

from localstack.aws.api.stepfunctions import HistoryEventType, ValidationException
from localstack.services.stepfunctions.asl.component.common.error_name.custom_error_name import CustomErrorName
from localstack.services.stepfunctions.asl.component.common.error_name.failure_event import (
    FailureEvent,
    FailureEventException,
)
from localstack.services.stepfunctions.asl.component.state import state
from localstack.services.stepfunctions.asl.component.state.state_execution.state_task import (
    state_task,
    state_task_activitiy,
    state_task_lambda,
)
from localstack.services.stepfunctions.asl.component.state.state_execution.state_task.service import state_task_service
from localstack.services.stepfunctions.asl.utils.encoding import _DateTimeEncoder
from localstack.services.stepfunctions.provider import StepFunctionsProvider

BYTES_AT_MOST = 262_144
# The operations with what of their parameters has a length of its own, in bytes.
# https://docs.aws.amazon.com/step-functions/latest/apireference/API_Operations.html
LENGTHS = {
    "start_execution": {"input": BYTES_AT_MOST, "name": 80},
    "start_sync_execution": {"input": BYTES_AT_MOST, "name": 80},
    "send_task_success": {"output": BYTES_AT_MOST},
    "send_task_failure": {"error": 256, "cause": 32_768},
    "stop_execution": {"error": 256, "cause": 32_768},
}
ERROR = "States.DataLimitExceeded"
TOO_LARGE = "The state/task '{}' returned a result with a size exceeding the maximum number of bytes service limit."


def limit_sizes() -> None:
    """Refuse, and fail with, what is larger than AWS takes."""
    for module in (state, state_task_lambda, state_task_service):
        module.is_within_size_quota = is_within_size
    state_task.StateTask._eval_parameters = _within_size(state_task.StateTask._eval_parameters)
    state_task_activitiy.StateTaskActivity._eval_parameters = _within_size(
        state_task_activitiy.StateTaskActivity._eval_parameters
    )
    # What this one makes has the function's name beside its payload.
    lambda_task = state_task_lambda.StateTaskLambda
    lambda_task._eval_parameters = _within_size(lambda_task._eval_parameters, "Payload")
    for operation, lengths in LENGTHS.items():
        setattr(StepFunctionsProvider, operation, _checking(getattr(StepFunctionsProvider, operation), lengths))


def is_within_size(value: Any) -> bool:
    """Whether a value, as JSON, may be handed on."""
    text = json.dumps(value, cls=_DateTimeEncoder, separators=(",", ":"), ensure_ascii=False)
    # No letter takes more than four bytes: what is short need not be encoded.
    return len(text) * 4 <= BYTES_AT_MOST or len(text.encode(errors="surrogatepass")) <= BYTES_AT_MOST


def _within_size(eval_parameters: Any, measured: str | None = None) -> Any:
    @functools.wraps(eval_parameters)
    def eval_within_size(task: Any, env: Any) -> Any:
        parameters = eval_parameters(task, env=env)
        if is_within_size(parameters[measured] if measured else parameters):
            return parameters
        details = {"error": ERROR, "cause": TOO_LARGE.format(task.name)}
        raise FailureEventException(
            FailureEvent(
                env=env,
                error_name=CustomErrorName(ERROR),
                event_type=HistoryEventType.TaskFailed,
                event_details={"taskFailedEventDetails": details},
            )
        )

    return eval_within_size


def _checking(operation: Any, lengths: dict[str, int]) -> Any:
    @functools.wraps(operation)
    def checked(provider: Any, context: Any, **parameters: Any) -> Any:
        for name, most in lengths.items():
            given = parameters.get(name) or ""
            if len(given) * 4 > most and len(given.encode(errors="surrogatepass")) > most:
                raise ValidationException(
                    f"1 validation error detected: Value at '{name}' failed to satisfy constraint: "
                    f"Member must have length less than or equal to {most}"
                )
        return operation(provider, context, **parameters)

    return checked
