"""An endpoint that plays a recorded execution back, on a clock that moves only when someone calls or sleeps."""

import io
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from botocore.exceptions import ClientError, EndpointConnectionError

from bootstrap.arns import Arns
from bootstrap.clients import Clients
from bootstrap.loading import load_stack
from bootstrap.settings import DEFAULT_STACK, Settings
from observatory.clock import Clock
from tests.stacks import system_of

STACK = load_stack(DEFAULT_STACK)
MACHINE = STACK.machines[0]
DEFINITIONS = Path(__file__).parent / "machines"
HISTORIES = Path(__file__).parent / "histories"
JOB = "8a6b8c5e-0d5c-4f0e-9d3e-2f6f3c1f7a10"
EXECUTIONS = "arn:aws:states:us-east-1:000000000000:execution:EventdrivenMachine"
EXECUTION = f"{EXECUTIONS}:{JOB}"
REPORT_KEY = f"{EXECUTION}/0-cookies.json"
REPORT = {"names": ["Ann Lee", "Bob Ray", "Cy Poe"], "numberOfPeople": 3, "totalCookiesConsumed": 12}
PAGE_EVENTS = 7
ENDPOINT_URL = "http://127.0.0.1:4566"


def load_definition(machine: str | None = None) -> dict[str, Any]:
    """The definition of one of the small machines beside this module, or of the stack's own."""
    if machine is None:
        return system_of().definitions[MACHINE.name]
    definition: dict[str, Any] = json.loads((DEFINITIONS / f"{machine}.asl.json").read_text())
    return definition


