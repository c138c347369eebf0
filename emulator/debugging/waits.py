"""LocalStack 4.14.0's own ways of giving up, which count no time in which a debugger is attached.

What waits for a paused function is a task state with its timeout and heartbeat, an execution with its own, an event
that becomes too old, the message in which that event is in Lambda's queue, and the next invocation of the function.
"""

import dataclasses
import functools
import threading
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from localstack import config
from localstack.services.lambda_.invocation import event_manager
from localstack.services.lambda_.invocation.version_manager import LambdaVersionManager
from localstack.services.stepfunctions.asl.component.program import program
from localstack.services.stepfunctions.asl.component.state.state_execution import execute_state
from localstack.services.stepfunctions.asl.eval.callback import callback

from emulator.debugging.clock import CLOCK
from emulator.debugging.port import PORTS
from emulator.repairs import event_polling

# The longest that a message of SQS can be hidden is 12 hours, and a function's timeout is up to 15 minutes of that.
HIDDEN_SECONDS = 12 * 60 * 60 - 15 * 60
# An environment that ended because it was idle would take the debugger along.
KEEPALIVE_MILLISECONDS = 365 * 24 * 60 * 60 * 1000


def wait_for_debuggers() -> None:
    """Let nothing be given up while somebody looks into a function."""
    execute_state.threading = SimpleNamespace(Event=PatientEvent)
    callback.Event = PatientEvent
    program.threading = SimpleNamespace(Thread=PatientThread)
    event_manager.has_enough_time_for_retry = _counting(event_manager.has_enough_time_for_retry)
    event_polling.VISIBILITY_MARGIN_SECONDS = HIDDEN_SECONDS
    LambdaVersionManager.invoke = _one_by_one(LambdaVersionManager.invoke)
    config.LAMBDA_KEEPALIVE_MS = KEEPALIVE_MILLISECONDS


class PatientEvent(threading.Event):
    """One whose timeout counts by the clock."""

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is set; whether it is."""
        if timeout is None:
            return super().wait()
        deadline = CLOCK.now() + timeout
        while not super().wait(CLOCK.wait_seconds(deadline)):
            if CLOCK.now() >= deadline:
                return False
        return True


class PatientThread(threading.Thread):
    """One that is waited for by the clock."""

    def join(self, timeout: float | None = None) -> None:
        """Wait until it has ended, or the time is over."""
        if timeout is None:
            super().join()
            return
        deadline = CLOCK.now() + timeout
        while self.is_alive() and CLOCK.now() < deadline:
            super().join(CLOCK.wait_seconds(deadline))


def _counting(has_enough_time: Any) -> Any:
    @functools.wraps(has_enough_time)
    def has_counted_time(queued: Any, configuration: Any) -> Any:
        now = datetime.now()
        counted = CLOCK.counted((now - queued.invocation.invoke_time).total_seconds())
        invocation = dataclasses.replace(queued.invocation, invoke_time=now - timedelta(seconds=counted))
        return has_enough_time(dataclasses.replace(queued, invocation=invocation), configuration)

    return has_counted_time


def _one_by_one(invoke: Any) -> Any:
    @functools.wraps(invoke)
    def invoke_in_turn(version: Any, *, invocation: Any) -> Any:
        port = PORTS.get(version.function_version.id.function_name)
        if port is None:
            return invoke(version, invocation=invocation)
        with port.turn():
            return invoke(version, invocation=invocation)

    return invoke_in_turn
