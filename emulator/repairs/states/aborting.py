"""What an item of a Map, or a branch of a Parallel, ends together with.

When one fails, LocalStack 4.14.0 lets the others go on to their ends, unseen, and their task tokens stay good. AWS
aborts them, and says so in the history, in this order: the failure, what was aborted, the failure of the state.
"""

import datetime
import functools
from typing import Any

from localstack.aws.api.stepfunctions import HistoryEventType, MapIterationEventDetails
from localstack.services.stepfunctions.asl.component.state.state_execution.state_map.state_map import StateMap
from localstack.services.stepfunctions.asl.component.state.state_execution.state_parallel.branch_worker import (
    BranchWorker,
)
from localstack.services.stepfunctions.asl.component.state.state_execution.state_parallel.state_parallel import (
    StateParallel,
)
from localstack.services.stepfunctions.asl.component.state.state_execution.state_task.state_task import StateTask
from localstack.services.stepfunctions.asl.component.state.state_wait.state_wait import StateWait
from localstack.services.stepfunctions.asl.eval.program_state import ProgramEnded

from emulator.repairs.states.branches import interrupt, is_over
from emulator.repairs.states.histories import append

ABORTED_STATES = {
    StateTask: HistoryEventType.TaskStateAborted,
    StateWait: HistoryEventType.WaitStateAborted,
    StateMap: HistoryEventType.MapStateAborted,
    StateParallel: HistoryEventType.ParallelStateAborted,
}


def abort_branches() -> None:
    """Abort the branches of a Parallel when one of them fails."""
    stop = BranchWorker.stop

    @functools.wraps(stop)
    def abort_and_stop(worker: Any, *arguments: Any, **options: Any) -> None:
        if not isinstance(worker.env._program_state, ProgramEnded):
            _write(worker.env, worker.env.event_history_context, _aborted_state(worker.env.branch))
            end_branch(worker.env)
        stop(worker, *arguments, **options)

    BranchWorker.stop = abort_and_stop


def abort_items(env: Any, error: Exception) -> None:
    """Abort the items of a Map that still run.

    Args:
        env: Where the Map runs.
        error: What one of its items failed with.
    """
    history = env.event_history_context
    if failed := vars(error).get("branch"):
        _write(env, history, _aborted_state(failed))
    for item in [item for worker in list(env._frames) for item in list(worker._frames)]:
        if not item.event_history_context.is_over:
            details = MapIterationEventDetails(name=env.branch.state.name, index=item.branch.number)
            aborted = (HistoryEventType.MapIterationAborted, {"mapIterationAbortedEventDetails": details})
            end_branch(item)
            _write(env, history, [aborted, *_aborted_state(item.branch)])


def _aborted_state(branch: Any) -> list[Any]:
    return [(event, None) for kind, event in ABORTED_STATES.items() if isinstance(branch.state, kind)]


def end_branch(env: Any) -> None:
    """End what a branch still does; its threads find out by themselves."""
    with env.event_manager._mutex:
        env.event_history_context.is_over = True
    env.set_stop(stop_date=datetime.datetime.now(tz=datetime.UTC), cause=None, error=None)
    interrupt(env.branch)


def _write(env: Any, context: Any, events: list[Any]) -> None:
    history = env.event_manager
    with history._mutex:
        if not is_over(context):
            for kind, details in events:
                append(history, context, kind, details, follows=False)
