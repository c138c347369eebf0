"""Asynchronous invocations that survive an update of their function, and that are told of when Lambda gives them up.

LocalStack 4.14.0 drops what a function's poller receives while it is being stopped, and what waits for a thread: such
an event is in sight again only after the function's timeout and a minute. One that waits longer than that for a thread
is handled twice. An event that has become too old without an answer of its function fails to be written for the
destination, and is lost.
"""

import dataclasses
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from localstack.services.lambda_.invocation import event_manager

from emulator.cores import given_cores

# As many as a pool of Python has by itself, but for the one core that LocalStack stays on.
EVENTS_AT_ONCE = given_cores() + 4
WAIT_SECONDS = 2
BATCH_MESSAGES = 10
# An invocation that is still running by then is counted as lost, as LocalStack does.
VISIBILITY_MARGIN_SECONDS = 60


def keep_events() -> None:
    """Let the next version handle what the last one's poller could not, and the destination know of each failure."""
    event_manager.ThreadPoolExecutor = _Invokers
    event_manager.Poller.run = _poll
    event_manager.Poller.stop = _stop
    event_manager.Poller.process_failure_destination = _tell_destination(
        event_manager.Poller.process_failure_destination
    )


class _Invokers(ThreadPoolExecutor):
    """The threads of a poller, which knows how many of them are free."""

    def __init__(self, *, thread_name_prefix: str) -> None:
        super().__init__(EVENTS_AT_ONCE, thread_name_prefix)
        self.free = threading.Semaphore(EVENTS_AT_ONCE)

    def claim(self) -> int:
        """Wait for a free thread, and return how many may be used."""
        self.free.acquire()
        claimed = 1
        while claimed < BATCH_MESSAGES and self.free.acquire(blocking=False):
            claimed += 1
        return claimed


def _poll(poller: Any, *_arguments: object, **_options: object) -> None:
    version, invokers = poller.version_manager.function_version, poller.invoker_pool
    queue = event_manager.get_sqs_client(version, client_config=event_manager.CLIENT_CONFIG)

    def handle(message: dict[str, Any]) -> None:
        try:
            poller.handle_message(message)
        finally:
            invokers.free.release()

    while True:
        claimed = invokers.claim()
        if poller._shutdown_event.is_set():
            return
        try:
            answer = queue.receive_message(
                QueueUrl=poller.event_queue_url,
                WaitTimeSeconds=WAIT_SECONDS,
                MaxNumberOfMessages=claimed,
                VisibilityTimeout=version.config.timeout + VISIBILITY_MARGIN_SECONDS,
            )
        except ValueError:  # the queue is gone, with its function
            return
        messages = answer.get("Messages") or []
        if unused := claimed - len(messages):
            invokers.free.release(unused)
        for message in messages:
            try:
                invokers.submit(handle, message)
            except RuntimeError:  # the pool is shut down
                _hand_back(queue, poller.event_queue_url, message)


def _stop(poller: Any) -> None:
    poller._shutdown_event.set()
    poller.invoker_pool.shutdown(wait=False)
    # It may wait for a free thread.
    poller.invoker_pool.free.release()


def _hand_back(queue: Any, url: str, message: dict[str, Any]) -> None:
    queue.send_message(QueueUrl=url, MessageBody=message["Body"])
    queue.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


def _tell_destination(process_failure_destination: Any) -> Any:
    def tell(poller: Any, invocation: Any, result: Any, *more: Any) -> None:
        answer = result.payload if result.payload is not None else b"null"
        process_failure_destination(poller, invocation, dataclasses.replace(result, payload=answer), *more)

    return tell
