"""What happens on the bus, seen through a rule and a queue of the tests' own."""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import boto3

from bootstrap.clients import Clients
from bootstrap.stack import STACK
from testkit.waiting import wait_for
from tests.permissions import open_queue

if TYPE_CHECKING:
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

BATCH = 10


class Bus:
    """The events of the project since it was opened, each once; other events can be put on it."""

    def __init__(self, queue: Any, clients: Clients) -> None:
        self._queue = queue
        self._clients = clients
        self._events: dict[str, dict[str, Any]] = {}

    def put(self, detail_type: str, detail: dict[str, Any], source: str = STACK.source) -> str:
        """Put an event on the bus, and return its id."""
        entry: PutEventsRequestEntryTypeDef = {
            "Source": source,
            "DetailType": detail_type,
            "Detail": json.dumps(detail),
        }
        answer = self._clients.events.put_events(Entries=[entry])
        assert answer["FailedEntryCount"] == 0, answer
        return answer["Entries"][0]["EventId"]

    def events(self, job: str, detail_type: str | None = None) -> list[dict[str, Any]]:
        """The events of one kind, or of all, of one run, that have arrived so far."""
        while messages := self._queue.receive_messages(MaxNumberOfMessages=BATCH, WaitTimeSeconds=0):
            for message in messages:
                event = json.loads(message.body)
                self._events[event["id"]] = event
                message.delete()
        return [
            event
            for event in self._events.values()
            if detail_type in (None, event["detail-type"]) and job in (event["id"], event["detail"].get("job"))
        ]

    def wait_for(self, job: str, detail_type: str, count: int) -> list[dict[str, Any]]:
        """The events of one kind once *count* of them have arrived."""
        wait_for(f"{count} events {detail_type}", lambda: len(self.events(job, detail_type)) >= count)
        return self.events(job, detail_type)


@contextmanager
def open_bus(clients: Clients) -> Iterator[Bus]:
    """Listen to the bus through a queue, and remove rule and queue in the end."""
    name = f"listen-{uuid.uuid4().hex[:8]}"
    queues = boto3.Session("test", "test", region_name=clients.settings.region).resource(
        "sqs", endpoint_url=clients.settings.endpoint_url
    )
    queue = queues.create_queue(QueueName=name)
    clients.events.put_rule(Name=name, EventPattern=json.dumps({"source": [STACK.source]}))
    arn = queue.attributes["QueueArn"]
    open_queue(clients.sqs, queue.url)
    clients.events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": arn}])
    try:
        yield Bus(queue, clients)
    finally:
        clients.events.remove_targets(Rule=name, Ids=["queue"])
        clients.events.delete_rule(Name=name)
        queue.delete()
