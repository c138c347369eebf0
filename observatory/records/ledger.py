"""The ledger: every event of a stack, as a rule on the bus records them in CloudWatch Logs."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from threading import Lock
from typing import Any

from botocore.exceptions import ClientError

from bootstrap.clients import Clients
from bootstrap.errors import refusals
from handlers.shared.detail_types import INVOCATION_FAILED, LAMBDA
from observatory.clock import iso
from observatory.errors import NotBootstrappedError
from observatory.records.executions import EVENT_ID_CHARACTERS
from observatory.records.json_values import read_json

LARGEST_PAGE_EVENTS = 10_000
# How a presigned URL is told from others, by either version of S3's signatures.
SIGNATURE = re.compile("(X-Amz-Signature|Signature)=")
# The key of an event's meta that names the event which it repeats.
REPLAY_OF = "replayOf"
# Log events do not become visible in the order of their times, so the last of them are read again.
OVERLAP_MILLISECONDS = 10_000
# arn:aws:lambda:REGION:ACCOUNT:function:NAME:VERSION
FUNCTION_IN_ARN = 6


@dataclass(frozen=True)
class Event:
    """An event, as EventBridge handed it to its rules.

    Args:
        id: The event's id; an event is in the ledger once, however often it was delivered.
        type: Its detail type.
        recorded: When it was written to the ledger.
        emitted: When it was put on the bus, as its emitter says; as the ledger says, where that is not known.
        body: All of it, as EventBridge has it; its own `time` has no more than seconds.
    """

    id: str
    type: str
    recorded: datetime
    emitted: datetime
    body: Mapping[str, Any]

    @property
    def detail(self) -> Mapping[str, Any]:
        """What it says."""
        return _mapping(self.body.get("detail"))

    @property
    def unhandled(self) -> Mapping[str, Any] | None:
        """The event that a function could not handle, of what Lambda says about that; None of any other event."""
        if self.type != INVOCATION_FAILED or self.body.get("source") != LAMBDA:
            return None
        return _mapping(self.detail.get("requestPayload"))

    @property
    def carried(self) -> Mapping[str, Any]:
        """What it carries on from its cause, such as run and token: Lambda puts the whole cause into its event."""
        return self.detail if self.unhandled is None else _mapping(self.unhandled.get("detail"))

    @property
    def meta(self) -> Mapping[str, Any]:
        """What the handler that emitted it says about itself, or Lambda about one that failed; empty if neither did."""
        if self.unhandled is None:
            return _mapping(self.detail.get("meta"))
        said = _mapping(self.detail.get("requestContext"))
        return {
            "fn": [*str(said.get("functionArn")).split(":"), *[None] * FUNCTION_IN_ARN][FUNCTION_IN_ARN],
            "requestId": said.get("requestId"),
            "causationId": self.unhandled.get("id"),
        }

    @property
    def job(self) -> str | None:
        """The run that it says it belongs to: by its id, or by the execution, which is named after it."""
        if job := _text(self.carried.get("job")):
            return job
        execution = _text(self.carried.get("execution"))
        return execution.rpartition(":")[2][:EVENT_ID_CHARACTERS] if execution else None

    def may_be_of(self, execution: str) -> bool:
        """Whether it does not say that it is of the execution of another machine that the same event has started."""
        said = _text(self.carried.get("execution")) or execution
        return said == execution or said.rpartition(":")[2] != execution.rpartition(":")[2]

    def item(self, key: str) -> str | None:
        """What the item is called that it is about.

        Args:
            key: The key of a detail that says so.
        """
        value = self.carried.get(key)
        return str(value) if isinstance(value, str | int | float) and value != "" else None

    @property
    def state(self) -> str | None:
        """The state that it was put on the bus for, or that its cause was."""
        return _text(self.carried.get("stateName"))

    @property
    def token(self) -> str | None:
        """The task token that it carries."""
        return _text(self.carried.get("TaskToken"))

    @property
    def cause_id(self) -> str | None:
        """The event that the function which emitted it was handling."""
        return _text(self.meta.get("causationId"))

    @property
    def function(self) -> str | None:
        """The function that emitted it."""
        return _text(self.meta.get("fn"))

    @property
    def request_id(self) -> str | None:
        """The invocation that emitted it."""
        return _text(self.meta.get("requestId"))

    @property
    def worked_from(self) -> datetime | None:
        """When that invocation began."""
        return read_time(self.meta.get("startedAt"))

    @property
    def tells_objects(self) -> bool:
        """Whether it says what that invocation had done with the bucket."""
        return isinstance(self.meta.get("objects"), Mapping)

    @property
    def objects_read(self) -> int:
        """How many objects that invocation had read from the bucket."""
        return self._objects("read")

    @property
    def objects_written(self) -> int:
        """How many objects that invocation had written to the bucket."""
        return self._objects("written")

    def _objects(self, what: str) -> int:
        said = self.meta.get("objects")
        count = said.get(what) if isinstance(said, Mapping) else None
        return count if type(count) is int else 0

    @property
    def signed_urls(self) -> frozenset[str]:
        """The presigned URLs of objects that it hands on."""
        values = self.detail.values()
        return frozenset(value for value in values if isinstance(value, str) and SIGNATURE.search(value))

    @property
    def replay_of(self) -> str | None:
        """The event that this one repeats, if somebody sent it again."""
        return _text(self.meta.get(REPLAY_OF))

    @property
    def emitter(self) -> tuple[str, str]:
        """The kind and the name of what put it on the bus: a function, a machine, or any other source."""
        if self.replay_of is None:
            if self.function:
                return "function", self.function
            if machine := _text(self.detail.get("stateMachine")):
                return "machine", machine
        return "source", str(self.body.get("source"))

    def to_json_object(self) -> dict[str, Any]:
        """Return the event for programs."""
        return {
            "id": self.id,
            "type": self.type,
            "job": self.job,
            "emitted": iso(self.emitted),
            "recorded": iso(self.recorded),
            "causationId": self.cause_id,
            "body": self.body,
        }


class Ledger:
    """Reads the ledger, and remembers what it has read; may be shared by threads.

    Call `refresh` to read what is new; the other methods answer from what was read.

    Args:
        clients: How to reach CloudWatch Logs.
        log_group: Where it is.
        since: Leave out what was recorded earlier.
    """

    def __init__(self, clients: Clients, log_group: str, since: datetime | None = None) -> None:
        self._clients = clients
        self._log_group = log_group
        self._read_from = int(since.timestamp() * 1000) if since else 0
        self._lock = Lock()
        self._events: dict[str, Event] = {}
        self._by_job: defaultdict[str | None, list[Event]] = defaultdict(list)
        self._by_cause: defaultdict[str | None, list[Event]] = defaultdict(list)

    def refresh(self) -> None:
        """Read what was recorded since the last time.

        Raises:
            NotBootstrappedError: There is no ledger.
            BootstrapError: It cannot be read.
        """
        with refusals("ledger", self._clients.settings), self._lock:
            for log_event in self._new_log_events():
                event = read_event(log_event)
                if event and event.id not in self._events:
                    self._events[event.id] = event
                    self._by_job[event.job].append(event)
                    self._by_cause[event.cause_id].append(event)
                self._read_from = max(self._read_from, log_event["timestamp"] - OVERLAP_MILLISECONDS)

    def events(self, job: str, execution: str, put: Iterable[str] = ()) -> tuple[Event, ...]:
        """All events of a run, in the order in which they were put on the bus.

        Args:
            job: The id of its start event.
            execution: The ARN of its execution.
            put: The ids of the events that its states put on the bus.
        """
        first = (event for event_id in (job, *put) if (event := self._events.get(event_id)))
        found = {event.id: event for event in (*first, *self._by_job.get(job, ())) if event.may_be_of(execution)}
        ahead = list(found.values())
        while ahead:
            # What came of them is of the run, too, also where it does not say so.
            effects = [
                one
                for one in self._by_cause.get(ahead.pop().id, ())
                if one.job in {None, job} and one.may_be_of(execution)
            ]
            new = [one for one in effects if one.id not in found]
            found |= {event.id: event for event in new}
            ahead += new
        return tuple(sorted(found.values(), key=lambda event: event.emitted))

    def unhandled(self) -> dict[str, str]:
        """By the requests that failed for good, of all runs, the ids of the events that they could not handle."""
        said = [event for event in self._events.copy().values() if event.unhandled is not None]
        return {event.request_id: event.cause_id for event in said if event.request_id and event.cause_id}

    def new_events(self, position: int) -> tuple[tuple[Event, ...], int]:
        """Return the events that were read after a position, of all runs, and the position after them.

        Args:
            position: 0 for all, else what this method of the same ledger returned before.
        """
        events = tuple(self._events.copy().values())
        return events[position:], len(events)

    def _new_log_events(self) -> list[Any]:
        pages = self._clients.logs.get_paginator("filter_log_events").paginate(
            logGroupName=self._log_group, startTime=self._read_from, PaginationConfig={"PageSize": LARGEST_PAGE_EVENTS}
        )
        try:
            return [log_event for page in pages for log_event in page["events"]]
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise
            raise NotBootstrappedError(
                f"there is no log group {self._log_group}: run `python -m bootstrap up`"
            ) from error


def _mapping(value: object) -> Mapping[str, Any]:
    """An object, or an empty one: anyone may have written what is in an event."""
    return value if isinstance(value, Mapping) else {}


def _text(value: object) -> str | None:
    """A text, or nothing: anyone may have written what is in an event."""
    return value if isinstance(value, str) else None


def read_event(log_event: Mapping[str, Any]) -> Event | None:
    """Read an event from a log event; None if there is none in it."""
    try:
        body = read_json(log_event["message"])
        recorded = read_milliseconds(log_event["timestamp"])
        event = Event(body["id"], body["detail-type"], recorded, recorded, body)
    except (ValueError, KeyError, TypeError):
        return None
    # An event that was sent again still says when the first one was.
    said = None if event.replay_of else read_time(event.meta.get("emittedAt"))
    return replace(event, emitted=said or recorded)


def read_milliseconds(milliseconds: int) -> datetime:
    """Read a time as CloudWatch Logs has it."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def read_time(text: object) -> datetime | None:
    """Read a time as a handler says it; anyone may have written it."""
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return moment if moment and moment.tzinfo else None
