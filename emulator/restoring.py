"""Takes back what was saved of another sandbox and has no operation of AWS: executions that are over, old log events.

It gets data only, as the services told it, and runs nothing of it.
"""

import copy
import json
from datetime import datetime
from typing import Any

from localstack.aws.api.stepfunctions import ExecutionStatus
from localstack.services.edge import ROUTER
from rolo import Request, Response

# As observatory/saved/restoring.py asks for them; nothing of this folder imports that one.
EXECUTIONS_PATH = "/_sandbox/executions"
LOGS_PATH = "/_sandbox/logs"
TIME = "$time"


def answer() -> None:
    """Answer requests to take something back."""
    ROUTER.add(EXECUTIONS_PATH, _take_execution, methods=["POST"])
    ROUTER.add(LOGS_PATH, _take_log, methods=["POST"])


def _take_execution(request: Request) -> Response:
    # Not above: it loads the service, which is for others to begin with.
    from localstack.services.stepfunctions.backend.store import sfn_stores

    said = _read(request)
    region, account = said["executionArn"].split(":")[3:5]
    store = sfn_stores[account][region]
    machine = copy.deepcopy(store.state_machines[said["stateMachineArn"]])
    machine.definition = said["definition"]
    store.executions[said["executionArn"]] = _execution(said, machine, store.activities, account, region)
    return Response(status=204)


def _execution(said: dict[str, Any], machine: Any, activities: Any, account: str, region: str) -> Any:
    from localstack.services.stepfunctions.backend.execution import Execution

    execution = Execution(
        name=said["name"],
        sm_type=machine.sm_type,
        role_arn=machine.role_arn,
        exec_arn=said["executionArn"],
        account_id=account,
        region_name=region,
        state_machine=machine,
        start_date=said["startDate"],
        cloud_watch_logging_session=None,
        activity_store=activities,
        input_data=json.loads(said.get("input") or "{}"),
    )
    execution.exec_status = ExecutionStatus(said["status"])
    execution.stop_date, execution.error, execution.cause = said["stopDate"], said.get("error"), said.get("cause")
    execution.output = json.loads(said.get("output") or "null")
    execution.redrive_count, execution.redrive_date = said.get("redriveCount", 0), said.get("redriveDate")
    worker = execution.exec_worker = execution._get_start_execution_worker()
    env = worker._get_evaluation_environment()
    env.event_manager._history_event_list.extend(said["history"])
    env.event_manager._event_id_gen._next_id = len(said["history"]) + 1
    env.event_history_context.is_over = True
    return execution


def _take_log(request: Request) -> Response:
    from localstack.services.logs.models import get_moto_logs_backend

    said = _read(request)
    store = get_moto_logs_backend(said["account"], said["region"])
    store.ensure_log_group(said["group"])
    for event in said["events"]:
        store.ensure_log_stream(said["group"], event["logStreamName"])
        # Not by the store, which refuses what is older than two weeks.
        store.groups[said["group"]].put_log_events(event["logStreamName"], [event])
    return Response(status=204)


def _read(request: Request) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(request.data, object_hook=_time)
    return said


def _time(said: dict[str, Any]) -> Any:
    return datetime.fromisoformat(said[TIME]) if said.keys() == {TIME} else said
