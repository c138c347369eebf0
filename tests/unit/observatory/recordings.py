"""Runs as the services told them, recorded from LocalStack, and clients that answer with such a recording."""

import io
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from botocore.exceptions import ClientError

from bootstrap.arns import Arns
from bootstrap.clients import Clients
from bootstrap.description import Stack
from bootstrap.loading import load_stack
from bootstrap.resources.description import KEY
from bootstrap.settings import DEFAULT_STACK, Settings
from bootstrap.stack_json import to_json_object
from handlers.shared.detail_types import INVOCATION_FAILED, LAMBDA
from observatory.records.executions import machine_of
from observatory.story.story import Story, tell
from tests.stacks import system_of
from tests.unit.observatory.fake_queues import FakeQueues

STACK = load_stack(DEFAULT_STACK)
EXECUTIONS = "arn:aws:states:us-east-1:000000000000:execution:EventdrivenMachine"
STORIES = Path(__file__).parent / "stories"


class NoSuchKeyError(ClientError):
    """What S3 answers about an object that is not there."""


class Recording:
    """What is known of a run; *asked* remembers every question, with its arguments."""

    exceptions = SimpleNamespace(NoSuchKey=NoSuchKeyError, NoSuchBucket=NoSuchKeyError)

    def __init__(self, name: str) -> None:
        said = json.loads((STORIES / f"{name}.json").read_text())
        self.job: str = said["job"]
        self.execution: dict[str, Any] = _with_times(said["execution"])
        self.executions: list[dict[str, Any]] = [self.execution]
        self.history: list[Any] = [_with_times(event) for event in said["history"]]
        self.ledger: list[Any] | None = said["ledger"]
        self.logs: dict[str, list[Any]] = said["logs"]
        self.rules: list[Any] = said["rules"]
        self.waited_for: list[str] = said["waitedFor"]
        self.objects: list[Any] = [_with_times(found) for found in said["objects"]]
        self.stack: Stack | None = STACK
        self.allowed: dict[str, list[str]] = {}
        self.contents: dict[str, bytes] = {}
        self.put: list[dict[str, Any]] = []
        self.queues = FakeQueues()
        self.trouble: Exception | None = None
        self.asked: list[tuple[str, dict[str, Any]]] = []

    @property
    def clients(self) -> Clients:
        return cast(Clients, _Clients(self))

    def tell(self, job: str = "latest") -> Story:
        """The story of this run."""
        return tell(self.clients, STACK, job)

    def add_execution(self, name: str, machine: str = STACK.machines[0].name, **said: Any) -> str:
        """Let there be another execution, otherwise like this one, and return its ARN."""
        arn = EXECUTIONS.replace(STACK.machines[0].name, machine) + f":{name}"
        self.executions.append({**self.execution, "name": name, "executionArn": arn, **said})
        return arn

    def store(self, name: str, content: bytes) -> None:
        """Let the run store an object."""
        key = f"{self.execution['executionArn']}/{name}"
        self.contents[key] = content
        self.objects.append({"Key": key, "Size": len(content), "LastModified": self.execution["startDate"]})

    def add_log(self, function: str, *lines: str, stream: str = "a stream", later: int = 0) -> None:
        """Let a function log some lines while the run goes on, so many milliseconds after others."""
        when = int(self.execution["startDate"].timestamp() * 1000) + 1000 + later
        self.logs[function] += [{"logStreamName": stream, "timestamp": when, "message": line} for line in lines]

    def add_invocation_failure(self, event: Mapping[str, Any], function: str, request_id: str, later: int = 0) -> None:
        """Let Lambda say on the bus that a function could not handle an event, so many milliseconds after the last."""
        arn = f"arn:aws:lambda:us-east-1:000000000000:function:{function}:$LATEST"
        context = {"requestId": request_id, "functionArn": arn, "condition": "RetriesExhausted"}
        detail = {"requestContext": context, "requestPayload": event, "responsePayload": {"errorType": "E"}}
        body = {"id": f"failed {request_id}", "source": LAMBDA, "detail-type": INVOCATION_FAILED, "detail": detail}
        assert self.ledger
        when = self.ledger[-1]["timestamp"] + later
        self.ledger.append({**self.ledger[-1], "timestamp": when, "message": json.dumps(body)})
        pattern = json.dumps({"source": [LAMBDA], "detail-type": [INVOCATION_FAILED]})
        finisher = {"Id": "1", "Arn": "arn:aws:states:us-east-1:000000000000:stateMachine:StepFinisher"}
        self.rules.append({"Name": "InvocationFailedRule", "EventPattern": pattern, "Targets": [finisher]})

    def describe_execution(self, **asked: Any) -> dict[str, Any]:
        self.asked.append(("describe_execution", asked))
        return next(one for one in self.executions if one["executionArn"] == asked["executionArn"])

    def list_targets_by_rule(self, **asked: Any) -> dict[str, Any]:
        return {"Targets": next(rule["Targets"] for rule in self.rules if rule["Name"] == asked["Rule"])}

    def get_function_event_invoke_config(self, **asked: Any) -> dict[str, Any]:
        """Those that a state waits for report their failures on the bus."""
        if asked["FunctionName"].rpartition(":")[2] not in self.waited_for:
            raise ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": "none"}}, "Get")
        return {"DestinationConfig": {"OnFailure": {"Destination": "arn:aws:events:us-east-1:1:event-bus/default"}}}

    def get_function_concurrency(self, **_asked: Any) -> dict[str, Any]:
        return {}

    def get_function_configuration(self, **asked: Any) -> dict[str, Any]:
        return {"Role": f"arn:aws:iam::1:role/{asked['FunctionName']}"}

    def describe_state_machine(self, **asked: Any) -> dict[str, Any]:
        return {"roleArn": f"arn:aws:iam::1:role/{asked['stateMachineArn'].rpartition(':')[2]}"}

    def list_role_policies(self, **_asked: Any) -> dict[str, Any]:
        return {"PolicyNames": ["allow"]}

    def get_role_policy(self, **asked: Any) -> dict[str, Any]:
        allowed = {"Effect": "Allow", "Action": self.allowed.get(asked["RoleName"], []), "Resource": "arn:aws:s3:::*"}
        return {"PolicyDocument": {"Statement": [allowed]}}

    def get_execution_history(self, **asked: Any) -> dict[str, Any]:
        """All of it, as LocalStack without this project's repairs."""
        if self.trouble:
            raise self.trouble
        self.asked.append(("get_execution_history", asked))
        return {"events": self.history[::-1]}

    def describe_state_machine_for_execution(self, **_asked: Any) -> dict[str, Any]:
        return {"definition": json.dumps(system_of().definitions[STACK.machines[0].name])}

    def get_object(self, **asked: Any) -> dict[str, Any]:
        if self.trouble and not isinstance(self.trouble, ClientError):  # which is that of another service
            raise self.trouble
        if asked["Key"] == KEY and self.stack:
            return {"Body": io.BytesIO(json.dumps(to_json_object(self.stack)).encode())}
        if asked["Key"] not in self.contents:
            raise NoSuchKeyError({"Error": {"Code": "NoSuchKey", "Message": asked["Key"]}}, "GetObject")
        return {"Body": io.BytesIO(self.contents[asked["Key"]])}

    def describe_rule(self, **_asked: Any) -> dict[str, Any]:
        return {"State": "ENABLED"}

    def list_executions(self, **asked: Any) -> dict[str, Any]:
        if self.trouble:
            raise self.trouble
        self.asked.append(("list_executions", asked))
        machine = asked["stateMachineArn"].rpartition(":")[2]
        mine = [one for one in self.executions if machine_of(one["executionArn"]) == machine]
        newest = sorted(mine, key=lambda one: one["startDate"], reverse=True)
        first, last = int(asked.get("nextToken", 0)), int(asked.get("nextToken", 0)) + asked["maxResults"]
        return {"executions": newest[first:last], **({"nextToken": str(last)} if newest[last:] else {})}

    def stop_execution(self, **asked: Any) -> None:
        """Abort the execution."""
        self.asked.append(("stop_execution", asked))
        self.execution |= {"status": "ABORTED", "stopDate": self.execution["startDate"], **_failure(asked)}

    def redrive_execution(self, **asked: Any) -> None:
        """Let the execution go on, unless it does or has succeeded."""
        self.asked.append(("redrive_execution", asked))
        if self.execution["status"] in {"RUNNING", "SUCCEEDED"}:
            raise ClientError({"Error": {"Code": "ExecutionNotRedrivable", "Message": "it did not fail"}}, "Redrive")
        self.execution |= {"status": "RUNNING", "stopDate": None}

    def invoke(self, **asked: Any) -> None:
        """Invoke a function."""
        self.asked.append(("invoke", asked))

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
        if operation == "list_rules":
            return "Rules", self.rules
        if operation == "list_objects_v2":
            return "Contents", self.objects
        group = asked["logGroupName"]
        events = self.ledger if group == STACK.ledger else self.logs.get(group.rpartition("/")[2])
        if events is None:
            raise ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": group}}, operation)
        events = [{"eventId": str(number), **event} for number, event in enumerate(events)]
        until = asked.get("endTime", float("inf"))
        streams = asked.get("logStreamNames")
        return "events", [
            event
            for event in events
            if asked["startTime"] <= event["timestamp"] <= until
            and (streams is None or event["logStreamName"] in streams)
        ]


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
    stack = STACK

    def __init__(self, recording: Recording) -> None:
        self.events = self.states = self.s3 = self.logs = self.lambda_ = self.iam = recording
        self.sqs = recording.queues


def _failure(asked: dict[str, Any]) -> dict[str, Any]:
    return {key: asked[key] for key in ("error", "cause")}


def _with_times(said: dict[str, Any]) -> dict[str, Any]:
    times = ("timestamp", "startDate", "stopDate", "LastModified")
    return {key: datetime.fromisoformat(value) if key in times else value for key, value in said.items()}
