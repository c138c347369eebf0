"""How long a task may take, and an express execution.

LocalStack 4.14.0 gives a task with HeartbeatSeconds and no timeout a minute, whatever heartbeats come, and an express
execution any time. AWS gives the task 99,999,999 seconds, and ends an express execution after five minutes.
https://states-language.net/spec.html#task-state
https://docs.aws.amazon.com/step-functions/latest/dg/choosing-workflow-type.html
"""

import copy
import functools
from typing import Any

from localstack.aws.api.stepfunctions import StateMachineType
from localstack.services.stepfunctions.asl.component.common.timeouts.timeout import TimeoutSeconds
from localstack.services.stepfunctions.asl.component.program.program import Program
from localstack.services.stepfunctions.asl.component.state.state_execution.execute_state import ExecutionState

EXPRESS_SECONDS = 300


def give_time_as_aws() -> None:
    """Let tasks that send heartbeats go on, and express executions for five minutes."""
    ExecutionState.from_state_props = _without_minute(ExecutionState.from_state_props)
    Program.eval = _within_five_minutes(Program.eval)


def _without_minute(read: Any) -> Any:
    @functools.wraps(read)
    def read_without_minute(state: Any, state_props: Any) -> None:
        read(state, state_props)
        if isinstance(state.timeout, TimeoutSeconds) and state.timeout.is_default_value():
            state.timeout = TimeoutSeconds(TimeoutSeconds.DEFAULT_TIMEOUT_SECONDS)

    return read_without_minute


def _within_five_minutes(run: Any) -> Any:
    @functools.wraps(run)
    def run_in_time(program: Any, env: Any) -> None:
        execution = env.event_manager.execution
        if execution and execution.sm_type == StateMachineType.EXPRESS and not env.is_frame():
            own = program.timeout_seconds.timeout_seconds if program.timeout_seconds else EXPRESS_SECONDS
            # Its executions have it in common with others.
            program = copy.copy(program)
            program.timeout_seconds = TimeoutSeconds(min(own, EXPRESS_SECONDS))
        run(program, env)

    return run_in_time