class FakeClock(Clock):
    def __init__(self) -> None:
        self.seconds = 1000.0

    def now(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


def load_history(name: str) -> list[Any]:
    events: list[Any] = json.loads((HISTORIES / f"{name}.json").read_text())
    for event in events:
        event["timestamp"] = datetime.fromisoformat(event["timestamp"])
    return events


def client_error(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": f"the message of {code}"}}, "Operation")


def connection_error() -> EndpointConnectionError:
    return EndpointConnectionError(endpoint_url=ENDPOINT_URL)


class NoLogGroupError(ClientError):
    """What CloudWatch Logs answers about a group that is not there."""

    def __init__(self) -> None:
        super().__init__({"Error": {"Code": "ResourceNotFoundException", "Message": "no group"}}, "FilterLogEvents")


class NoSuchKeyError(ClientError):
    """What S3 answers about an object that is not there."""

    def __init__(self) -> None:
        super().__init__({"Error": {"Code": "NoSuchKey", "Message": "no object"}}, "GetObject")


class FakeEndpoint:
    """EventBridge, Step Functions, S3 and CloudWatch Logs, as far as a run needs them.

    The recorded execution begins when the start event is put, or at once where a test puts none.
    """

    exceptions = SimpleNamespace(ResourceNotFoundException=NoLogGroupError, NoSuchKey=NoSuchKeyError)

    def __init__(self, clock: FakeClock, history: str = "succeeded") -> None:
        self.clock = clock
        self.calls: list[str] = []
        self.failures: dict[str, BaseException] = {}
        self.call_secs: dict[str, float] = {}
        self.goes_down_after_secs = float("inf")
        self.put_entries: list[Any] = []
        self.put_answer: dict[str, Any] = {"FailedEntryCount": 0, "Entries": [{"EventId": JOB}]}
        self.executions: dict[str, Any] = {}
        self.started: dict[str, Any] = {JOB: {"id": JOB}}
        self.starts_after_secs = 0.0
        self.output: Any = {"report": REPORT_KEY, "numberOfPeople": 3, "totalCookiesConsumed": 12}
        self.objects: dict[str, Any] = {REPORT_KEY: REPORT}
        self.log_function = "processSingle"
        self.log: list[str] = []
        self.log_comes_after_looks = 0
        self.pages_histories = False
        self.definition = load_definition()
        self._history = load_history(history)
        self._start = clock.now()

    @property
    def clients(self) -> Clients:
        return cast(Clients, _FakeClients(self))

    def describe_rule(self, **_asked: Any) -> dict[str, Any]:
        self._called("describe_rule")
        return {"State": "ENABLED"}

    list_targets_by_rule = None  # looked up, and never asked: there is no rule

    def put_events(self, **asked: Any) -> dict[str, Any]:
        self._called("put_events")
        self._start = self.clock.now()
        self.put_entries += asked["Entries"]
        return self.put_answer

    def list_executions(self, **_asked: Any) -> dict[str, Any]:
        self._called("list_executions")
        names = list(self.executions)
        started = self._history[0]["timestamp"]
        if self.put_entries and self._elapsed() >= self.starts_after_secs:
            names = [*self.started, *names]
        return {
            "executions": [
                {"executionArn": f"{EXECUTIONS}:{name}", "name": name, "startDate": started} for name in names
            ]
        }

    def describe_execution(self, **asked: Any) -> dict[str, Any]:
        self._called("describe_execution")
        events = self._events_so_far()
        ends = [event for event in events if event["type"] in {"ExecutionSucceeded", "ExecutionFailed"}]
        name = asked["executionArn"].rpartition(":")[2]
        answer = {
            "executionArn": asked["executionArn"],
            "name": name,
            "status": "RUNNING",
            "startDate": events[0]["timestamp"],
            "input": json.dumps((self.executions | self.started)[name]),
        }
        for end in ends:
            answer |= {"status": end["type"].removeprefix("Execution").upper(), "stopDate": end["timestamp"]}
            answer |= end.get("executionFailedEventDetails", {"output": json.dumps(self.output)})
        return answer

    def get_execution_history(self, **asked: Any) -> dict[str, Any]:
        self._called("get_execution_history")
        assert asked["reverseOrder"]
        events = self._events_so_far()[::-1]
        if not self.pages_histories:
            return {"events": events}
        first = int(asked.get("nextToken", 0))
        page, rest = events[first : first + PAGE_EVENTS], events[first + PAGE_EVENTS :]
        return {"events": page, **({"nextToken": str(first + PAGE_EVENTS)} if rest else {})}

    def describe_state_machine_for_execution(self, **_asked: Any) -> dict[str, Any]:
        self._called("describe_state_machine_for_execution")
        return {"definition": json.dumps(self.definition)}

    def get_object(self, **asked: Any) -> dict[str, Any]:
        self._called("get_object")
        if asked["Key"] not in self.objects:
            raise NoSuchKeyError
        return {"Body": io.BytesIO(json.dumps(self.objects[asked["Key"]]).encode())}

    def head_object(self, **asked: Any) -> None:
        self._called("head_object")
        if asked["Key"] not in self.objects:
            answer: Any = {"Error": {"Code": "404"}, "ResponseMetadata": {"HTTPStatusCode": 404}}
            raise ClientError(answer, "HeadObject")

    def filter_log_events(self, **asked: Any) -> dict[str, Any]:
        self._called("filter_log_events")
        assert asked["logGroupName"] == f"/aws/lambda/{self.log_function}"
        wanted = asked["filterPattern"].strip('"')
        return {"events": [event for event in self.log_events() if wanted in event["message"]]}

    def log_events(self) -> list[dict[str, Any]]:
        """What the function has logged, as soon as it is there."""
        if self.calls.count("filter_log_events") <= self.log_comes_after_looks:
            return []
        return [{"logStreamName": "the-stream", "timestamp": 0, "message": line} for line in self.log]

    def get_paginator(self, operation: str) -> "_FakePaginator":
        return _FakePaginator(self, operation)

    def pages(self, operation: str, asked: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Answer page by page."""
        if operation != "filter_log_events":
            yield {"Rules": [], "Contents": []}
        elif asked["logGroupName"] == STACK.ledger:
            yield {"events": []}
        else:
            yield {"events": self.log_events()}

    def _called(self, operation: str) -> None:
        self.clock.sleep(self.call_secs.get(operation, 0.01))
        self.calls.append(operation)
        if operation in self.failures:
            raise self.failures[operation]
        if self._elapsed() > self.goes_down_after_secs:
            raise connection_error()

    def _elapsed(self) -> float:
        return self.clock.now() - self._start

    def _events_so_far(self) -> list[Any]:
        start = self._history[0]["timestamp"]
        return [event for event in self._history if (event["timestamp"] - start).total_seconds() <= self._elapsed()]


class _FakePaginator:
    def __init__(self, endpoint: FakeEndpoint, operation: str) -> None:
        self._endpoint = endpoint
        self._operation = operation

    def paginate(self, **asked: Any) -> Iterator[dict[str, Any]]:
        return self._endpoint.pages(self._operation, asked)


class _FakeClients:
    settings = Settings(ENDPOINT_URL, region="us-east-1", bucket=None, map_concurrency=2, port=4566)
    arns = Arns("000000000000", "us-east-1")
    bucket = "the-bucket"
    stack = STACK

    def __init__(self, endpoint: FakeEndpoint) -> None:
        self.events = self.states = self.s3 = self.logs = endpoint
