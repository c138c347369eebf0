"""The story of a run: its events, and what Step Functions, Lambda and S3 know of it, joined."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from bootstrap.clients import Clients
from bootstrap.description import ItemSpec, MachineSpec, Stack
from bootstrap.errors import refusals
from bootstrap.loading import folder_of
from bootstrap.settings import SettingsError
from observatory.clock import iso
from observatory.records.consumers import FUNCTION, MACHINE, Consumer, fetch_consumers
from observatory.records.definitions import Definition
from observatory.records.denials import Denial, fetch_denials
from observatory.records.executions import Execution, find_execution
from observatory.records.functions import Readiness, fetch_readiness
from observatory.records.history import History
from observatory.records.invocations import Invocation, read_invocations
from observatory.records.ledger import Event, Ledger
from observatory.records.states import MAP, SUCCEEDED, Item, StateRun, States

LARGEST_LOG_PAGE_EVENTS = 10_000
PARALLEL_REQUESTS = 10
# The clocks of two services differ a little.
EARLIER = timedelta(seconds=2)
# https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html; a sandbox is told to wait less.
FIRST_RETRY_SECONDS = 60.0
FIRST_RETRY_IN_SANDBOX_SECONDS = 1.0
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
        return {"key": self.key, "size": self.size, "modified": iso(self.modified)}


@dataclass(frozen=True)
class Story:
    """All that is known of a run.

    Args:
        told: When this was asked for; what has no end yet goes on until then.
        stack: What the run is of.
        execution: The execution of the machine.
        definition: What that was started with.
        states: The states that it entered, and the items of its Maps.
        events: Its events, in the order in which they were put on the bus.
        invocations: What functions did with these events, in the order in which they began. Those that did not reach
            their handler know no event; they are here when they fell into the time of the run.
        objects: What is in the bucket.
        consumers: Who gets which events.
        readiness: How those functions are that did not begin to handle an event.
        denials: What was denied to whomever since the run began.
        bucket: Where the objects are.
        folder: Where the stack's module is on this machine, if it is there.
        first_retry: The seconds after which Lambda tries again for the first time; each time later by as many more.
    """

    told: datetime
    stack: Stack
    execution: Execution
    definition: Definition
    states: States
    events: tuple[Event, ...]
    invocations: tuple[Invocation, ...]
    objects: tuple[StoredObject, ...]
    consumers: tuple[Consumer, ...]
    readiness: Mapping[str, Readiness] = field(default_factory=dict)
    denials: tuple[Denial, ...] = ()
    first_retry: float = FIRST_RETRY_SECONDS
    bucket: str = ""
    folder: Path | None = None

    @property
    def job(self) -> str:
        """The id of the start event."""
        return self.execution.job

    @property
    def ended(self) -> datetime:
        """When the execution ended, or how far it is told."""
        return self.execution.stopped or self.told

    @property
    def machine(self) -> MachineSpec:
        """What the stack says of the machine; nothing but its name, if it does not know it any more."""
        name = self.execution.machine
        return self.stack.machine(name) or MachineSpec(name, "")

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
        return {event_id: state for state in self.states.runs for event_id in state.event_ids}

    @cached_property
    def events_by_token(self) -> Mapping[str | None, tuple[Event, ...]]:
        """The events that carry each task token: the one of a state, and all that came of it."""
        return _grouped((event.token, event) for event in self.events)

    @cached_property
    def _state_by_token(self) -> Mapping[str | None, StateRun]:
        events = ((self.event_by_id.get(event_id), state) for event_id, state in self.state_by_event.items())
        return {event.token: state for event, state in events if event and event.token}

    @cached_property
    def waited_for(self) -> frozenset[str]:
        """The functions and machines of this account whose answer a state waits for."""
        return frozenset(one.name for one in self.consumers if not one.is_side_effect and one.account is None)

    def consumers_of(self, event: Event) -> tuple[Consumer, ...]:
        """The functions and machines that get an event."""
        taking = (consumer for consumer in self.consumers if consumer.takes(event.type))
        return tuple(consumer for consumer in taking if consumer.kind in {FUNCTION, MACHINE})

    def emitter(self, event: Event) -> Invocation | None:
        """The invocation that emitted an event; None for those of machines and of people."""
        tries = [one for one in self.invocations_by_event.get(event.cause_id, ()) if one.request_id == event.request_id]
        if event.unhandled is not None:
            # Lambda says so after the last.
            return tries[-1] if tries else None
        return next((one for one in tries if one.noted == event.worked_from), None)

    def state_of(self, event: Event) -> StateRun | None:
        """The state that put an event on the bus, or waits for what comes of it."""
        return self.state_by_event.get(event.id) or self._state_by_token.get(event.token)

    def item_of(self, event: Event) -> str | None:
        """What the item of a Map is called that an event is about."""
        state = self.state_of(event)
        return self.item_label(state) if state else event.item(self.stack.item_key)

    def item_label(self, state: StateRun) -> str | None:
        """What the innermost item is called, by its name or its number, that a state is in; None outside of Maps."""
        within = next(iter(self.states.items_around(state)), None)
        if within is None or within.parent is None:
            return None
        map_ = self.states.by_id[within.parent]
        return within.item or f"{self.words(map_).one} {within.iteration}"

    def words(self, map_: StateRun) -> ItemSpec:
        """What the items of a Map are called."""
        return self.machine.items.get(map_.name, ItemSpec())

    def map_of(self, state: StateRun) -> StateRun | None:
        """The innermost Map that a state is in."""
        return next((one for one in self.states.around(state) if one.type == MAP), None)

    def chain(self, state: StateRun) -> tuple[Event, ...]:
        """The event that a state put on the bus last, and all that came of it."""
        return self.chain_of(state.event_ids)

    def chain_of(self, event_ids: Sequence[str]) -> tuple[Event, ...]:
        """The last of some events that a state put on the bus, and all that came of it."""
        event = self.event_by_id.get(event_ids[-1]) if event_ids else None
        if event is None:
            return ()
        return self.events_by_token[event.token] if event.token else (event,)

    def invocations_of(self, state: StateRun) -> Iterator[Invocation]:
        """The invocations for the events of a state, of all its tries, and for what came of these."""
        events = {event.id: event for event_id in state.event_ids for event in self.chain_of([event_id])}
        for event_id in events:
            yield from self.invocations_by_event.get(event_id, ())

    def end_of(self, state: StateRun) -> datetime:
        """When a state ended: at the latest when that try of what it is in did, or as far as it is told."""
        return state.ended or self._end_around(state.entered, self.states.around(state))

    def end_of_item(self, item: Item) -> datetime:
        """When an item of a Map ended: at the latest when that try of the Map did, or as far as it is told."""
        map_ = self.states.by_id[item.map]
        return item.ended or self._end_around(item.started, (map_, *self.states.around(map_)))

    def _end_around(self, began: datetime, around: Iterable[StateRun]) -> datetime:
        ends = (ended for one in around for ended in (*(each.ended for each in one.tried), one.ended))
        return next((ended for ended in ends if ended and ended >= began), self.ended)

    def object_name(self, found: StoredObject) -> str:
        """What an object is called within the run: its key, without the execution's ARN."""
        return found.key.removeprefix(f"{self.execution.arn}/")

    def to_json_object(self) -> dict[str, Any]:
        """Return the story for programs: every part as a list, joined by ids."""
        return {
            "job": self.job,
            "machine": self.execution.machine,
            "told": iso(self.told),
            "execution": self.execution.to_json_object(),
            "events": [{**event.to_json_object(), "item": self.item_of(event)} for event in self.events],
            "invocations": [invocation.to_json_object() for invocation in self.invocations],
            "states": [state.to_json_object() for state in self.states.runs],
            "items": [item.to_json_object() for item in self.states.items],
            "objects": [found.to_json_object() for found in self.objects],
            "consumers": [consumer.to_json_object() for consumer in self.consumers],
        }


