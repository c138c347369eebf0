"""The history of an execution by the page, with the data of its events or without.

LocalStack 4.14.0 gives out all of a history at once, whatever was asked for, and copies all of it each time.
https://docs.aws.amazon.com/step-functions/latest/apireference/API_GetExecutionHistory.html
"""

import base64
import binascii
from typing import Any

from localstack.aws.api.stepfunctions import GetExecutionHistoryOutput, InvalidToken, StateMachineType
from localstack.services.stepfunctions.provider import StepFunctionsProvider
from localstack.services.stepfunctions.stepfunctions_utils import assert_pagination_parameters_valid

PAGE_EVENTS = 100
DATA = frozenset({"input", "inputDetails", "output", "outputDetails", "parameters"})
NEWEST, OLDEST = "newest", "oldest"


def give_out_pages() -> None:
    """Give out as many events of a history as were asked for, and a token for the next ones."""
    StepFunctionsProvider.get_execution_history = _get_execution_history


def _get_execution_history(  # noqa: PLR0913, PLR0917 - as the operation has them
    provider: Any,
    context: Any,
    execution_arn: str,
    max_results: int | None = None,
    reverse_order: bool | None = None,
    next_token: str | None = None,
    include_execution_data: bool | None = None,
    **_more: object,
) -> GetExecutionHistoryOutput:
    provider._validate_state_machine_execution_arn(execution_arn)
    execution = provider._get_execution(context=context, execution_arn=execution_arn)
    if execution.sm_type != StateMachineType.STANDARD:
        provider._raise_resource_type_not_in_context(resource_type=execution.sm_type)
    assert_pagination_parameters_valid(max_results, next_token)
    # Events are only ever added, and none is changed.
    events = execution.exec_worker.env.event_manager._history_event_list if execution.exec_worker.env else []
    order = NEWEST if reverse_order else OLDEST
    # The first event's number is 1.
    start = _read_token(next_token, order) if next_token else (len(events) if reverse_order else 1)
    size = max_results or PAGE_EVENTS
    if reverse_order:
        page, following = events[max(start - size, 0) : start][::-1], start - size
    else:
        page, following = events[start - 1 : start - 1 + size], start + size
    answer = GetExecutionHistoryOutput(events=page if include_execution_data is not False else _without_data(page))
    if 1 <= following <= len(events):
        answer["nextToken"] = base64.b64encode(f"{order} {following}".encode()).decode()
    return answer


def _read_token(token: str, order: str) -> int:
    try:
        given_order, start = base64.b64decode(token, validate=True).decode().split(" ")
        if given_order == order and (first := int(start)) > 0:
            return first
    except (binascii.Error, UnicodeDecodeError, ValueError):
        pass
    raise InvalidToken("Invalid Token: 'Invalid token'")


def _without_data(events: list[Any]) -> list[Any]:
    return [
        {
            name: {key: item for key, item in value.items() if key not in DATA} if isinstance(value, dict) else value
            for name, value in event.items()
        }
        for event in events
    ]
