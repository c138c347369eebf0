"""Empties the sandbox of all that runs leave: executions, invocations, log events, messages. What was made stays."""

import functools
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from localstack.aws.api.stepfunctions import ExecutionStatus
from localstack.services.edge import ROUTER
from localstack.services.lambda_.invocation.event_manager import Poller, get_sqs_client
from rolo import Request, Response

# As bootstrap/fresh.py asks for it; nothing of this folder imports that one.
PATH = "/_sandbox/fresh"
METHOD = "POST"


def answer() -> None:
    """Answer requests to empty this sandbox."""
    emptying = Emptying()
    Poller.handle_message = emptying.without_old(Poller.handle_message)
    Poller.process_failure_destination = emptying.without_failures(Poller.process_failure_destination)
    ROUTER.add(PATH, emptying.empty, methods=[METHOD])


class Emptying:
    """Empties, and knows which events for functions are from before that."""

    def __init__(self) -> None:
        self._emptied = datetime.min

    def empty(self, _request: Request) -> Response:
        """End what runs, and forget what there was."""
        # Not above: these load services, which is for others to begin with.
        from emulator.environments.executor import end_invocations
        from emulator.repairs.states.histories import Ending, end

        # As the Lambda service notes when it was given an event: local time without a zone.
        self._emptied = datetime.now()
        for store in _stores_of_states():
            for execution in store.executions.values():
                end(execution, Ending(ExecutionStatus.ABORTED))
        end_invocations()
        for store in _stores_of_states():
            store.executions.clear()
        for group in _log_groups():
            group.streams.clear()
        for queue in _queues():
            queue.clear()
        return Response(status=204)

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