def tell(clients: Clients, stack: Stack, job: str, ledger: Ledger | None = None) -> Story:
    """Tell the story of a run as far as it went.

    Args:
        clients: How to reach the services.
        stack: Whose run it is.
        job: The id of the run's start event, the beginning of it, or `latest`.
        ledger: One that has been read already is refreshed; without one, what is needed is read.

    Raises:
        NotBootstrappedError: There is no machine, or no ledger.
        UnknownRunError: There is no such run.
        BootstrapError: Some service cannot be asked.
    """
    with refusals(f"run {job}", clients.settings):
        execution = find_execution(clients, stack, job)
        ledger = ledger or Ledger(clients, stack.ledger, execution.started - EARLIER)
        history = History(clients, execution.arn, stack.item_key)
        with ThreadPoolExecutor(PARALLEL_REQUESTS) as pool:
            told = datetime.now(UTC)
            recorded = pool.submit(ledger.refresh)
            entered = pool.submit(history.read)
            objects = pool.submit(_fetch_objects, clients, execution)
            denied = pool.submit(fetch_denials, clients.settings, execution.started - EARLIER)
            consumers = fetch_consumers(clients, stack)
            recorded.result()
            states = entered.result()
            put = [event_id for state in states.runs for event_id in state.event_ids]
            events = timed(ledger.events(execution.job, execution.arn, put), execution, states)
            times = tuple(_times(execution, events, told))
            functions = sorted({(one.name, one.account or "") for one in consumers if one.kind == FUNCTION})
            logs = {one: pool.submit(_fetch_log, clients, times, *one) for one in functions}
    invocations = _invocations(logs, execution, {event.id for event in events}, ledger.unhandled())
    story = Story(
        told,
        stack,
        execution,
        history.definition,
        states,
        events,
        invocations,
        objects.result(),
        consumers,
        denials=denied.result(),
        first_retry=FIRST_RETRY_SECONDS if clients.settings.endpoint_url is None else FIRST_RETRY_IN_SANDBOX_SECONDS,
    )
    return story if execution.status == SUCCEEDED else _with_hindrances(clients, story)


