"""Task tokens that can be handed back at any time, once.

LocalStack 4.14.0 asks each execution that it ever ran for the token. One that is only just starting has nothing that
could be asked, and one that is added meanwhile changes what is gone through: the answer is status 500. A token that was
used, or whose task has timed out, is taken as if its task still waited, and one token serves all attempts of a task,
so that the second attempt ends at once with the answer to the first. An answer that comes before LocalStack waits for
heartbeats is noticed when none comes. An output that is no JSON fails the execution.

AWS answers TaskTimedOut for a task that no longer waits, InvalidToken for what is no token, InvalidOutput for what is
no JSON; each attempt has a token of its own.
https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskSuccess.html
https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html#connect-wait-token
"""

import functools
import json
import threading
from collections import OrderedDict
from typing import Any

from localstack.aws.api.stepfunctions import (
    ActivityDoesNotExist,
    InvalidOutput,
    InvalidToken,
    SendTaskFailureOutput,
    SendTaskHeartbeatOutput,
    SendTaskSuccessOutput,
    TaskTimedOut,
)
from localstack.services.stepfunctions.asl.component.state.state_execution.state_task.service.resource import (
    ResourceCondition,
)
from localstack.services.stepfunctions.asl.component.state.state_execution.state_task.service.state_task_service_callback import (  # noqa: E501
    StateTaskServiceCallback,
)
from localstack.services.stepfunctions.asl.component.state.state_execution.state_task.state_task_activitiy import (
    StateTaskActivity,
)
from localstack.services.stepfunctions.asl.eval.callback.callback import (
    ActivityCallbackEndpoint,
    ActivityTaskStartEndpoint,
    CallbackEndpoint,
    CallbackOutcomeFailure,
    CallbackOutcomeSuccess,
    CallbackPoolManager,
)
from localstack.services.stepfunctions.backend.activity import Activity, ActivityTask
from localstack.services.stepfunctions.backend.store import SFNStore
from localstack.services.stepfunctions.provider import StepFunctionsProvider

# Where each task waits for its token, and of which account and region it was: that has these activities.
_waiting: dict[str, CallbackEndpoint] = {}
_accounts: dict[str, Any] = {}
_answering = threading.Lock()


def answer_each_token_once() -> None:
    """Find a task by its token, give each attempt one, and tell who comes too late."""
    CallbackEndpoint.is_over = False
    CallbackEndpoint.interrupt_all = _ending(CallbackEndpoint.interrupt_all)
    CallbackEndpoint.setup_heartbeat_endpoint = _noticing_answer(CallbackEndpoint.setup_heartbeat_endpoint)
    # Without this, an activity that nobody takes up fails with an AttributeError when its time is over.
    ActivityTaskStartEndpoint._outcome = None
    CallbackPoolManager.is_over = False
    CallbackPoolManager.add = _add
    CallbackPoolManager.add_activity_task = _add_activity_task
    StateTaskServiceCallback._evaluate_with_timeout = _with_own_token(StateTaskServiceCallback._evaluate_with_timeout)
    StateTaskActivity._eval_execution = _ending_token(StateTaskActivity._eval_execution)
    StepFunctionsProvider.send_task_success = _send_task_success
    StepFunctionsProvider.send_task_failure = _send_task_failure
    StepFunctionsProvider.send_task_heartbeat = _send_task_heartbeat
    StepFunctionsProvider._send_activity_task_started = _start_activity
    Activity.get_task = _next_waiting(Activity.get_task)
    vars(SFNStore)["executions"].default = Executions


class Executions(OrderedDict[str, Any]):
    """The executions by their ARNs; they are gone through as they were when that began."""

    def values(self) -> Any:
        """Those that there are now."""
        return tuple(super().values())


def end_tokens(tasks: Any) -> None:
    """Let none of a pool's tasks wait any longer, nor any that is added."""
    tasks.is_over = True
    for task in tuple(tasks._pool.values()):
        task.interrupt_all()


def _add(pool: Any, callback_id: str) -> CallbackEndpoint:
    return _remember(pool, CallbackEndpoint(callback_id=callback_id))


def _add_activity_task(pool: Any, callback_id: str, activity_arn: str, activity_input: str) -> ActivityCallbackEndpoint:
    activity = pool._activity_store.get(activity_arn)
    if activity is None:
        raise ActivityDoesNotExist
    task = _remember(pool, ActivityCallbackEndpoint(callback_id=callback_id, activity_input=activity_input))
    # Last, for a worker may take it at once.
    activity.add_task(ActivityTask(task_token=callback_id, task_input=activity_input))
    return task


