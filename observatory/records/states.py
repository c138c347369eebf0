"""The states that an execution entered, and the items of its Maps, as its history tells them.

As JSON, for whoever draws or counts them, a state is

    id          the number of its entry in the history, by which others name it
    name, type  as the definition has them
    parent      the id of the Map or Parallel that it is in; null outside of any
    iteration   which item of that Map, from 0; null in a Parallel
    branch      which branch of that Parallel, from 0; null in a Map
    item        what the innermost item that it belongs to is called; null if that has a number only
    length      how many items a Map has; null for any other state, and before it is known
    status      RUNNING, SUCCEEDED, FAILED, TIMED_OUT, or ABORTED if it was never left, for what it is in has ended
    tries       how often it was tried, 0 for what cannot be; `failedTries` says why those before the last one failed
    error,      what it failed with at last; a Map and a Parallel what made them fail
    cause
    caughtBy    the id of the state whose Catch or Retry took that failure: itself, or one that it is in; null if none
    next        the name of the state that came after it where it is: a Choice's way; null if none did
    eventIds    the events that it put on the bus
    entered, emitted, answered, exited, failed      when, ISO 8601 in UTC; null if it was not

and an item is

    map         the id of the Map
    index       its number, from 0
    item        what it is called; null if it has a number only
    status      as a state's
    started, ended
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from observatory.clock import iso
from observatory.records.definitions import Definition, Place, places

RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED = "RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"
BAD = frozenset({FAILED, TIMED_OUT, ABORTED})
MAP, PARALLEL = "Map", "Parallel"
ENDS = {"Succeeded": SUCCEEDED, "Failed": FAILED, "Aborted": ABORTED, "TimedOut": TIMED_OUT}
TIMES = ("entered", "emitted", "answered", "exited", "failed")


@dataclass(slots=True)
class StateRun:
    """A state that the execution entered, as far as it was read; see the module for what its parts mean.

    Args:
        emitted: When its last try began, which is when it put its event on the bus.
        answered: When its task was answered, with *answer* as JSON.
    """

    id: int
    name: str
    type: str
    entered: datetime
    parent: int | None = None
    iteration: int | None = None
    branch: int | None = None
    item: str | None = None
    length: int | None = None
    status: str = RUNNING
    tries: int = 0
    failed_tries: tuple[str, ...] = ()
    error: str | None = None
    cause: str | None = None
    caught_by: int | None = None
    next: str | None = None
    event_ids: tuple[str, ...] = ()
    emitted: datetime | None = None
    answered: datetime | None = None
    answer: str | None = None
    exited: datetime | None = None
    failed: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether it goes on."""
        return self.status == RUNNING

    @property
    def ended(self) -> datetime | None:
        """When it was left, or failed; None if it goes on, or was aborted, of which the history has no time."""
        return self.exited or self.failed

    @property
    def failure(self) -> str | None:
        """What it failed with, in a line."""
        return describe_error(self.error, self.cause)

    def to_json_object(self) -> dict[str, Any]:
        """Return the state for programs."""
        return {
            "id": self.id,
            "name": self.name,
            "type": self.type,
            "parent": self.parent,
            "iteration": self.iteration,
            "branch": self.branch,
            "item": self.item,
            "length": self.length,
            "status": self.status,
            "tries": self.tries,
            "failedTries": self.failed_tries,
            "error": self.error,
            "cause": self.cause,
            "caughtBy": self.caught_by,
            "next": self.next,
            "eventIds": self.event_ids,
            **{name: iso(getattr(self, name)) for name in TIMES},
        }


@dataclass(slots=True)
class Item:
    """An item of a Map whose turn has come; see the module for what its parts mean."""

    map: int
    index: int
    started: datetime
    label: str | None = None
    ended: datetime | None = None
    status: str = RUNNING

    def called(self, one: str) -> str:
        """What it is called; `one 3` if it has a number only."""
        return self.label or f"{one} {self.index}"

    def to_json_object(self) -> dict[str, Any]:
        """Return the item for programs."""
        return {
            "map": self.map,
            "index": self.index,
            "item": self.label,
            "status": self.status,
            "started": iso(self.started),
            "ended": iso(self.ended),
        }


