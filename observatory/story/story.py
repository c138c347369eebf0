"""The story of a run: its events, and what Step Functions, Lambda and S3 know of it, joined."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from botocore.exceptions import ClientError

from bootstrap.clients import Clients
from bootstrap.errors import refusals
from observatory.records.consumers import Consumer, fetch_rules, read_consumers
from observatory.records.executions import Execution, StateRun, find_execution, read_states
from observatory.records.invocations import Invocation, read_invocations
from observatory.records.ledger import Event, Ledger

LARGEST_HISTORY_PAGE_EVENTS = 1000
LARGEST_LOG_PAGE_EVENTS = 10_000
PARALLEL_REQUESTS = 10
# The clocks of two services differ a little.
EARLIER = timedelta(seconds=2)
# Lambda tries again for as long when a function fails.
LATER = timedelta(minutes=10)


@dataclass(frozen=True)
class StoredObject:
    """An object that a run left in the bucket."""

    key: str
    size: int
    modified: datetime

    def to_json_object(self) -> dict[str, Any]:
        """Return the object for programs."""
        return {"key": self.key, "size": self.size, "modified": self.modified.isoformat()}


@dataclass(frozen=True)
class Story:
    """All that is known of a run.

    Args:
        told: When this was asked for; what has no end yet goes on until then.
        execution: The execution of the machine.
        events: Its events, in the order in which they were put on the bus.
        invocations: What functions did with these events, in the order in which they began. Those that did not reach
            their handler know no event; they are here when they fell into the time of the run.
        states: The states that the execution entered, in their order.
        objects: What is in the bucket.
        consumers: Who gets which events.
    """

    told: datetime
    execution: Execution
    events: tuple[Event, ...]
    invocations: tuple[Invocation, ...]
    states: tuple[StateRun, ...]
    objects: tuple[StoredObject, ...]
    consumers: tuple[Consumer, ...]

    @property
    def job(self) -> str:
        """The id of the start event."""
        return self.execution.job

    @property
    def ended(self) -> datetime:
        """When the execution ended, or how far it is told."""
        return self.execution.stopped or self.told

    @cached_property
    def event_by_id(self) -> Mapping[str, Event]:
        """The events by their ids."""
        return {event.id: event for event in self.events}

    @cached_property
    def invocations_by_event(self) -> Mapping[str | None, tuple[Invocation, ...]]:
        """The tries of functions to handle each event; under None those that know no event."""
        return _grouped((invocation.event_id, invocation) for invocation in self.invocations)

    @cached_property
    def effects(self) -> Mapping[str | None, tuple[Event, ...]]:
        """The events that handlers emitted because of each event."""
        return _grouped((event.cause_id, event) for event in self.events if event.meta)

    @cached_property
    def state_by_event(self) -> Mapping[str, StateRun]:
        """The state that put an event on the bus."""
        return {event_id: state for state in self.states for event_id in state.event_ids}

    @cached_property
    def events_by_token(self) -> Mapping[str | None, tuple[Event, ...]]:
        """The events that carry each task token: the one of a state, and all that came of it."""
        return _grouped((event.token, event) for event in self.events)

    def consumers_of(self, event: Event) -> tuple[Consumer, ...]:
        """The functions and machines that get an event."""
        taking = (consumer for consumer in self.consumers if consumer.takes(event.type))
        return tuple(consumer for consumer in taking if consumer.kind in {"function", "machine"})

    def emitter(self, event: Event) -> Invocation | None:
        """The invocation that emitted an event; None for those of machines and of people."""
        tries = self.invocations_by_event.get(event.cause_id, ())
        ids = (event.request_id, event.worked_from)
        return next((one for one in tries if (one.request_id, one.started) == ids), None)

    def chain(self, state: StateRun) -> tuple[Event, ...]:
        """The event that a state put on the bus last, and all that came of it."""
        event = self.event_by_id.get(state.event_ids[-1]) if state.event_ids else None
        return self.events_by_token[event.token] if event else ()

    def object_name(self, found: StoredObject) -> str:
        """What an object is called within the run: its key, without the execution's ARN."""
        return found.key.removeprefix(f"{self.execution.arn}/")

    def to_json_object(self) -> dict[str, Any]:
        """Return the story for programs: every part as a list, joined by ids."""
        return {
            "job": self.job,
            "told": self.told.isoformat(),
            "execution": self.execution.to_json_object(),
            "events": [event.to_json_object() for event in self.events],
            "invocations": [invocation.to_json_object() for invocation in self.invocations],
            "states": [state.to_json_object() for state in self.states],
            "objects": [found.to_json_object() for found in self.objects],
            "consumers": [consumer.to_json_object() for consumer in self.consumers],
        }


