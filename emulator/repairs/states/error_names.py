"""Errors by the names that AWS gives them, and what of them Retry and Catch see.

LocalStack 4.14.0 takes no name that begins with `States.` from a Fail state, an item of a Map, a branch of a Parallel
or SendTaskFailure, and loses what had really failed behind that. `States.ALL` catches States.Runtime there, and nothing
catches States.HeartbeatTimeout. A cause from within a Map or Parallel is told as often as it is nested.

On AWS `States.ALL` matches all but States.Runtime, which nothing matches. The page says so of States.DataLimitExceeded,
too, but executions recorded on AWS go on where `States.ALL` catches it. `TaskFailed` matches all but timeouts, and a
missing heartbeat is a States.Timeout that is known as States.HeartbeatTimeout, too.
https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html#error-handling-error-representation
https://github.com/localstack/localstack/blob/v4.14.0/tests/aws/services/stepfunctions/v2/error_handling/test_states_errors.snapshot.json
"""

import functools
from typing import Any

from localstack.services.stepfunctions.asl.component.common.catch.catcher_decl import CatcherDecl
from localstack.services.stepfunctions.asl.component.common.error_name.custom_error_name import CustomErrorName
from localstack.services.stepfunctions.asl.component.common.error_name.error_equals_decl import ErrorEqualsDecl
from localstack.services.stepfunctions.asl.component.common.error_name.error_name import ErrorName
from localstack.services.stepfunctions.asl.component.common.error_name.failure_event import (
    FailureEvent,
    FailureEventException,
)
from localstack.services.stepfunctions.asl.component.state.state_execution.state_task.service import (
    state_task_service_callback as callback,
)
from localstack.services.stepfunctions.asl.component.state.state_execution.state_task.state_task_activitiy import (
    StateTaskActivity,
)
from localstack.services.stepfunctions.asl.eval.callback.callback import HeartbeatTimeoutError

ALL, TASK_FAILED = "States.ALL", "States.TaskFailed"
RUNTIME = "States.Runtime"
TIMEOUT, HEARTBEAT_TIMEOUT = "States.Timeout", "States.HeartbeatTimeout"

TOLD = "An error occurred while executing the state '"


def name_errors() -> None:
    """Take every name, match the names as AWS does, and tell a cause once."""
    CustomErrorName.__init__ = ErrorName.__init__
    ErrorEqualsDecl._eval_body = _match
    for task in (callback.StateTaskServiceCallback, StateTaskActivity):
        task._from_error = _knowing_heartbeats(task._from_error)
    CatcherDecl._eval_body = _naming_heartbeats(CatcherDecl._eval_body)
    FailureEventException.get_execution_failed_event_details = _telling_once(
        FailureEventException.get_execution_failed_event_details
    )


def matches(names: set[str | None], error: str | None) -> bool:
    """Whether a Retrier or Catcher with these names in its `ErrorEquals` is for an error."""
    if error == RUNTIME:
        return False
    if error in names or (error == HEARTBEAT_TIMEOUT and TIMEOUT in names):
        return True
    return ALL in names or (TASK_FAILED in names and error not in (TIMEOUT, HEARTBEAT_TIMEOUT))


def _match(declared: Any, env: Any) -> None:
    error = env.stack.pop()
    env.stack.append(matches({name.error_name for name in declared.error_names}, error and error.error_name))


def _knowing_heartbeats(from_error: Any) -> Any:
    @functools.wraps(from_error)
    def knowing_heartbeats(state: Any, env: Any, ex: Exception) -> FailureEvent:
        event = from_error(state, env=env, ex=ex)
        if isinstance(ex, HeartbeatTimeoutError):
            # The history calls it a timeout, as AWS's does.
            event.error_name = CustomErrorName(HEARTBEAT_TIMEOUT)
        return event

    return knowing_heartbeats


def _naming_heartbeats(eval_catcher: Any) -> Any:
    @functools.wraps(eval_catcher)
    def name_heartbeat(catcher: Any, env: Any) -> None:
        error = env.stack[-1].error_name
        if error and error.error_name == HEARTBEAT_TIMEOUT:
            asked_for = any(name.error_name == HEARTBEAT_TIMEOUT for name in catcher.error_equals.error_names)
            name = HEARTBEAT_TIMEOUT if asked_for else TIMEOUT
            env.states.set_error_output(env.states.get_error_output() | {"Error": name})
        eval_catcher(catcher, env)

    return name_heartbeat


def _telling_once(details_of: Any) -> Any:
    @functools.wraps(details_of)
    def tell_once(exception: Any) -> Any:
        details = details_of(exception)
        _error, cause = exception.extract_error_cause_pair() or (None, None)
        return details | {"cause": cause} if cause and cause.startswith(TOLD) else details

    return tell_once
