"""Read the states of an execution from its history, at once or as it grows."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from observatory.records.definitions import Definition, Place, places
from observatory.records.states import (
    ABORTED,
    ENDS,
    FAILED,
    MAP,
    PARALLEL,
    RUNNING,
    SUCCEEDED,
    TIMED_OUT,
    Item,
    StateRun,
    States,
    Try,
    json_object,
)


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
        self._redriven: datetime | None = None

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
        return States(runs, items, self._redriven)

    def _read(self, event: Mapping[str, Any], before: _Position) -> _Position | None:
        kind: str = event["type"]
        if kind.endswith("StateEntered"):
            return self._enter(event, before)
        if kind.endswith("StateExited"):
            return self._exit(event, before)
        if kind.startswith("Execution"):
            self._root.is_ended = kind.removeprefix("Execution") in ENDS
            if kind == "ExecutionRedriven":
                self._redrive(event)
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
        if kind.endswith("StateStarted"):
            return self._begin_around(event, before)
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
            region.attempt,
            item.label if item else None,
            given=details.get("input"),
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
        details = event["stateExitedEventDetails"]
        run = next((run for run in before.runs() if run.name == details["name"]), None)
        if run is None:
            return None
        run.exited, run.output = event["timestamp"], details.get("output")
        return _Position(self._regions[run.id], run)

    def _read_item(self, event: Mapping[str, Any], before: _Position) -> _Position | None:
        end = event["type"].removeprefix("MapIteration")
        details = event[f"mapIteration{end}EventDetails"]
        map_ = next((run for run in before.runs() if run.name == details["name"]), None)
        if map_ is None:
            return None
        key = (map_.id, map_.tries, details["index"])
        if end == "Started":
            item = Item(map_.id, details["index"], event["timestamp"], attempt=map_.tries)
            self._items[key] = item
            return _Position(_Region(map_, self._regions[map_.id], item, attempt=map_.tries))
        if found := self._items.get(key):
            found.ended, found.status = event["timestamp"], ENDS.get(end, RUNNING)
        return None

    def _begin_around(self, event: Mapping[str, Any], before: _Position) -> _Position | None:
        """A Map or a Parallel begins, also after what is in it failed: the innermost one that goes on, if one does."""
        kind = event["type"].removesuffix("StateStarted")
        found = [run for run in before.runs() if run.type == kind and not run.exited]
        if not found:
            return None
        run = next((run for run in found if not run.failed), found[0])
        if run.tries and not run.failed:
            # LocalStack does not say of a try that it failed when another one follows.
            run.failed = event["timestamp"]
            self._explain(run)
        _try_again(run, event)
        return _Position(self._regions[run.id], run, begins_branch=kind == "Parallel")

    def _fail_around(self, event: Mapping[str, Any], before: _Position) -> _Position | None:
        """A Map or a Parallel failed: the innermost one that goes on, for the event does not say which."""
        kind = event["type"].removesuffix("StateFailed")
        run = next((run for run in before.runs() if run.type == kind and not (run.exited or run.failed)), None)
        if run is None:
            return None
        self._explain(run)
        run.failed = event["timestamp"]
        return _Position(self._regions[run.id], run)

    def _redrive(self, event: Mapping[str, Any]) -> None:
        """All that was not left goes on, without being entered again: first what is around, then what is in it."""
        self._redriven = event["timestamp"]
        for run in self._runs.values():
            if run.type not in {MAP, PARALLEL} or run.exited or self._regions[run.id].is_over:
                continue
            run.failed = run.error = run.cause = None
            for item in self._items.values():
                if (item.map, item.attempt) == (run.id, run.tries) and item.status != SUCCEEDED:
                    item.ended, item.status = None, RUNNING

    def _explain(self, run: StateRun) -> None:
        """A Map and a Parallel fail with what the first state failed with that nothing in them caught."""
        inside = [
            one
            for one in self._runs.values()
            if one.parent == run.id and one.failed and not one.exited and self._regions[one.id].attempt == run.tries
        ]
        if inside:
            first = min(inside, key=lambda one: one.failed or one.entered)
            run.failed, run.error, run.cause = first.failed, first.error, first.cause

    def _status(self, run: StateRun) -> str:
        if run.failed:
            return TIMED_OUT if run.error == "States.Timeout" and run.type == "Task" else FAILED
        if run.exited:
            return SUCCEEDED
        return ABORTED if self._regions[run.id].is_over else RUNNING

    def _item_status(self, item: Item) -> str:
        map_ = self._runs[item.map]
        is_over = map_.exited or map_.failed or item.attempt < map_.tries or self._regions[map_.id].is_over
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
        before = sum(len(one.event_ids) for one in run.tried)
        failed = Try(run.begun or run.entered, run.failed, run.failure or FAILED, run.event_ids[before:])
        run.tried = (*run.tried, failed)
    run.tries += 1
    run.begun = event["timestamp"]
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