@dataclass(frozen=True)
class States:
    """What an execution went through: states in the order of their entries, and items in that of their turns."""

    runs: tuple[StateRun, ...] = ()
    items: tuple[Item, ...] = ()

    @cached_property
    def by_id(self) -> Mapping[int, StateRun]:
        """The states by their ids."""
        return {run.id: run for run in self.runs}

    @cached_property
    def inside(self) -> Mapping[int | None, tuple[StateRun, ...]]:
        """The states directly inside each Map and Parallel, by its id; under None those outside of any."""
        groups: defaultdict[int | None, list[StateRun]] = defaultdict(list)
        for run in self.runs:
            groups[run.parent].append(run)
        return defaultdict(tuple, {parent: tuple(group) for parent, group in groups.items()})

    @cached_property
    def items_of(self) -> Mapping[int, tuple[Item, ...]]:
        """The items of each Map, by its id."""
        groups: defaultdict[int, list[Item]] = defaultdict(list)
        for item in self.items:
            groups[item.map].append(item)
        return defaultdict(tuple, {map_: tuple(group) for map_, group in groups.items()})

    def around(self, run: StateRun) -> Iterator[StateRun]:
        """The Maps and Parallels that a state is in, the innermost first."""
        while run.parent is not None:
            run = self.by_id[run.parent]
            yield run

    def maps(self, name: str) -> tuple[StateRun, ...]:
        """Each time that a Map was entered."""
        return tuple(run for run in self.runs if run.name == name and run.type == MAP)


def read_states(history: Iterable[Mapping[str, Any]], definition: Definition, item_key: str) -> States:
    """Read a history.

    Args:
        history: Its events, from the first one on.
        definition: What the execution was started with.
        item_key: The key of an item that says what it is called.
    """
    reader = StatesReader(definition, item_key)
    reader.take(history)
    return reader.states()


def describe_error(error: str | None, cause: str | None) -> str | None:
    """Say in a line what failed; a cause that is a handler's own is JSON with a message."""
    said = json_object(cause)
    message = said.get("message") if isinstance(said.get("message"), str) else cause
    return ": ".join(text for text in (error, message) if text) or None


