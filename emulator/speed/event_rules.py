"""How EventBridge writes events to a log group."""

import logging
import threading
import time
import uuid
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from localstack.services.events.target import LogsTargetSender
from localstack.services.events.utils import to_json_str
from localstack.utils.time import now_utc
from tenacity import retry, retry_if_exception, stop_after_attempt, wait_random_exponential

LOG = logging.getLogger(__name__)

# What one PutLogEvents takes: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
BATCH_EVENTS = 1000
BATCH_SECONDS = 0.1
WRITE_ATTEMPTS = 8


def write_events_to_logs_in_batches() -> None:
    """Write a rule's events to its log group ten times a second: each would make a stream of its own first."""
    making = threading.Lock()

    def send_event(self: LogsTargetSender, event: Any, trace_header: Any) -> None:
        with making:
            if not hasattr(self, "stream"):
                self.stream = LogStream(self.client, self.target["Arn"].split(":")[6])
        self.stream.add(to_json_str(event))

    LogsTargetSender.send_event = send_event


class LogStream:
    """Collects a rule's events and writes them together to one stream of its log group."""

    def __init__(self, client: Any, group: str) -> None:
        self._client = client
        self._where = {"logGroupName": group, "logStreamName": str(uuid.uuid4())}
        self._events: list[dict[str, Any]] = []
        self._is_writing = False
        self._lock = threading.Lock()
        client.create_log_stream(**self._where)

    def add(self, message: str) -> None:
        """Write this event soon."""
        with self._lock:
            self._events.append({"timestamp": now_utc(millis=True), "message": message})
            if self._is_writing:
                return
            self._is_writing = True
        threading.Thread(target=self._write, name=f"events-to-{self._where['logGroupName']}", daemon=True).start()

    def _write(self) -> None:
        """Write until there is nothing more: whoever made the stream may never be heard of again."""
        while True:
            time.sleep(BATCH_SECONDS)
            with self._lock:
                batch, self._events = self._events[:BATCH_EVENTS], self._events[BATCH_EVENTS:]
                self._is_writing = bool(batch)
            if not batch:
                return
            try:
                self.put(batch)
            except (ClientError, BotoCoreError):
                LOG.exception("%d events were not written to %s", len(batch), self._where["logGroupName"])

    # As EventBridge does, though that goes on for a day, and as there not when permissions are missing.
    @retry(
        retry=retry_if_exception(lambda error: "AccessDenied" not in str(error)),
        stop=stop_after_attempt(WRITE_ATTEMPTS),
        wait=wait_random_exponential(multiplier=0.1),
        reraise=True,
    )
    def put(self, batch: list[dict[str, Any]]) -> None:
        """Write these events, and make the stream anew if it is gone."""
        # Each event has the time at which it was handed over, and two threads may have done that in the other order.
        in_order = sorted(batch, key=lambda event: event["timestamp"])
        try:
            self._client.put_log_events(**self._where, logEvents=in_order)
        except ClientError as error:
            if error.response["Error"]["Code"] == "ResourceNotFoundException":
                # The group may have been made anew.
                self._client.create_log_stream(**self._where)
            raise
