"""Asynchronous invocations that survive an update of their function, and that are told of when Lambda gives them up.

LocalStack 4.14.0 drops what a function's poller receives while it is being stopped, and what waits for a thread: such
an event is in sight again only after the function's timeout and a minute. An event that has become too old without an
answer of its function fails to be written for the destination, and is lost.
"""

import dataclasses
from typing import Any

from localstack.services.lambda_.invocation import event_manager

WAIT_SECONDS = 2
BATCH_MESSAGES = 10
# An invocation that is still running by then is counted as lost, as LocalStack does.
VISIBILITY_MARGIN_SECONDS = 60


def keep_events() -> None:
    """Let the next version handle what the last one's poller could not, and the destination know of each failure."""
    event_manager.Poller.run = _poll
    event_manager.Poller.stop = _stop
    event_manager.Poller.process_failure_destination = _tell_destination(
        event_manager.Poller.process_failure_destination
    )


def _poll(poller: Any, *_arguments: object, **_options: object) -> None:
    version = poller.version_manager.function_version
    queue = event_manager.get_sqs_client(version, client_config=event_manager.CLIENT_CONFIG)
    while not poller._shutdown_event.is_set():
        try:
            answer = queue.receive_message(
                QueueUrl=poller.event_queue_url,
                WaitTimeSeconds=WAIT_SECONDS,
                MaxNumberOfMessages=BATCH_MESSAGES,
                VisibilityTimeout=version.config.timeout + VISIBILITY_MARGIN_SECONDS,
            )
        except ValueError:  # the queue is gone, with its function
            return
        for message in answer.get("Messages") or []:
            try:
                poller.invoker_pool.submit(poller.handle_message, message)
            except RuntimeError:  # the pool is shut down
                _hand_back(queue, poller.event_queue_url, message)


def _stop(poller: Any) -> None:
    poller._shutdown_event.set()
    # What is left in the pool is refused by the version that ends, and comes back a second later.
    poller.invoker_pool.shutdown(wait=False)


def _hand_back(queue: Any, url: str, message: dict[str, Any]) -> None:
    queue.send_message(QueueUrl=url, MessageBody=message["Body"])
    queue.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


def _tell_destination(process_failure_destination: Any) -> Any:
    def tell(poller: Any, invocation: Any, result: Any, *more: Any) -> None:
        answer = result.payload if result.payload is not None else b"null"
        process_failure_destination(poller, invocation, dataclasses.replace(result, payload=answer), *more)

    return tell
