"""The states that an execution entered, and the items of its Maps, as its history tells them.

As JSON, for whoever draws or counts them, a state is

    id          the number of its entry in the history, by which others name it
    name, type  as the definition has them
    parent      the id of the Map or Parallel that it is in; null outside of any
    iteration   which item of that Map, from 0; null in a Parallel
    branch      which branch of that Parallel, from 0; null in a Map
    attempt     in which try of that Map or Parallel, from 1; 0 outside of any
    item        what the innermost item that it belongs to is called; null if that has a number only
    length      how many items a Map has; null for any other state, and before it is known
    status      RUNNING, SUCCEEDED, FAILED, TIMED_OUT, or ABORTED if it was never left, for what it is in has ended
    tries       how often it was tried, 0 for what cannot be; `failedTries` says why those before the last one failed,
                and `tried` when each of them began and ended
    error,      what it failed with at last; a Map and a Parallel what made them fail
    cause
    caughtBy    the id of the state whose Catch or Retry took that failure: itself, or one that it is in; null if none
    next        the name of the state that came after it where it is: a Choice's way; null if none did
    eventIds    the events that it put on the bus
    entered, emitted, answered, exited, failed      when, ISO 8601 in UTC; null if it was not

and an item is

    map         the id of the Map
    index       its number, from 0
    attempt     in which try of the Map, from 1
    item        what it is called; null if it has a number only
    status      as a state's
    started, ended
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import pairwise
from typing import Any

from observatory.clock import iso
from observatory.records.json_values import read_json

RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED = "RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"
BAD = frozenset({FAILED, TIMED_OUT, ABORTED})
MAP, PARALLEL = "Map", "Parallel"
ENDS = {"Succeeded": SUCCEEDED, "Failed": FAILED, "Aborted": ABORTED, "TimedOut": TIMED_OUT}
TIMES = ("entered", "emitted", "answered", "exited", "failed")


@dataclass(frozen=True, slots=True)
class Try:
    """A try of a state that failed, and was followed by another: when, why, and with which events."""

    began: datetime
    ended: datetime
    failure: str
    event_ids: tuple[str, ...] = ()


@dataclass(slots=True)
class StateRun:
    """A state that the execution entered, as far as it was read; see the module for what its parts mean.

    Args:
        tried: The tries before the last one.
        begun: When its last try began; None of what cannot be tried.
        emitted: When that put its event on the bus.
        answered: When its task was answered, with *answer* as JSON.
        given: Its input, as JSON.
        output: Its output, as JSON; None if it was not left.
    """

    id: int
    name: str
    type: str
    entered: datetime
    parent: int | None = None
    iteration: int | None = None
    branch: int | None = None
    attempt: int = 0
    item: str | None = None
    length: int | None = None
    status: str = RUNNING
    tries: int = 0
    tried: tuple[Try, ...] = ()
    begun: datetime | None = None
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
    given: str | None = None
    output: str | None = None

    @property
    def failed_tries(self) -> tuple[str, ...]:
        """Why the tries before the last one failed."""
        return tuple(one.failure for one in self.tried)

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
            "attempt": self.attempt,
            "item": self.item,
            "length": self.length,
            "status": self.status,
            "tries": self.tries,
            "failedTries": self.failed_tries,
            "tried": [{"began": iso(one.began), "ended": iso(one.ended)} for one in self.tried],
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
    attempt: int = 0

    def called(self, one: str) -> str:
        """What it is called; `one 3` if it has a number only."""
        return self.label or f"{one} {self.index}"

    def to_json_object(self) -> dict[str, Any]:
        """Return the item for programs."""
        return {
            "map": self.map,
            "index": self.index,
            "attempt": self.attempt,
            "item": self.label,
            "status": self.status,
            "started": iso(self.started),
            "ended": iso(self.ended),
        }


@dataclass(frozen=True)
class States:
    """What an execution went through.

    Args:
        runs: The states in the order of their entries.
        items: The items of its Maps in that of their turns.
        redriven: When it was told to go on after it had failed, the last time; None if it never was.
    """

    runs: tuple[StateRun, ...] = ()
    items: tuple[Item, ...] = ()
    redriven: datetime | None = None

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

    def items_around(self, run: StateRun) -> tuple[StateRun, ...]:
        """What is directly inside an item of a Map, of a state and what it is in: for the innermost item first."""
        return tuple(one for one in (run, *self.around(run)) if one.iteration is not None)

    def within(self, item: Item) -> tuple[StateRun, ...]:
        """The states directly inside an item."""
        of_item = (item.index, item.attempt)
        return tuple(run for run in self.inside[item.map] if (run.iteration, run.attempt) == of_item)

    def is_within(self, run: StateRun, map_: int, index: int, attempt: int) -> bool:
        """Whether a state belongs to an item of a Map, by itself or by what it is in."""
        item = (map_, index, attempt)
        return any((one.parent, one.iteration, one.attempt) == item for one in (run, *self.around(run)))

    def last_items(self, map_: StateRun) -> tuple[Item, ...]:
        """The items of a Map in its last try."""
        return tuple(item for item in self.items_of[map_.id] if item.attempt == map_.tries)

    def is_last(self, run: StateRun) -> bool:
        """Whether nothing that a state is in was tried again after it."""
        return all(one.attempt == outer.tries for one, outer in pairwise((run, *self.around(run))))

    def maps(self, name: str) -> tuple[StateRun, ...]:
        """Each time that a Map was entered."""
        return tuple(run for run in self.runs if run.name == name and run.type == MAP)


def describe_error(error: str | None, cause: str | None) -> str | None:
    """Say in a line what failed; a cause that is a handler's own is JSON with a message."""
    said = json_object(cause)
    message = said.get("message") if isinstance(said.get("message"), str) else cause
    return ": ".join(text for text in (error, message) if text) or None


def json_object(text: str | None) -> dict[str, Any]:
    """What is a JSON object; nothing of anything else."""
    value = json_value(text)
    return value if isinstance(value, dict) else {}


def json_value(text: str | None) -> Any:  # noqa: ANN401 - whatever JSON holds
    """What is JSON as what it says, any other text as it is."""
    try:
        return None if text is None else read_json(text)
    except ValueError:
        return text
