"""Maps of any length, whose items run at most forty at a time, and end together when one of them fails.

LocalStack 4.14.0 ends one item and begins the next one by a call within a call: after some 970 items of a worker the
state fails with a RecursionError. It starts a worker for each item of a Map without MaxConcurrency, and as many as
MaxConcurrency says for one that has fewer items. When an item fails, the others go on, unseen, to their ends.

AWS runs forty iterations of an inline Map at a time, whatever MaxConcurrency is, and any number of them one after the
other. It aborts what still runs when one fails, which the history says.
https://docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html
"""

import functools
from typing import Any

from localstack.services.stepfunctions.asl.component.state.state_execution.state_map.iteration import (
    inline_iteration_component as inline,
)
from localstack.services.stepfunctions.asl.component.state.state_execution.state_map.iteration.itemprocessor import (
    distributed_item_processor_worker as distributed_processor,
)
from localstack.services.stepfunctions.asl.component.state.state_execution.state_map.iteration.iteration_worker import (
    IterationWorker,
)
from localstack.services.stepfunctions.asl.component.state.state_execution.state_map.iteration.iterator import (
    distributed_iterator_worker as distributed_iterator,
)
from localstack.services.stepfunctions.asl.component.state.state_execution.state_map.iteration.job import (
    JobClosed,
    JobPool,
)

from emulator.repairs.states.aborting import abort_items
from emulator.repairs.states.branches import UNKNOWN, Branch

ITEMS_AT_A_TIME = 40

WORKERS = (
    IterationWorker,
    distributed_processor.DistributedItemProcessorWorker,
    distributed_iterator.DistributedIteratorWorker,
)


def take_items_in_a_loop() -> None:
    """Let each of at most forty workers take its next item once it has left the one before."""
    inline.InlineIterationComponent._eval_body = _eval_items
    for worker in WORKERS:
        worker._eval_pool = _in_a_loop(worker._eval_pool)


def _eval_items(component: Any, env: Any) -> None:
    """As LocalStack's own, but for what this module says."""
    given = env.stack.pop()
    pool = open_pool(component, env.branch, given.input_items)
    for _worker in range(min(given.max_concurrency or ITEMS_AT_A_TIME, ITEMS_AT_A_TIME, len(pool._open_jobs))):
        component._launch_worker(env=env, eval_input=given, job_pool=pool)
    pool.await_jobs()
    error = pool.get_worker_exception()
    if error is not None:
        abort_items(env, error)
        raise error
    env.stack.append([closed.job_output for closed in pool.get_closed_jobs()])


def open_pool(component: Any, branch: Branch, items: list[Any]) -> JobPool:
    """All items of a Map that are still to be worked on, and the results of those that were before a redrive."""
    branch.begin_children()
    pool = JobPool(job_program=component._get_iteration_program(), job_inputs=items)
    done = {number: child.output for number, child in branch.children.items() if child.output is not UNKNOWN}
    pool._closed_jobs.update(JobClosed(job_index=number, job_output=output) for number, output in done.items())
    pool._open_jobs = [job for job in pool._open_jobs if job.job_index not in done]
    return pool


def _in_a_loop(eval_job: Any) -> Any:
    @functools.wraps(eval_job)
    def eval_pool(worker: Any, job: Any, worker_frame: Any) -> None:
        next_jobs = vars(worker).get("next_jobs")
        if next_jobs is not None:  # called for the next item, within the one before
            next_jobs.append(job)
            return
        worker.next_jobs = next_jobs = [job]
        while next_jobs:
            eval_job(worker, next_jobs.pop(), worker_frame)

    return eval_pool
