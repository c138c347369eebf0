"""Queues, as far as dead letters need them: what was received is not received again until it is released."""

import json
from datetime import datetime
from types import SimpleNamespace
from typing import Any


class QueueDoesNotExistError(Exception):
    """What SQS answers about a queue that is not there."""


class FakeQueues:
    """The messages of each queue by its name, which is its URL as well."""

    exceptions = SimpleNamespace(QueueDoesNotExist=QueueDoesNotExistError)

    def __init__(self) -> None:
        self.messages: dict[str, dict[str, dict[str, Any]]] = {}
        self.received: set[str] = set()
        self.number = 0

    def put(self, queue: str, body: object, sent: datetime | None = None) -> str:
        """Put a message into a queue, and return its id."""
        self.number += 1
        name, milliseconds = f"letter-{self.number}", self.number if sent is None else int(sent.timestamp() * 1000)
        text = body if isinstance(body, str) else json.dumps(body)
        message = {
            "MessageId": name,
            "ReceiptHandle": name,
            "Body": text,
            "Attributes": {"SentTimestamp": f"{milliseconds}"},
        }
        self.messages.setdefault(queue, {})[name] = message
        return name

    def get_queue_url(self, **asked: Any) -> dict[str, Any]:
        if asked["QueueName"] not in self.messages:
            raise QueueDoesNotExistError
        return {"QueueUrl": asked["QueueName"]}

    def get_queue_attributes(self, **asked: Any) -> dict[str, Any]:
        return {"Attributes": {"ApproximateNumberOfMessages": str(len(self.messages[asked["QueueUrl"]]))}}

    def receive_message(self, **asked: Any) -> dict[str, Any]:
        visible = [one for name, one in self.messages[asked["QueueUrl"]].items() if name not in self.received]
        found = visible[: asked["MaxNumberOfMessages"]]
        self.received |= {one["MessageId"] for one in found}
        return {"Messages": found} if found else {}

    def change_message_visibility_batch(self, **asked: Any) -> None:
        """Release messages."""
        self.received -= {entry["ReceiptHandle"] for entry in asked["Entries"]}

    def delete_message(self, **asked: Any) -> None:
        del self.messages[asked["QueueUrl"]][asked["ReceiptHandle"]]
        self.received.discard(asked["ReceiptHandle"])
