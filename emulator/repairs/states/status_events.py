"""The events that tell of an execution's status, as Step Functions puts them on the bus.

LocalStack 4.14.0 has text in the place of their times, where AWS has milliseconds, says nothing of redrives, and tells
of express executions, too. AWS leaves out an input or output of more than 248 KiB.
https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
"""

import datetime
import json
import logging
from typing import Any

from localstack.aws.api.stepfunctions import StateMachineType
from localstack.services.stepfunctions.asl.utils.encoding import to_json_str
from localstack.services.stepfunctions.backend.execution import Execution

from emulator.repairs.states.redrive_status import describe_redrives

LOG = logging.getLogger(__name__)

BYTES_AT_MOST = 248 * 1024


def announce_as_aws() -> None:
    """Put AWS's events on the bus."""
    Execution.publish_execution_status_change_event = _publish


def _publish(execution: Any) -> None:
    if execution.sm_type != StateMachineType.STANDARD:
        return
    redrives = {"redriveDate": None, "redriveStatusReason": None} | describe_redrives(execution)
    detail = {
        "executionArn": execution.exec_arn,
        "stateMachineArn": execution.state_machine_arn,
        "stateMachineVersionArn": execution.state_machine_version_arn,
        "stateMachineAliasArn": execution.state_machine_alias_arn,
        "name": execution.name,
        "status": execution.exec_status,
        "startDate": milliseconds(execution.start_date),
        "stopDate": milliseconds(execution.stop_date),
        **_data("input", execution.input_data),
        **(_data("output", execution.output) if execution.output is not None else {"output": None}),
        "error": execution.error,
        "cause": execution.cause,
        **redrives,
        "redriveDate": milliseconds(redrives["redriveDate"]),
    }
    entry = {
        "Source": "aws.states",
        "DetailType": "Step Functions Execution Status Change",
        "Resources": [execution.exec_arn],
        "Detail": json.dumps({"outputDetails": None} | detail),
    }
    try:
        execution._get_events_client().put_events(Entries=[entry])
    except Exception:  # as LocalStack's own: an execution goes on without its events
        LOG.exception("the event that %s is %s was not put", execution.exec_arn, execution.exec_status)


def milliseconds(date: datetime.datetime | None) -> int | None:
    """A time as these events have it."""
    return None if date is None else int(date.timestamp() * 1000)


def _data(name: str, value: Any) -> dict[str, Any]:
    text = to_json_str(value, separators=(",", ":"))
    if len(text.encode()) > BYTES_AT_MOST:
        return {name: None, f"{name}Details": {"included": False}}
    return {name: text, f"{name}Details": {"included": True}}