def json_object(text: str | None) -> dict[str, Any]:
    """What is a JSON object; nothing of anything else."""
    try:
        value = json.loads(text or "{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


@dataclass(slots=True)
class _Region:
    """States that come one after the other: those of the execution, or of an item or a branch in one try of them."""

    parent: StateRun | None = None
    outer: "_Region | None" = None
    item: Item | None = None
    branch: int | None = None
    attempt: int = 0
    is_ended: bool = False

    @property
    def innermost_item(self) -> Item | None:
        return self.item or (self.outer.innermost_item if self.outer else None)

    @property
    def is_over(self) -> bool:
        """Whether nothing in it can go on."""
        if self.is_ended or (self.item and self.item.ended):
            return True
        if self.parent is None or self.outer is None:
            return False
        left = self.parent.exited or self.parent.failed or self.attempt < self.parent.tries
        return bool(left) or self.outer.is_over


@dataclass(slots=True)
class _Position:
    """Where the execution is at an event: in which region, and in which state of it."""

    region: _Region
    run: StateRun | None = None
    begins_branch: bool = False

    def runs(self) -> Iterator[StateRun]:
        """The state, and those that it is in, the innermost first."""
        if self.run:
            yield self.run
        region: _Region | None = self.region
        while region:
            if region.parent:
                yield region.parent
            region = region.outer


class StatesReader:
    """Reads a history as it grows. Every event names the one before it, and so leads back to where it belongs."""

    def __init__(self, definition: Definition, item_key: str) -> None:
        self._places = places(definition)
        self._item_key = item_key
        self._root = _Region()
        self._positions: dict[int, _Position] = {}
        self._runs: dict[int, StateRun] = {}
        self._regions: dict[int, _Region] = {}
        self._items: dict[tuple[int, int, int], Item] = {}

    def take(self, events: Iterable[Mapping[str, Any]]) -> None:
        """Read on; *events* come after those that were read before, in their order."""
        for event in events:
            before = self._positions.get(event.get("previousEventId", 0)) or _Position(self._root)
            self._positions[event["id"]] = self._read(event, before) or _Position(before.region, before.run)

    def states(self) -> States:
        """What was read so far."""
        runs = tuple(
            replace(run, status=self._status(run), caught_by=self._catcher(run) if run.failed else None)
            for run in self._runs.values()
        )
        items = tuple(replace(item, status=self._item_status(item)) for item in self._items.values())
        return States(runs, items)

    def _read(self, event: Mapping[str, Any], before: _Position) -> _Position | None:
        kind: str = event["type"]
        if kind.endswith("StateEntered"):
            return self._enter(event, before)
        if kind.endswith("StateExited"):
            return self._exit(event, before)
        if kind.startswith("Execution"):
            self._root.is_ended = kind.removeprefix("Execution") in ENDS
            return None
        if kind.startswith(("Map", "Parallel")):
            return self._read_around(event, before)
        if before.run:
            _proceed(before.run, event)
        return None

    def _read_around(self, event: Mapping[str, Any], before: _Position) -> _Position | None:
        """Read what is said of a Map, of its items, or of a Parallel."""
        kind: str = event["type"]
        if kind.startswith("MapIteration"):
            return self._read_item(event, before)
        if kind.endswith("StateStarted") and before.run:
            _try_again(before.run, event)
            return _Position(before.region, before.run, begins_branch=kind.startswith("Parallel"))
        return self._fail_around(event, before) if kind.endswith("StateFailed") else None

    def _enter(self, event: Mapping[str, Any], before: _Position) -> _Position:
        details = event["stateEnteredEventDetails"]
        name = details["name"]
        place = self._places.get(name)
        region = self._region_of(place, before)
        if before.run and self._regions[before.run.id] is region:
            before.run.next = name
        item = region.innermost_item
        if region.item and before.run is None:
            region.item.label = self._label(details.get("input"), region.outer)
        run = StateRun(
            event["id"],
            name,
            event["type"].removesuffix("StateEntered"),
            event["timestamp"],
            region.parent.id if region.parent else None,
            region.item.index if region.item else None,
            region.branch,
            item.label if item else None,
        )
        self._runs[run.id], self._regions[run.id] = run, region
        if run.type == "Fail":
            run.failed = run.entered
            run.error, run.cause = (_said(place, key, details.get("input")) for key in ("Error", "Cause"))
        return _Position(region, run)

    def _region_of(self, place: Place | None, before: _Position) -> _Region:
        """Where a state is that comes after *before*: in a new branch, or in that region, or in one around it."""
        if before.begins_branch and before.run:
            number = place.branch if place else None
            return _Region(before.run, before.region, branch=number, attempt=before.run.tries)
        region = before.region
        while place and region.parent and region.outer and region.parent.name != place.parent:
            region = region.outer
        return region

    def _label(self, given: str | None, outer: _Region | None) -> str | None:
        """What an item is called; the number tells items apart that have only the name of the item around them."""
        value = json.loads(given or "null")
        value = value.get(self._item_key) if isinstance(value, dict) else value
        label = str(value) if isinstance(value, str | int | float) and value != "" else None
        around = outer.innermost_item if outer else None
        return None if around and around.label == label else label

    def _exit(self, event: Mapping[str, Any], before: _Position) -> _Position | None:
        name = event["stateExitedEventDetails"]["name"]
        run = next((run for run in before.runs() if run.name == name), None)
        if run is None:
            return None
        run.exited = event["timestamp"]
        return _Position(self._regions[run.id], run)

    def _read_item(self, event: Mapping[str, Any], before: _Position) -> _Position | None:
        end = event["type"].removeprefix("MapIteration")
        details = event[f"mapIteration{end}EventDetails"]
        map_ = next((run for run in before.runs() if run.name == details["name"]), None)
        if map_ is None:
            return None
        key = (map_.id, map_.tries, details["index"])
        if end == "Started":
            item = self._items[key] = Item(map_.id, details["index"], event["timestamp"])
            return _Position(_Region(map_, self._regions[map_.id], item, attempt=map_.tries))
        if found := self._items.get(key):
            found.ended, found.status = event["timestamp"], ENDS.get(end, RUNNING)
        return None

    def _fail_around(self, event: Mapping[str, Any], before: _Position) -> _Position | None:
        """A Map or a Parallel failed: the innermost one that goes on, for the event does not say which."""
        kind = event["type"].removesuffix("StateFailed")
        run = next((run for run in before.runs() if run.type == kind and not (run.exited or run.failed)), None)
        if run is None:
            return None
        self._explain(run)
        run.failed = event["timestamp"]
        return _Position(self._regions[run.id], run)

    def _explain(self, run: StateRun) -> None:
        """A Map and a Parallel fail with what the first state failed with that nothing in them caught."""
        inside = [
            one
            for one in self._runs.values()
            if one.parent == run.id and one.failed and not one.exited and self._regions[one.id].attempt == run.tries
        ]
        if inside:
            first = min(inside, key=lambda one: one.failed or one.entered)
            run.error, run.cause = first.error, first.cause

    def _status(self, run: StateRun) -> str:
        if run.failed:
            return TIMED_OUT if run.error == "States.Timeout" and run.type not in {MAP, PARALLEL} else FAILED
        if run.exited:
            return SUCCEEDED
        return ABORTED if self._regions[run.id].is_over else RUNNING

    def _item_status(self, item: Item) -> str:
        map_ = self._runs[item.map]
        is_over = map_.exited or map_.failed or self._regions[map_.id].is_over
        return ABORTED if item.status == RUNNING and is_over else item.status

    def _catcher(self, run: StateRun) -> int | None:
        if run.exited:
            return run.id
        region = self._regions[run.id]
        while region.parent and region.outer:
            if region.attempt < region.parent.tries or (region.parent.failed and region.parent.exited):
                return region.parent.id
            region = self._regions[region.parent.id]
        return None


def _try_again(run: StateRun, event: Mapping[str, Any]) -> None:
    """What failed before is tried again after all."""
    if run.failed:
        run.failed_tries = (*run.failed_tries, run.failure or FAILED)
    run.tries += 1
    run.failed = run.error = run.cause = None
    if details := event.get("mapStateStartedEventDetails"):
        run.length = details.get("length")


def _proceed(run: StateRun, event: Mapping[str, Any]) -> None:
    kind, when = event["type"], event["timestamp"]
    details = event.get(f"{kind[0].lower()}{kind[1:]}EventDetails") or {}
    if kind.endswith("Scheduled"):
        _try_again(run, event)
        run.emitted = when
    elif kind == "TaskSubmitted":
        run.event_ids += _put_events(details.get("output"))
    elif kind.endswith("Succeeded"):
        run.answered, run.answer = when, details.get("output")
        if details.get("resource") == "putEvents":  # which waits for no answer
            run.event_ids += _put_events(run.answer)
    elif kind.endswith(("Failed", "TimedOut")):
        run.failed, run.error, run.cause = when, details.get("error"), details.get("cause")


def _put_events(answer: str | None) -> tuple[str, ...]:
    """The ids that PutEvents answered."""
    entries = json_object(answer).get("Entries") or ()
    return tuple(entry["EventId"] for entry in entries if isinstance(entry, dict) and "EventId" in entry)


def _said(place: Place | None, key: str, given: str | None) -> str | None:
    """What a Fail state says, itself or by a path such as $.failure.Error into its input."""
    state = place.state if place else {}
    if key in state:
        return str(state[key])
    value: Any = json_object(given)
    for part in str(state.get(f"{key}Path", "")).removeprefix("$").split(".")[1:]:
        value = value.get(part) if isinstance(value, dict) else None
    return value if isinstance(value, str) else None