def lost(story: Story) -> Iterator[tuple[Event, Consumer]]:
    """Find the events that a function should have got, and did not start to handle yet."""
    for event in story.events:
        handling = {(one.function, one.account) for one in story.invocations_by_event.get(event.id, ())}
        for consumer in story.consumers_of(event):
            if consumer.kind == FUNCTION and (consumer.name, consumer.account) not in handling:
                yield event, consumer


def _with_hindrances(clients: Clients, story: Story) -> Story:
    """Add what may have kept events from being handled."""
    unheard = {consumer.name for _event, consumer in lost(story) if consumer.account is None}
    with refusals(f"run {story.job}", clients.settings):
        return replace(
            story,
            readiness=fetch_readiness(clients, unheard),
            bucket=clients.bucket,
            folder=_folder(clients.settings.stack),
        )


def _folder(module: str) -> Path | None:
    try:
        return folder_of(module)
    except (SettingsError, ImportError):
        return None


def _times(execution: Execution, events: Iterable[Event], told: datetime) -> Iterator[tuple[datetime, datetime]]:
    """When something may have been invoked: while the run went on, and after each event that was sent again later."""
    since, until = execution.started - EARLIER, (execution.stopped or told) + LATER
    for event in events:
        if event.emitted > until:
            yield since, until
            since = event.emitted - EARLIER
        until = max(until, event.emitted + LATER)
    yield since, until


def timed(events: Sequence[Event], execution: Execution, states: States) -> tuple[Event, ...]:
    """Give the events of a run the times that only its execution knows, and put them in their order.

    Args:
        events: As the ledger has them, which may hear of the start event after the machine did.
        execution: What they belong to.
        states: Those of its history, which says when each of them put an event on the bus.
    """
    times = {state.event_ids[-1]: state.emitted for state in states.runs if state.event_ids}
    times |= {one.event_ids[-1]: one.began for state in states.runs for one in state.tried if one.event_ids}
    times |= {event.id: min(event.emitted, execution.started) for event in events if event.id == execution.job}
    found = (replace(event, emitted=times.get(event.id) or event.emitted) for event in events)
    return tuple(sorted(found, key=lambda event: event.emitted))


def _invocations(
    logs: Mapping[tuple[str, str], Future[list[Any]]],
    execution: Execution,
    event_ids: set[str],
    unhandled: Mapping[str, str],
) -> tuple[Invocation, ...]:
    """Those of the run; of those that did not reach their handler, Lambda says in the end which event they had."""
    found = [
        one if one.event_id else replace(one, event_id=unhandled.get(one.request_id))
        for (name, account), log in logs.items()
        for one in read_invocations(name, log.result(), account or None)
    ]
    mine = [one for one in found if one.event_id in event_ids or (one.event_id is None and _is_within(one, execution))]
    return tuple(sorted(mine, key=lambda invocation: invocation.started))


def _is_within(invocation: Invocation, execution: Execution) -> bool:
    return execution.started <= invocation.started and (
        execution.stopped is None or invocation.started <= execution.stopped
    )


def _fetch_objects(clients: Clients, execution: Execution) -> tuple[StoredObject, ...]:
    pages = clients.s3.get_paginator("list_objects_v2").paginate(Bucket=clients.bucket, Prefix=f"{execution.arn}/")
    found = (item for page in pages for item in page.get("Contents", ()))
    return tuple(StoredObject(item["Key"], item["Size"], item["LastModified"]) for item in found)


def _fetch_log(clients: Clients, times: Iterable[tuple[datetime, datetime]], function: str, account: str) -> list[Any]:
    there = clients.of_account(account) if account else clients
    paginator = there.logs.get_paginator("filter_log_events")
    pages = chain.from_iterable(
        paginator.paginate(
            logGroupName=f"/aws/lambda/{function}",
            startTime=_milliseconds(since),
            endTime=_milliseconds(until),
            PaginationConfig={"PageSize": LARGEST_LOG_PAGE_EVENTS},
        )
        for since, until in times
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
