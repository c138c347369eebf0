"""Events of a function that is being updated: LocalStack keeps some of them back for minutes, here none."""

import threading
from typing import Any

from localstack.services.lambda_.invocation import event_manager

CURRENT = threading.local()


class _Queue:
    """A function's queue, as one poller sees it: what arrives after the poller's end is given back at once."""

    def __init__(self, client: Any, poller: Any) -> None:
        self._client = client
        self._poller = poller

    def receive_message(self, **request: Any) -> dict[str, Any]:
        """Wait for events."""
        answer: dict[str, Any] = self._client.receive_message(**request)
        if not self._poller._shutdown_event.is_set():
            return answer
        for message in answer.get("Messages", []):
            self._client.change_message_visibility(
                QueueUrl=request["QueueUrl"], ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
            )
        return {}


def hand_back_events() -> None:
    """The next version handles an event that the last one's poller received too late.

    Else it is in sight again only after the function's timeout and a minute: for so long hung a run that began within
    two seconds of an update.
    """
    run, get_client = event_manager.Poller.run, event_manager.get_sqs_client

    def run_as_current(poller: Any, *arguments: Any, **options: Any) -> None:
        CURRENT.poller = poller
        run(poller, *arguments, **options)

    def get_queue(*arguments: Any, **options: Any) -> Any:
        client = get_client(*arguments, **options)
        poller = getattr(CURRENT, "poller", None)
        return _Queue(client, poller) if poller else client

    event_manager.Poller.run, event_manager.get_sqs_client = run_as_current, get_queue