def tell(clients: Clients, job: str, ledger: Ledger | None = None) -> Story:
    """Tell the story of a run as far as it went.

    Args:
        clients: How to reach the services.
        job: The id of the run's start event, the beginning of it, or `latest`.
        ledger: One that has been read already is refreshed; without one, what is needed is read.

    Raises:
        UnknownRunError: There is no such run.
        BootstrapError: Some service cannot be asked.
    """
    with refusals(f"run {job}", clients.settings):
        execution = find_execution(clients, job)
        ledger = ledger or Ledger(clients, execution.started - EARLIER)
        with ThreadPoolExecutor(PARALLEL_REQUESTS) as pool:
            told = datetime.now(UTC)
            recorded = pool.submit(ledger.refresh)
            history = pool.submit(_fetch_history, clients, execution)
            objects = pool.submit(_fetch_objects, clients, execution)
            consumers = read_consumers(fetch_rules(clients))
            functions = {consumer.name for consumer in consumers if consumer.kind == "function"}
            logs = {name: pool.submit(_fetch_log, clients, execution, name) for name in sorted(functions)}
        recorded.result()
    states = read_states(history.result())
    events = _timed(ledger.events(execution.job), states)
    invocations = _invocations(logs, execution, {event.id for event in events})
    return Story(told, execution, events, invocations, states, objects.result(), consumers)


def _timed(events: Iterable[Event], states: Iterable[StateRun]) -> tuple[Event, ...]:
    """Give the events that states put on the bus their times, which only the history knows."""
    times = {event_id: state.emitted for state in states for event_id in state.event_ids}
    timed = (replace(event, emitted=times.get(event.id) or event.emitted) for event in events)
    return tuple(sorted(timed, key=lambda event: event.emitted))


def _invocations(
    logs: Mapping[str, Future[list[Any]]], execution: Execution, event_ids: set[str]
) -> tuple[Invocation, ...]:
    found = [invocation for name, log in logs.items() for invocation in read_invocations(name, log.result())]
    mine = [one for one in found if one.event_id in event_ids or (one.event_id is None and _is_within(one, execution))]
    return tuple(sorted(mine, key=lambda invocation: invocation.started))


def _is_within(invocation: Invocation, execution: Execution) -> bool:
    return execution.started <= invocation.started and (
        execution.stopped is None or invocation.started <= execution.stopped
    )


def _fetch_history(clients: Clients, execution: Execution) -> list[Any]:
    pages = clients.states.get_paginator("get_execution_history").paginate(
        executionArn=execution.arn, PaginationConfig={"PageSize": LARGEST_HISTORY_PAGE_EVENTS}
    )
    return [event for page in pages for event in page["events"]]


def _fetch_objects(clients: Clients, execution: Execution) -> tuple[StoredObject, ...]:
    pages = clients.s3.get_paginator("list_objects_v2").paginate(Bucket=clients.bucket, Prefix=f"{execution.arn}/")
    found = (item for page in pages for item in page.get("Contents", ()))
    return tuple(StoredObject(item["Key"], item["Size"], item["LastModified"]) for item in found)


def _fetch_log(clients: Clients, execution: Execution, function: str) -> list[Any]:
    pages = clients.logs.get_paginator("filter_log_events").paginate(
        logGroupName=f"/aws/lambda/{function}",
        startTime=_milliseconds(execution.started - EARLIER),
        endTime=_milliseconds((execution.stopped or datetime.now(UTC)) + LATER),
        PaginationConfig={"PageSize": LARGEST_LOG_PAGE_EVENTS},
    )
    try:
        return [event for page in pages for event in page["events"]]
    except ClientError as error:
        # A function that never ran may have no log yet.
        if error.response["Error"]["Code"] == "ResourceNotFoundException":
            return []
        raise


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _grouped[K, V](pairs: Iterable[tuple[K, V]]) -> Mapping[K, tuple[V, ...]]:
    groups: defaultdict[K, list[V]] = defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    return {key: tuple(values) for key, values in groups.items()}
