"""Histories that are over once their execution has ended, and that hold 25,000 events at most.

LocalStack 4.14.0 takes any number of events, and goes on with what comes after the end: an execution that was stopped
or has timed out ends when each of its states has noticed; until then its history and its status say something else.
https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html#service-limits-state-machine-executions
"""

import datetime
import functools
from dataclasses import dataclass, field
from typing import Any

from localstack.aws.api.stepfunctions import ExecutionStatus, HistoryEventType, StateMachineType
from localstack.services.stepfunctions.asl.eval.event.event_manager import EventManager
from localstack.services.stepfunctions.asl.eval.program_state import ProgramRunning
from localstack.services.stepfunctions.backend.execution import BaseExecutionWorkerCommunication
from localstack.services.stepfunctions.backend.execution_worker import ExecutionWorker

from emulator.repairs.states.branches import interrupt, is_over
from emulator.repairs.states.redrive_status import redrives_in_context

EVENTS_AT_MOST = 25_000

ENDS_OF_EXECUTIONS = {
    HistoryEventType.ExecutionSucceeded,
    HistoryEventType.ExecutionFailed,
    HistoryEventType.ExecutionAborted,
    HistoryEventType.ExecutionTimedOut,
}
# What was entered before a redrive is not entered again, but for Fail.
NOT_REPEATED = {
    kind
    for kind in HistoryEventType
    if kind.endswith(("StateEntered", "IterationStarted", "StateStarted")) and not kind.startswith("Fail")
}
ENDS = ENDS_OF_EXECUTIONS | {
    HistoryEventType.MapIterationSucceeded,
    HistoryEventType.MapIterationFailed,
    HistoryEventType.MapIterationAborted,
}


@dataclass(frozen=True)
class Ending:
    """How an execution ends from outside of its states."""

    status: ExecutionStatus
    error: str | None = None
    cause: str | None = None
    date: datetime.datetime = field(default_factory=lambda: datetime.datetime.now(tz=datetime.UTC))

    def event(self) -> tuple[HistoryEventType, dict[str, Any]]:
        """The last event of its history."""
        kind = {
            ExecutionStatus.ABORTED: HistoryEventType.ExecutionAborted,
            ExecutionStatus.FAILED: HistoryEventType.ExecutionFailed,
            ExecutionStatus.TIMED_OUT: HistoryEventType.ExecutionTimedOut,
        }[self.status]
        said = {"error": self.error, "cause": self.cause}
        details = {name: text for name, text in said.items() if text is not None}
        return kind, {f"{kind[0].lower()}{kind[1:]}EventDetails": details}


def end_histories() -> None:
    """Write nothing into a history that is over, and end an execution whose history is full."""
    EventManager.add_event = _add_event
    EventManager.execution = None
    ExecutionWorker._get_evaluation_environment = _made_once(ExecutionWorker._get_evaluation_environment)
    ExecutionWorker.start = _with_environment(ExecutionWorker.start)
    terminated = BaseExecutionWorkerCommunication.terminated

    def terminated_by_itself(communication: Any) -> None:
        if communication.execution.exec_status == ExecutionStatus.RUNNING:
            terminated(communication)

    BaseExecutionWorkerCommunication.terminated = terminated_by_itself


def end(execution: Any, ending: Ending) -> None:
    """End an execution at once, unless it has ended."""
    env = execution.exec_worker.env
    with env.event_manager._mutex:
        if env.event_history_context.is_over:
            return
        _end(execution, ending)
    _let_go(execution, ending)


def _end(execution: Any, ending: Ending) -> None:
    env = execution.exec_worker.env
    env.event_history_context.source_event_id = 0
    kind, details = ending.event()
    append(env.event_manager, env.event_history_context, kind, details)
    env.event_history_context.is_over = True
    execution.stop_date, execution.error, execution.cause = ending.date, ending.error, ending.cause
    # That of one whose caller waits for it, too.
    execution.exec_status = execution.sync_execution_status = ending.status


def _let_go(execution: Any, ending: Ending) -> None:
    """Let all that still runs notice: it finds that it need not go on."""
    env = execution.exec_worker.env
    if env._program_state is None:  # it has not begun
        env._program_state = ProgramRunning()
    env.set_stop(stop_date=ending.date, error=ending.error, cause=ending.cause)
    interrupt(env.branch)
    execution.publish_execution_status_change_event()


def append(history: Any, context: Any, kind: HistoryEventType, details: Any, **more: Any) -> int:
    """Write an event into a history whose lock is held, and return its number.

    Args:
        history: The history.
        context: The part of it that the event belongs to.
        kind: The event's type.
        details: What else the event says.
        more: The event's *timestamp*, if it is not now; whether it is what the next one *follows*.
    """
    event = {
        "event_id": history._event_id_gen.get(),
        "source_event_id": context.source_event_id,
        "event_type": kind,
        "timestamp": more.get("timestamp") or history._get_current_timestamp(),
        "event_details": details,
    }
    context.last_published_event_id = event["event_id"]
    if more.get("follows", True):
        context.source_event_id = event["event_id"]
    history._publish_history_event(**event)
    history._publish_history_log(**event)
    return int(event["event_id"])


def _add_event(  # noqa: PLR0913, PLR0917 - as LocalStack calls it
    history: Any,
    context: Any,
    event_type: HistoryEventType,
    event_details: Any = None,
    timestamp: Any = None,
    update_source_event_id: bool = True,
) -> int:
    with history._mutex:
        if is_over(context) or (context.is_resuming and event_type in NOT_REPEATED):
            return int(context.last_published_event_id)
        full = _full(history, event_type)
        if full:
            _end(history.execution, full)
        else:
            append(history, context, event_type, event_details, timestamp=timestamp, follows=update_source_event_id)
            context.is_over = event_type in ENDS
    if full:
        _let_go(history.execution, full)
    return int(context.last_published_event_id)


def _full(history: Any, kind: HistoryEventType) -> Ending | None:
    """How the execution ends whose history has room for its last event only; this is another one."""
    events, execution = len(history._history_event_list), history.execution
    if events < EVENTS_AT_MOST - 1 or kind in ENDS_OF_EXECUTIONS or execution is None:
        return None
    if execution.sm_type != StateMachineType.STANDARD:
        return None
    cause = f"The execution reached the maximum number of history events ({EVENTS_AT_MOST})."
    return Ending(ExecutionStatus.FAILED, "States.Runtime", cause)


def _made_once(make: Any) -> Any:
    @functools.wraps(make)
    def environment(worker: Any) -> Any:
        if worker.env is None:
            worker.env = make(worker)
            execution = worker.env.event_manager.execution = worker._execution_communication.execution
            worker.env.states.context_object.context_object_data["Execution"] |= redrives_in_context(execution)
        return worker.env

    return environment


def _with_environment(start: Any) -> Any:
    """Let an execution have an environment from the beginning, so that it can be asked and stopped at once."""

    @functools.wraps(start)
    def start_with_environment(worker: Any) -> None:
        worker._get_evaluation_environment()
        start(worker)

    return start_with_environment
