"""What an execution says of its redrives; LocalStack 4.14.0 says nothing.

https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html
"""

import datetime
from typing import Any

from localstack.aws.api.stepfunctions import ExecutionRedriveStatus, ExecutionStatus
from localstack.services.stepfunctions.backend.execution import Execution

REDRIVABLE_DAYS = 14
# ExecutionRedriven and one more event must fit into the history.
EVENTS_BEFORE = 24_999

KEPT_REASONS = (ExecutionStatus.RUNNING, ExecutionStatus.SUCCEEDED)


def tell_of_redrives() -> None:
    """Say how often an execution was redriven, and whether it can be."""
    Execution.redrive_count, Execution.redrive_date = 0, None
    for name, tells_status in (("to_describe_output", True), ("to_execution_list_item", False)):
        setattr(Execution, name, _telling(getattr(Execution, name), tells_status=tells_status))


def refusal(execution: Any) -> str | None:
    """Why an execution cannot be redriven, in AWS's words; nothing when it can."""
    if execution.exec_status in KEPT_REASONS:
        return f"Execution is {execution.exec_status} and cannot be redriven"
    if len(execution.exec_worker.env.event_manager._history_event_list) >= EVENTS_BEFORE:
        return "Execution history event limit exceeded"
    ended = execution.stop_date or execution.start_date
    if datetime.datetime.now(tz=datetime.UTC) - ended > datetime.timedelta(days=REDRIVABLE_DAYS):
        return "Execution redrivable period exceeded"
    return None


def describe_redrives(execution: Any) -> dict[str, Any]:
    """What DescribeExecution, and an event of its status, say of an execution's redrives."""
    reason = refusal(execution)
    described = _count(execution)
    if reason is None:
        return described | {"redriveStatus": ExecutionRedriveStatus.REDRIVABLE}
    return described | {"redriveStatus": ExecutionRedriveStatus.NOT_REDRIVABLE, "redriveStatusReason": reason}


def redrives_in_context(execution: Any) -> dict[str, Any]:
    """What the context object says of an execution's redrives.

    https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html
    """
    date = execution.redrive_date
    return {"RedriveCount": execution.redrive_count} | ({"RedriveTime": _iso(date)} if date else {})


def _iso(date: datetime.datetime) -> str:
    return date.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _count(execution: Any) -> dict[str, Any]:
    date = {} if execution.redrive_date is None else {"redriveDate": execution.redrive_date}
    return {"redriveCount": execution.redrive_count, **date}


def _telling(describe: Any, *, tells_status: bool) -> Any:
    def describe_with_redrives(execution: Any) -> Any:
        return describe(execution) | (describe_redrives(execution) if tells_status else _count(execution))

    return describe_with_redrives