def _remember[T: CallbackEndpoint](pool: Any, task: T) -> T:
    pool._pool[task.callback_id] = task
    _accounts[task.callback_id] = pool._activity_store
    _waiting[task.callback_id] = task
    # Its execution may have been stopped a moment ago.
    if pool.is_over:
        task.interrupt_all()
    return task


def _ending(interrupt: Any) -> Any:
    @functools.wraps(interrupt)
    def end(task: Any) -> None:
        task.is_over = True
        _waiting.pop(task.callback_id, None)
        interrupt(task)
        if isinstance(task, ActivityCallbackEndpoint):  # which a worker may not have taken up
            task._activity_task_start_endpoint._next_activity_task_start_event.set()

    return end


def _noticing_answer(set_up: Any) -> Any:
    @functools.wraps(set_up)
    def set_up_and_notice(task: Any, heartbeat_seconds: int) -> Any:
        heartbeats = set_up(task, heartbeat_seconds)
        if task.is_over:
            heartbeats.notify()
        return heartbeats

    return set_up_and_notice


def _with_own_token(evaluate: Any) -> Any:
    @functools.wraps(evaluate)
    def evaluate_attempt(state: Any, env: Any) -> None:
        if state.resource.condition != ResourceCondition.WaitForTaskToken:
            evaluate(state, env)
            return
        context = env.states.context_object
        task = env.callback_pool_manager.get(context.context_object_data["Task"]["Token"])
        if task.is_over:
            task = env.callback_pool_manager.add(context.update_task_token())
        try:
            evaluate(state, env)
        finally:
            # Not looked for by its token: in TestState, that is one of the caller's own by now.
            task.interrupt_all()

    return evaluate_attempt


def _ending_token(execute: Any) -> Any:
    @functools.wraps(execute)
    def execute_activity(state: Any, env: Any) -> None:
        try:
            execute(state, env)
        finally:
            given = env.states.context_object.context_object_data.get("Task")
            if given and (task := env.callback_pool_manager.get(given["Token"])):
                task.interrupt_all()

    return execute_activity


def _task(provider: Any, context: Any, token: str) -> Any:
    """The task that waits.

    Raises:
        InvalidToken: It is none of this account and region.
        TaskTimedOut: It waits no longer.
    """
    if _accounts.get(token) is not provider.get_store(context).activities:
        raise InvalidToken("Invalid token")
    task = _waiting.get(token)
    if task is None or task.is_over:
        raise TaskTimedOut("Task Timed Out: 'Provided task does not exist anymore'")
    return task


def _answer(provider: Any, context: Any, token: str, outcome: Any) -> None:
    with _answering:
        task = _task(provider, context, token)
        task.is_over = True
    task.notify(outcome=outcome)


def _send_task_success(
    provider: Any, context: Any, task_token: str, output: str, **_more: object
) -> SendTaskSuccessOutput:
    # A token that is none is told of before the output is.
    _task(provider, context, task_token)
    try:
        json.loads(output, parse_constant=_refuse)
    except ValueError as error:
        raise InvalidOutput(f"Invalid Output: '{error}'") from error
    _answer(provider, context, task_token, CallbackOutcomeSuccess(callback_id=task_token, output=output))
    return SendTaskSuccessOutput()


def _refuse(constant: str) -> None:
    """Take no NaN and no Infinity, which only Python calls JSON."""
    raise ValueError(f"Unrecognized token '{constant}'")


def _send_task_failure(
    provider: Any, context: Any, task_token: str, error: str | None = None, cause: str | None = None, **_more: object
) -> SendTaskFailureOutput:
    outcome = CallbackOutcomeFailure(callback_id=task_token, error=error, cause=cause)
    _answer(provider, context, task_token, outcome)
    return SendTaskFailureOutput()


def _send_task_heartbeat(provider: Any, context: Any, task_token: str, **_more: object) -> SendTaskHeartbeatOutput:
    # One whose task has no HeartbeatSeconds is taken, too: it changes nothing.
    _task(provider, context, task_token).notify_heartbeat()
    return SendTaskHeartbeatOutput()


def _start_activity(provider: Any, context: Any, task_token: str, worker_name: str | None) -> None:
    _task(provider, context, task_token).notify_activity_task_start(worker_name=worker_name)


def _next_waiting(get_task: Any) -> Any:
    @functools.wraps(get_task)
    def next_waiting(activity: Any) -> Any:
        """The next task that still waits: whose execution was stopped, say, is left out."""
        while True:
            task = get_task(activity)
            if task.task_token in _waiting:
                return task

    return next_waiting
