"""Where an execution is, and which parts of it are over: what stopping, redriving and histories need to know.

LocalStack 4.14.0 runs the execution itself, each item of a Map and each branch of a Parallel with an environment of its
own, within those of their states. It keeps no record of where they are, and what is over by a failure, a timeout or a
stop goes on and writes into the history.
"""

import functools
from collections.abc import Iterator
from typing import Any

from localstack.services.stepfunctions.asl.component.state.state import CommonStateField
from localstack.services.stepfunctions.asl.component.state.state_execution.state_map.iteration.iteration_worker import (
    IterationWorker,
)
from localstack.services.stepfunctions.asl.component.state.state_execution.state_parallel.branch_worker import (
    BranchWorker,
)
from localstack.services.stepfunctions.asl.component.state.state_execution.state_parallel.branches_decl import (
    BranchesDecl,
    BranchWorkerPool,
)
from localstack.services.stepfunctions.asl.eval.callback.callback import CallbackPoolManager
from localstack.services.stepfunctions.asl.eval.environment import Environment
from localstack.services.stepfunctions.asl.eval.event.event_manager import EventHistoryContext
from localstack.services.stepfunctions.asl.eval.program_state import ProgramEnded

from emulator.repairs.states.task_tokens import end_tokens

UNKNOWN = object()


class Branch:
    """An execution, an item of a Map or a branch of a Parallel: the state that it is in, with its input.

    Its children are those of this state, by number; what has ended well has an output.
    """

    def __init__(self, number: int = 0) -> None:
        self.number = number
        self.state: Any = None
        self.input: Any = None
        self.variables: dict[str, Any] = {}
        self.output: Any = UNKNOWN
        self.is_resumed = False
        self.children: dict[int, Branch] = {}
        self.tokens: Any = None
        self.history: Any = None
        self.map_run: Any = None

    def enter(self, state: Any, env: Any) -> None:
        """Remember the state that begins, and what it begins with."""
        self.state = state
        # LocalStack hands on copies only, never this.
        self.input = env.states._states_data["input"]
        self.variables = dict(env.variable_store._inner_scope)
        self.children, self.is_resumed, self.map_run = {}, False, None

    def child(self, number: int) -> "Branch":
        """An item of the Map, or branch of the Parallel, that this one is in."""
        return self.children.setdefault(number, Branch(number))

    def begin_children(self) -> None:
        """Forget those of an attempt before, unless they are resumed."""
        if not self.is_resumed:
            self.children = {}
        self.is_resumed = False

    def end(self, output: Any) -> None:
        """Keep of what has ended well its output only."""
        self.state, self.input, self.variables, self.children = None, None, {}, {}
        self.tokens = self.history = self.map_run = None
        self.output = output

    def all(self) -> "Iterator[Branch]":
        """This one and all within it."""
        yield self
        for child in list(self.children.values()):
            yield from child.all()


def keep_track_of_branches() -> None:
    """Know of each environment which branch it belongs to, and within which other its history is."""
    EventHistoryContext.outer, EventHistoryContext.is_over, EventHistoryContext.is_resuming = None, False, False
    _follow_environments()
    CommonStateField._eval_body = _remember_state(CommonStateField._eval_body)
    IterationWorker._eval_job = _in_child(IterationWorker._eval_job)
    BranchesDecl._eval_body = _beginning(BranchesDecl._eval_body)
    BranchWorkerPool.started = 0
    BranchWorkerPool.on_terminated = _ending_branch(BranchWorkerPool.on_terminated)
    BranchWorker.__init__ = _in_next_child(BranchWorker.__init__)


def is_over(context: Any) -> bool:
    """Whether nothing more is to be written into this part of a history."""
    while context is not None:
        if context.is_over:
            return True
        context = context.outer
    return False


def interrupt(branch: Branch) -> None:
    """Let nothing that waits for a task token wait any longer."""
    for part in branch.all():
        if part.tokens:
            end_tokens(part.tokens)


def _follow_environments() -> None:
    make, make_frame = Environment.__init__, Environment.as_inner_frame_of.__func__

    def make_with_branch(env: Any, *arguments: Any, **options: Any) -> None:
        make(env, *arguments, **options)
        env.branch = Branch()
        env.branch.tokens = env.callback_pool_manager

    def as_inner_frame_of(cls: Any, env: Any, *arguments: Any, **options: Any) -> Any:
        frame = make_frame(cls, env, *arguments, **options)
        frame.branch = env.branch
        frame.event_history_context.outer = env.event_history_context
        frame.event_history_context.is_resuming = env.branch.is_resumed
        return frame

    Environment.__init__ = make_with_branch
    Environment.as_inner_frame_of = classmethod(as_inner_frame_of)
    for name in ("close_frame", "delete_frame"):
        setattr(Environment, name, _ending_history(getattr(Environment, name)))


def _ending_history(close: Any) -> Any:
    @functools.wraps(close)
    def close_and_end(env: Any, frame: Any) -> None:
        close(env, frame)
        # Its thread may still run: that of a task that has timed out, or of an item of a Map that has failed.
        if frame is not env:  # as the workers of a distributed Map have it
            frame.event_history_context.is_over = True

    return close_and_end


def _remember_state(eval_body: Any) -> Any:
    @functools.wraps(eval_body)
    def eval_state(state: Any, env: Any) -> None:
        branch = env.branch
        resumed = env.event_history_context.is_resuming = branch.is_resumed
        if not resumed:
            branch.enter(state, env)
        try:
            eval_body(state, env)
        finally:
            if resumed:
                branch.is_resumed = False

    return eval_state


def enter_child(env: Any, number: int) -> Branch:
    """Let an environment that was just made belong to a part of the state that its branch is in."""
    branch: Branch = env.branch.child(number)
    env.branch = branch
    history = env.event_history_context
    history.is_resuming = branch.is_resumed
    if branch.is_resumed:  # what comes now follows what it did before
        history.source_event_id = branch.history.source_event_id
    branch.history = history
    env.callback_pool_manager = branch.tokens = CallbackPoolManager(env.activity_store)
    return branch


def _in_child(eval_job: Any) -> Any:
    @functools.wraps(eval_job)
    def eval_job_in_child(worker: Any, env: Any, job: Any) -> None:
        branch = enter_child(env, job.job_index)
        eval_job(worker, env=env, job=job)
        if isinstance(job.job_output, Exception):
            vars(job.job_output)["branch"] = branch
        else:
            branch.end(job.job_output)

    return eval_job_in_child


def _in_next_child(make: Any) -> Any:
    @functools.wraps(make)
    def make_in_child(worker: Any, branch_worker_comm: Any, program: Any, env: Any) -> None:
        make(worker, branch_worker_comm=branch_worker_comm, program=program, env=env)
        enter_child(env, branch_worker_comm.started)
        branch_worker_comm.started += 1

    return make_in_child


def _beginning(eval_branches: Any) -> Any:
    @functools.wraps(eval_branches)
    def begin_branches(declared: Any, env: Any) -> None:
        env.branch.begin_children()
        eval_branches(declared, env)

    return begin_branches


def _ending_branch(on_terminated: Any) -> Any:
    @functools.wraps(on_terminated)
    def end_branch(pool: Any, env: Any) -> None:
        if isinstance(env._program_state, ProgramEnded):
            env.branch.end(env.states._states_data["input"])
        on_terminated(pool, env=env)

    return end_branch
