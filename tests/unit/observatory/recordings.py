"""Runs as the services told them, recorded from LocalStack, and clients that answer with such a recording."""

import io
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from botocore.exceptions import ClientError

from bootstrap.arns import Arns
from bootstrap.clients import Clients
from bootstrap.settings import Settings
from bootstrap.stack import STACK
from observatory.story.story import Story, tell
from tests.stacks import system_of

EXECUTIONS = "arn:aws:states:us-east-1:000000000000:execution:EventdrivenMachine"
STORIES = Path(__file__).parent / "stories"


class Recording:
    """What is known of a run; *asked* remembers every question, with its arguments."""

    def __init__(self, name: str) -> None:
        said = json.loads((STORIES / f"{name}.json").read_text())
        self.job: str = said["job"]
        self.execution: dict[str, Any] = _with_times(said["execution"])
        self.executions: list[dict[str, Any]] = [self.execution]
        self.history: list[Any] = [_with_times(event) for event in said["history"]]
        self.ledger: list[Any] | None = said["ledger"]
        self.logs: dict[str, list[Any]] = said["logs"]
        self.rules: list[Any] = said["rules"]
        self.objects: list[Any] = [_with_times(found) for found in said["objects"]]
        self.contents: dict[str, bytes] = {}
        self.put: list[dict[str, Any]] = []
        self.trouble: Exception | None = None
        self.asked: list[tuple[str, dict[str, Any]]] = []

    @property
    def clients(self) -> Clients:
        return cast(Clients, _Clients(self))

    def tell(self, job: str = "latest") -> Story:
        """The story of this run."""
        return tell(self.clients, job)

    def store(self, name: str, content: bytes) -> None:
        """Let the run store an object."""
        key = f"{self.execution['executionArn']}/{name}"
        self.contents[key] = content
        self.objects.append({"Key": key, "Size": len(content), "LastModified": self.execution["startDate"]})

    def add_log(self, function: str, *lines: str, stream: str = "a stream") -> None:
        """Let a function log some lines while the run goes on."""
        when = int(self.execution["startDate"].timestamp() * 1000) + 1000
        self.logs[function] += [{"logStreamName": stream, "timestamp": when, "message": line} for line in lines]

    def describe_execution(self, **_asked: Any) -> dict[str, Any]:
        return self.execution

    def list_targets_by_rule(self, **asked: Any) -> dict[str, Any]:
        return {"Targets": next(rule["Targets"] for rule in self.rules if rule["Name"] == asked["Rule"])}

    def describe_state_machine_for_execution(self, **_asked: Any) -> dict[str, Any]:
        return {"definition": json.dumps(system_of().definitions[STACK.machines[0].name])}

    def get_object(self, **asked: Any) -> dict[str, Any]:
        if asked["Key"] not in self.contents:
            raise ClientError({"Error": {"Code": "NoSuchKey", "Message": asked["Key"]}}, "GetObject")
        return {"Body": io.BytesIO(self.contents[asked["Key"]])}

    def describe_rule(self, **_asked: Any) -> dict[str, Any]:
        return {"State": "ENABLED"}

    def list_executions(self, **_asked: Any) -> dict[str, Any]:
        return {"executions": self.executions}

    def put_events(self, **asked: Any) -> dict[str, Any]:
        """Take one event; the next execution is named after it."""
        (entry,) = asked["Entries"]
        self.put.append(entry)
        name = f"event-{len(self.put)}"
        self.executions.append({**self.execution, "name": name, "executionArn": f"{EXECUTIONS}:{name}"})
        return {"FailedEntryCount": 0, "Entries": [{"EventId": name}]}

    def get_paginator(self, operation: str) -> "_Paginator":
        return _Paginator(self, operation)

    def pages(self, operation: str, asked: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Answer in two pages."""
        if self.trouble:
            raise self.trouble
        self.asked.append((operation, asked))
        key, items = self._answer(operation, asked)
        for part in (items[: len(items) // 2], items[len(items) // 2 :]):
            yield {key: part}

    def _answer(self, operation: str, asked: dict[str, Any]) -> tuple[str, list[Any]]:
        if operation == "list_executions":
            return "executions", self.executions
        if operation == "get_execution_history":
            return "events", self.history
        if operation == "list_rules":
            return "Rules", self.rules
        if operation == "list_objects_v2":
            return "Contents", self.objects
        group = asked["logGroupName"]
        events = self.ledger if group == STACK.ledger else self.logs.get(group.rpartition("/")[2])
        if events is None:
            raise ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": group}}, operation)
        return "events", [event for event in events if event["timestamp"] >= asked["startTime"]]


class _Paginator:
    def __init__(self, recording: Recording, operation: str) -> None:
        self._recording = recording
        self._operation = operation

    def paginate(self, **asked: Any) -> Iterator[dict[str, Any]]:
        return self._recording.pages(self._operation, asked)


class _Clients:
    settings = Settings("http://127.0.0.1:4566", region="us-east-1", bucket=None, map_concurrency=2, port=4566)
    arns = Arns("000000000000", "us-east-1")
    bucket = "the-bucket"

    def __init__(self, recording: Recording) -> None:
        self.events = self.states = self.s3 = self.logs = recording


def _with_times(said: dict[str, Any]) -> dict[str, Any]:
    times = ("timestamp", "startDate", "stopDate", "LastModified")
    return {key: datetime.fromisoformat(value) if key in times else value for key, value in said.items()}
