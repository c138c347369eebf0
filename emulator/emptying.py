"""Empties the sandbox of all that runs leave: executions, invocations, log events, messages. What was made stays."""

import functools
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from localstack.aws.api.stepfunctions import ExecutionStatus
from localstack.services.edge import ROUTER
from localstack.services.events import provider as events
from localstack.services.lambda_.invocation.event_manager import Poller, get_sqs_client
from rolo import Request, Response

from emulator.repairs.event_delivery import Deliveries
from emulator.speed.event_rules import LogStream

# As bootstrap/fresh.py asks for it; nothing of this folder imports that one.
PATH = "/_sandbox/fresh"
METHOD = "POST"
DELIVERY_TIMEOUT_SECONDS = 10


def answer() -> None:
    """Answer requests to empty this sandbox."""
    emptying = Emptying()
    events.EventsProvider.put_events = emptying.counted(events.EventsProvider.put_events)
    events.start_worker_thread = emptying.counted_until_processed(events.start_worker_thread)
    Deliveries.try_again = emptying.without_old_deliveries(Deliveries.try_again)  # type: ignore[method-assign]
    LogStream.put = emptying.without_old_lines(LogStream.put)  # type: ignore[method-assign]
    Poller.handle_message = emptying.without_old(Poller.handle_message)
    Poller.process_failure_destination = emptying.without_failures(Poller.process_failure_destination)
    ROUTER.add(PATH, emptying.empty, methods=[METHOD])


class Emptying:
    """Empties, and knows which events are from before that."""

    def __init__(self) -> None:
        self._emptied = datetime.min
        self._events_under_way = 0
        self._change = threading.Condition()

    def empty(self, _request: Request) -> Response:
        """End what runs, and forget what there was."""
        self._end_all()
        with self._no_event_under_way():
            pass
        # What the last events started.
        self._end_all()
        with self._no_event_under_way():
            for store in _stores_of_states():
                store.executions.clear()
            for group in _log_groups():
                group.streams.clear()
            for queue in _queues():
                queue.clear()
        return Response(status=204)

    def _end_all(self) -> None:
        # Not above: these load services, which is for others to begin with.
        from emulator.environments.executor import end_invocations
        from emulator.repairs.states.histories import Ending, end

        # As the Lambda service notes when it was given an event: local time without a zone.
        self._emptied = datetime.now()
        for store in _stores_of_states():
            for execution in [*store.executions.values()]:
                end(execution, Ending(ExecutionStatus.ABORTED))
        end_invocations()

    def counted(self, put: Any) -> Any:
        """Have events under way while they are put."""

        @functools.wraps(put)
        def put_counted(*arguments: Any, **more: Any) -> Any:
            with self._under_way():
                return put(*arguments, **more)

        return put_counted

    def counted_until_processed(self, start: Any) -> Any:
        """Have an event under way from when it is put until its targets have it."""

        @functools.wraps(start)
        def start_counted(process: Callable[[Any], None], params: Any, **options: Any) -> None:
            def process_counted(params: Any) -> None:
                try:
                    process(params)
                finally:
                    self._count(-1)

            self._count(1)
            start(process_counted, params, **options)

        return start_counted

    @contextmanager
    def _under_way(self) -> Iterator[None]:
        self._count(1)
        try:
            yield
        finally:
            self._count(-1)

    def _count(self, change: int) -> None:
        with self._change:
            self._events_under_way += change
            self._change.notify_all()

    @contextmanager
    def _no_event_under_way(self) -> Iterator[None]:
        with self._change:
            self._change.wait_for(lambda: not self._events_under_way, DELIVERY_TIMEOUT_SECONDS)
            yield

    def without_old_deliveries(self, try_again: Any) -> Any:
        """Deliver no event that a target refused before."""

        @functools.wraps(try_again)
        def try_new(deliveries: Any, delivery: Any) -> None:
            with self._under_way():
                if self._is_new(time.time() - (time.monotonic() - delivery.state.start_time)):
                    try_again(deliveries, delivery)

        return try_new

    def without_old_lines(self, put: Any) -> Any:
        """Write no event to a log group that was on its way there."""

        @functools.wraps(put)
        def put_new(stream: Any, batch: list[dict[str, Any]]) -> None:
            with self._under_way():
                if new := [line for line in batch if self._is_new(line["timestamp"] / 1000)]:
                    put(stream, new)

        return put_new

    def _is_new(self, seconds: float) -> bool:
        return datetime.fromtimestamp(seconds) > self._emptied

    def without_old(self, handle: Any) -> Any:
        """Let functions not see events from before."""

        @functools.wraps(handle)
        def handle_new(poller: Any, message: dict[str, Any]) -> None:
            if datetime.fromisoformat(json.loads(message["Body"])["invoke_time"]) >= self._emptied:
                handle(poller, message)
                return
            queue = get_sqs_client(poller.version_manager.function_version)
            queue.delete_message(QueueUrl=poller.event_queue_url, ReceiptHandle=message["ReceiptHandle"])

        return handle_new

    def without_failures(self, process: Any) -> Any:
        """Tell nobody of invocations that were ended by this."""

        @functools.wraps(process)
        def process_new(poller: Any, invocation: Any, *more: Any) -> None:
            if invocation.invocation.invoke_time >= self._emptied:
                process(poller, invocation, *more)

        return process_new


def _stores_of_states() -> Iterator[Any]:
    from localstack.services.stepfunctions.backend.store import sfn_stores

    return (store for regions in [*sfn_stores.values()] for store in [*regions.values()])


def _log_groups() -> Iterator[Any]:
    from moto.logs.models import logs_backends

    stores = (store for regions in [*logs_backends.values()] for store in [*regions.values()])
    return (group for store in stores for group in [*store.groups.values()])


def _queues() -> Iterator[Any]:
    from localstack.services.sqs.models import sqs_stores

    stores = (store for regions in [*sqs_stores.values()] for store in [*regions.values()])
    return (queue for store in stores for queue in [*store.queues.values()])
