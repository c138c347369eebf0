"""Threads that LocalStack 4.14.0 starts for each event, invocation and item of a Map, though it could do without.

One item of a Map took twelve.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar

from localstack.services.events import provider as events
from localstack.services.lambda_.invocation import execution_environment, version_manager
from localstack.services.stepfunctions.asl.component.eval_component import EvalComponent
from localstack.services.stepfunctions.asl.component.program.program import Program
from localstack.utils.bootstrap import is_api_enabled

# An event's thread may have to wait for a service that one of its targets names.
EVENT_THREADS = 64
LOOK_SECONDS = 0.2


def process_rules_in_a_pool() -> None:
    """Let a pool of threads process the rules of events: each event would start a thread."""
    pool = ThreadPoolExecutor(EVENT_THREADS, thread_name_prefix="events-process-rules")

    def submit(method: Callable[[Any], None], params: Any, **_options: object) -> None:
        pool.submit(method, params)

    events.start_worker_thread = submit


def record_no_metrics() -> None:
    """Start no thread to record an invocation where there is no CloudWatch to record it in."""
    if is_api_enabled("cloudwatch"):
        return
    start_thread = version_manager.start_thread

    def start_others(method: Callable[..., Any], *arguments: Any, name: str | None = None) -> Any:
        is_for_metric = name is not None and name.startswith("record-cloudwatch-metric")
        return None if is_for_metric else start_thread(method, *arguments, name=name)

    version_manager.start_thread = start_others


class _SharedTimer:
    """As threading.Timer, but all wait in one thread: each invocation starts one that is nearly always cancelled."""

    _waiting: ClassVar[set["_SharedTimer"]] = set()

    def __init__(self, interval: float, function: Callable[[], None]) -> None:
        self._interval = interval
        self._function = function
        self._due = 0.0

    def start(self) -> None:
        self._due = time.monotonic() + self._interval
        self._waiting.add(self)

    def cancel(self) -> None:
        self._waiting.discard(self)

    @classmethod
    def watch(cls) -> None:
        """Run what is due, each in a thread of its own, for as long as the process lives."""
        while True:
            time.sleep(LOOK_SECONDS)
            now = time.monotonic()
            for timer in [timer for timer in cls._waiting.copy() if timer._due <= now]:
                timer.cancel()
                threading.Thread(target=timer._function, daemon=True).start()


def share_timers() -> None:
    """Watch from one thread how long environments are idle."""
    execution_environment.Timer = _SharedTimer
    threading.Thread(target=_SharedTimer.watch, name="environment-timers", daemon=True).start()


def run_items_in_their_thread() -> None:
    """Run a part of a state machine that has no timeout, as each item of a Map is, in the thread that waits for it."""
    run = Program.eval

    def run_here(self: Program, env: Any) -> None:
        if self.timeout_seconds:
            run(self, env)
        else:
            env.next_state_name = self.start_at.start_at_name
            EvalComponent.eval(self, env)

    Program.eval = run_here
