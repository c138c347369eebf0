"""Executions that end at once when they are stopped or their time is over, with all that belongs to them.

LocalStack 4.14.0 waits until each state has noticed. What waits for a task token notices nothing: such an execution
runs on, and so do the items of a Map; it may even succeed later. An execution that it started for a `.sync` task runs
on, too. AWS ends it ABORTED, with the error and cause that were given, and stops what the task started.
https://docs.aws.amazon.com/step-functions/latest/apireference/API_StopExecution.html
https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html#connect-sync
"""

import functools
from typing import Any

from localstack.aws.api.stepfunctions import ExecutionStatus, StateMachineType, StopExecutionOutput
from localstack.services.stepfunctions.asl.component.program.program import Program
from localstack.services.stepfunctions.asl.component.state.state_execution.state_task.service import (
    state_task_service_sfn as nested,
)
from localstack.services.stepfunctions.asl.eval.callback.callback import CallbackOutcomeTimedOut
from localstack.services.stepfunctions.asl.eval.program_state import ProgramTimedOut
from localstack.services.stepfunctions.provider import StepFunctionsProvider

from emulator.repairs.states.histories import Ending, end


def stop_executions_at_once() -> None:
    """End executions that are stopped or have timed out, and those that they wait for."""
    StepFunctionsProvider.stop_execution = _stop_execution
    Program.eval = _ending_in_time(Program.eval)
    for name in ("_build_sync_resolver", "_build_sync2_resolver"):
        setattr(nested.StateTaskServiceSfn, name, _with_stop(getattr(nested.StateTaskServiceSfn, name)))
    nested.StateTaskServiceSfn._eval_sync = _stopping(nested.StateTaskServiceSfn._eval_sync)


def _stop_execution(
    provider: Any, context: Any, execution_arn: str, error: str | None = None, cause: str | None = None, **_more: object
) -> StopExecutionOutput:
    provider._validate_state_machine_execution_arn(execution_arn)
    execution = provider._get_execution(context=context, execution_arn=execution_arn)
    if execution.sm_type != StateMachineType.STANDARD:
        provider._raise_resource_type_not_in_context(resource_type=execution.sm_type)
    end(execution, Ending(ExecutionStatus.ABORTED, error, cause))
    return StopExecutionOutput(stopDate=execution.stop_date)


def _ending_in_time(run: Any) -> Any:
    @functools.wraps(run)
    def run_in_time(program: Any, env: Any) -> None:
        if env.event_history_context.is_over:  # stopped before it began
            return
        run(program, env)
        # What did not end in time still runs, and may take long to notice.
        if isinstance(env._program_state, ProgramTimedOut) and env.event_manager.execution and not env.is_frame():
            end(env.event_manager.execution, Ending(ExecutionStatus.TIMED_OUT))

    return run_in_time


def _with_stop(build_resolver: Any) -> Any:
    @functools.wraps(build_resolver)
    def build_with_stop(task: Any, env: Any, resource_runtime_part: Any, state_credentials: Any, **more: Any) -> Any:
        started = env.stack[-1]["ExecutionArn"]
        resolver = build_resolver(
            task, env=env, resource_runtime_part=resource_runtime_part, state_credentials=state_credentials, **more
        )

        def stop() -> None:
            client = nested.boto_client_for(
                region=resource_runtime_part.region, service="stepfunctions", state_credentials=state_credentials
            )
            client.stop_execution(executionArn=started)

        resolver.stop = stop
        return resolver

    return build_with_stop


def _stopping(eval_sync: Any) -> Any:
    @functools.wraps(eval_sync)
    def eval_or_stop(task: Any, sync_resolver: Any, **more: Any) -> Any:
        outcome = eval_sync(task, sync_resolver=sync_resolver, **more)
        if outcome is None or isinstance(
            outcome, CallbackOutcomeTimedOut
        ):  # its state is over, and the execution that it waited for still runs
            sync_resolver.stop()
        return outcome

    return eval_or_stop
