"""RedriveExecution: an execution that did not succeed goes on from where it was.

LocalStack 4.14.0 has no such operation. AWS goes on with the state that was not left, with the input that it had and
new task tokens, in the same execution and history; in a Map or Parallel only with the items and branches that did not
succeed, unless the state failed with States.DataLimitExceeded. What was entered is not entered again, but for Fail.
https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html
https://docs.aws.amazon.com/step-functions/latest/apireference/API_RedriveExecution.html
"""

import datetime
import functools
import threading
from typing import Any

from localstack.aws.api.stepfunctions import (
    ExecutionNotRedrivable,
    ExecutionStatus,
    HistoryEventType,
    RedriveExecutionOutput,
    StateMachineType,
)
from localstack.services.stepfunctions.asl.component.program.program import Program
from localstack.services.stepfunctions.backend.execution import Execution
from localstack.services.stepfunctions.provider import StepFunctionsProvider

from emulator.repairs.states.branches import UNKNOWN
from emulator.repairs.states.histories import append
from emulator.repairs.states.redrive_status import refusal

REMEMBERED_CLIENT_TOKENS = 10

_redriving = threading.Lock()


def redrive_executions() -> None:
    """Let an execution that did not succeed go on."""
    Execution.redrives = None
    StepFunctionsProvider.redrive_execution = _redrive_execution
    Program._eval_body = _going_on(Program._eval_body)


def _redrive_execution(
    provider: Any, context: Any, execution_arn: str, client_token: str | None = None, **_more: object
) -> RedriveExecutionOutput:
    provider._validate_state_machine_execution_arn(execution_arn)
    execution = provider._get_execution(context=context, execution_arn=execution_arn)
    if execution.sm_type != StateMachineType.STANDARD:
        provider._raise_resource_type_not_in_context(resource_type=execution.sm_type)
    with _redriving:
        execution.redrives = execution.redrives or {}
        if client_token not in execution.redrives:
            if reason := refusal(execution):
                raise ExecutionNotRedrivable(reason)
            _redrive(execution)
            execution.redrives[client_token] = execution.redrive_date
        for forgotten in list(execution.redrives)[:-REMEMBERED_CLIENT_TOKENS]:
            del execution.redrives[forgotten]
    return RedriveExecutionOutput(redriveDate=execution.redrives[client_token])


def _redrive(execution: Any) -> None:
    worker, before = execution.exec_worker, execution.exec_worker.env
    if execution.error == "States.DataLimitExceeded":
        before.branch.children = {}
    execution.redrive_count += 1
    execution.redrive_date = datetime.datetime.now(tz=datetime.UTC)
    execution.exec_status = ExecutionStatus.RUNNING
    execution.stop_date = execution.error = execution.cause = None
    worker.env = None
    env = worker._get_evaluation_environment()
    env.event_manager, env.map_run_record_pool_manager = before.event_manager, before.map_run_record_pool_manager
    env.branch = before.branch
    env.branch.tokens = env.callback_pool_manager
    for part in env.branch.all():
        part.is_resumed = part.state is not None
    with env.event_manager._mutex:
        env.event_history_context.source_event_id = before.event_history_context.last_published_event_id
        details = {"executionRedrivenEventDetails": {"redriveCount": execution.redrive_count}}
        append(env.event_manager, env.event_history_context, HistoryEventType.ExecutionRedriven, details)
    execution.publish_execution_status_change_event()
    threading.Thread(target=_go_on, args=(worker, env), name="redriven-execution", daemon=True).start()


def _go_on(worker: Any, env: Any) -> None:
    worker._get_evaluation_entrypoint().eval(env)
    worker._execution_communication.terminated()


def _going_on(eval_states: Any) -> Any:
    @functools.wraps(eval_states)
    def eval_from_where_it_was(program: Any, env: Any) -> None:
        branch = env.branch
        if branch.output is not UNKNOWN:  # a branch of a Parallel that had succeeded
            env.states.reset(input_value=branch.output)
            env.set_ended()
            return
        if branch.is_resumed:
            env.next_state_name = branch.state.name
            env.states.reset(input_value=branch.input)
            env.variable_store._inner_scope.update(branch.variables)
        eval_states(program, env)

    return eval_from_where_it_was
