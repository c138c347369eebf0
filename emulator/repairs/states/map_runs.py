"""Map Runs: distributed Maps with batches, tolerated failures, children of their own, and what is told of them.

LocalStack 4.14.0 tolerates any number of failures, and puts null where a failed child's result is to be. It counts
wrongly, and a Map Run begins anew when it is redriven. AWS fails the Map with States.ExceedToleratedFailureThreshold;
the result of a child that failed and is tolerated tells of its failure.
https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
https://docs.aws.amazon.com/step-functions/latest/dg/maprun-fail-threshold.html
https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itembatcher.html
"""

from typing import Any

from localstack.aws.api.stepfunctions import HistoryEventType, MapRunStatus
from localstack.services.stepfunctions.asl.component.common.error_name.custom_error_name import CustomErrorName
from localstack.services.stepfunctions.asl.component.common.error_name.failure_event import (
    FailureEvent,
    FailureEventException,
)
from localstack.services.stepfunctions.asl.component.state.state_execution.state_map.iteration import (
    distributed_iteration_component as distributed,
)
from localstack.services.stepfunctions.asl.eval.event.event_manager import EventManager
from localstack.services.stepfunctions.asl.eval.program_state import ProgramError, ProgramStopped

from emulator.repairs.states.aborting import end_branch
from emulator.repairs.states.branches import enter_child
from emulator.repairs.states.map_children import Child
from emulator.repairs.states.map_items import WORKERS, open_pool
from emulator.repairs.states.map_run_items import read_items
from emulator.repairs.states.map_run_results import transform

# AWS runs ten thousand at a time; each takes a thread here.
CHILDREN_AT_A_TIME = 1000
THRESHOLD = "States.ExceedToleratedFailureThreshold"
EXCEEDED = "The specified tolerated failure threshold was exceeded"


def run_maps_as_aws() -> None:
    """Run distributed Maps as this module says."""
    distributed.DistributedIterationComponent._eval_body = _eval_run
    for worker in WORKERS[1:]:
        worker._eval_job = _eval_child


def _eval_run(component: Any, env: Any) -> None:
    given = env.stack.pop()
    run, branch = _begin(env, given.map_run_record), env.branch
    history, env.event_manager = env.event_manager, EventManager()
    failure = None
    try:
        if run.items is None:
            run.items, run.sizes = read_items(env, given)
            run.execution_counter.total.offset(len(run.items))
            run.item_counter.total.offset(sum(run.sizes))
        pool = open_pool(component, branch, run.items)
        at_a_time = given.max_concurrency or CHILDREN_AT_A_TIME
        for _worker in range(min(at_a_time, CHILDREN_AT_A_TIME, len(pool._open_jobs))):
            component._launch_worker(env=env, eval_input=given, job_pool=pool)
        pool.await_jobs()
        failure = pool.get_worker_exception()
    except Exception as error:  # noqa: BLE001  # whatever an item is
        failure = error
    finally:
        env.event_manager = history
    if failure:
        for child in list(env._frames):
            end_branch(child)
        if run.items is not None and branch.state.result_writer:
            env.stack.append(None)
            branch.state.result_writer.eval(env)
    _end(env, run, failure)
    env.stack.append(transform(run.children, branch.state.fields.writer.get("Transformation", "COMPACT")))


def _begin(env: Any, record: Any) -> Any:
    """The Map Run that begins, or that goes on: then it is the one of before."""
    branch, run = env.branch, env.branch.map_run
    if run is None or not branch.is_resumed:
        branch.map_run, record.items, record.children, record.redrives = record, None, {}, 0
        details: Any = {"mapRunStartedEventDetails": {"mapRunArn": record.map_run_arn}}
        env.event_manager.add_event(env.event_history_context, HistoryEventType.MapRunStarted, details)
        return record
    env.map_run_record_pool_manager._pool.pop(record.map_run_arn, None)
    run.redrives += 1
    run.status, run.stop_date = MapRunStatus.RUNNING, None
    for counters in (run.execution_counter, run.item_counter):
        for counter in (counters.failed, counters.aborted):
            counter.offset(-counter.get())
    details = {"mapRunRedrivenEventDetails": {"mapRunArn": run.map_run_arn, "redriveCount": run.redrives}}
    env.event_manager.add_event(env.event_history_context, HistoryEventType.MapRunRedriven, details)
    return run


def _end(env: Any, run: Any, failure: Exception | None) -> None:
    if failure is None:
        env.event_manager.add_event(env.event_history_context, HistoryEventType.MapRunSucceeded)
        run.set_stop(status=MapRunStatus.SUCCEEDED)
        return
    run.set_stop(status=MapRunStatus.FAILED if env.is_running() else MapRunStatus.ABORTED)
    pair = failure.extract_error_cause_pair() if isinstance(failure, FailureEventException) else None
    said = {name: text for name, text in zip(("error", "cause"), pair or (), strict=False) if text}
    env.event_manager.add_event(
        env.event_history_context, HistoryEventType.MapRunFailed, {"mapRunFailedEventDetails": said}
    )
    raise failure


def _eval_child(worker: Any, env: Any, job: Any) -> None:
    run = worker._env.branch.map_run
    branch = enter_child(env, job.job_index)
    context = env.states.context_object.context_object_data
    context["Map"] = {"Item": {"Index": job.job_index, "Value": job.job_input}}
    child = run.children[job.job_index] = Child.begin(run, env, job)
    job.job_program.eval(env)
    ended = env._program_state
    if isinstance(ended, ProgramError):
        child.fail(ended.error or {})
        job.job_output = None
        if is_exceeded(run):
            job.job_output = _failure(env, THRESHOLD, EXCEEDED)
    elif isinstance(ended, ProgramStopped):
        child.abort()
        job.job_output = _failure(env, THRESHOLD, EXCEEDED)
    else:
        child.succeed(env.states.get_input())
        branch.end(child.output)
        job.job_output = child.output


def is_exceeded(run: Any) -> bool:
    """Whether more items of a Map Run have failed than it tolerates: none, if it does not say how many."""
    failed = run.item_counter.failed.get()
    count, percentage = run.tolerated_failure_count, run.tolerated_failure_percentage
    if not count and not percentage:
        return bool(failed)
    return bool((count and failed > count) or (percentage and failed * 100 > percentage * sum(run.sizes)))


def _failure(env: Any, error: str, cause: str) -> FailureEventException:
    return FailureEventException(
        FailureEvent(
            env=env,
            error_name=CustomErrorName(error),
            event_type=HistoryEventType.MapRunFailed,
            event_details={"mapRunFailedEventDetails": {"error": error, "cause": cause}},
        )
    )
