"""The critical path of a run: what each moment of it was spent on, one thing after the other."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from observatory.clock import iso
from observatory.records.ledger import Event
from observatory.records.states import MAP, PARALLEL, Item, StateRun
from observatory.story.story import Story

# What time is spent on.
QUEUE_WAIT, COLD_START, WORK, BACK_OFF = "queue wait", "cold start", "work", "back-off"
HAND_BACK, MACHINE, WAITING = "hand-back", "machine", "waiting"
GOES_ON = "the machine goes on"
WITHOUT_EVENT = {"Task": ("does its task", WORK), "Wait": ("waits", WAITING)}
# What began, of which kind it is, and when.
Moment = tuple[str, str, datetime]


@dataclass(frozen=True)
class Segment:
    """A part of the path: what went on in a state, for which item, from when to when, and of which kind that is."""

    state: str
    what: str
    item: str | None
    began: datetime
    ended: datetime
    kind: str
    state_id: int

    @property
    def seconds(self) -> float:
        """How long it took."""
        return (self.ended - self.began).total_seconds()

    def to_json_object(self) -> dict[str, Any]:
        """Return the segment for programs."""
        times = {"began": iso(self.began), "ended": iso(self.ended), "seconds": self.seconds}
        return {"state": self.state, "what": self.what, "kind": self.kind, "item": self.item, **times}


def critical_path(story: Story) -> tuple[Segment, ...]:
    """Follow a run from its start through the states that nothing could go on without.

    Each segment begins where the one before ended, so all of them together are never longer than the run, whatever the
    clocks of the services say.
    """
    path = _Path(story)
    path.follow(story.states.inside[None])
    return tuple(path.segments)


class _Path:
    def __init__(self, story: Story) -> None:
        self._story = story
        self._reached = story.execution.started
        self.segments: list[Segment] = []

    def follow(self, states: Iterable[StateRun]) -> None:
        """Go through states that come one after the other."""
        for state in states:
            if state.entered > self._reached:
                self._spend(state, (GOES_ON, MACHINE), state.entered)
            if state.type == MAP:
                self._follow_items(state)
            elif state.type == PARALLEL:
                self._follow_branch(state)
            else:
                self._stay(state)

    def _follow_items(self, map_: StateRun) -> None:
        """Instead of the Map, those of its items that waited for each other, up to the last."""
        states = self._story.states
        for item in _items_on_path(states.items_of[map_.id], self._story.end_of_item):
            self.follow(states.within(item))

    def _follow_branch(self, parallel: StateRun) -> None:
        """Instead of a Parallel, of each try the branch that ended last; of two at once, one that did not go well."""
        for _attempt, group in groupby(self._story.states.inside[parallel.id], key=lambda state: state.attempt):
            inside = [*group]
            last = max(inside, key=lambda state: (self._story.end_of(state), state.failed is not None))
            self.follow([state for state in inside if state.branch == last.branch])

    def _stay(self, state: StateRun) -> None:
        moments = [*_moments(self._story, state)][::-1]
        ends = [*(began for _what, _kind, began in moments[1:]), self._story.end_of(state)]
        for (what, kind, _began), ended in zip(moments, ends, strict=True):
            self._spend(state, (what, kind), ended)

    def _spend(self, state: StateRun, what: tuple[str, str], until: datetime) -> None:
        until = max(min(until, self._story.ended), self._reached)
        item, (text, kind) = self._story.item_label(state), what
        self.segments.append(Segment(state.name, text, item, self._reached, until, kind, state.id))
        self._reached = until


def _items_on_path(items: Sequence[Item], end_of: Callable[[Item], datetime]) -> list[Item]:
    """Go back from the last item: each could begin when another one, the last to end before, made room."""
    by_end = sorted(items, key=end_of)
    path = by_end[-1:]
    for item in reversed(by_end[:-1]):
        if end_of(item) <= path[-1].started:
            path.append(item)
    return path[::-1]


def _moments(story: Story, state: StateRun) -> Iterator[Moment]:
    """Say what went on and since when, back from the end of a state to its entry."""
    began, ended, event_ids = state.begun, state.answered or state.failed, state.event_ids
    for one in reversed(state.tried):
        yield from _moments_of_try(story, state, event_ids, began or state.entered, ended)
        yield f"{state.name} waits to be tried again", BACK_OFF, one.ended
        began, ended, event_ids = one.began, one.ended, one.event_ids
    yield from _moments_of_try(story, state, event_ids, state.entered, ended)


def _moments_of_try(
    story: Story, state: StateRun, event_ids: Sequence[str], began: datetime, closed: datetime | None
) -> Iterator[Moment]:
    event = _last_event(story, event_ids)
    what, kind = "no answer", WAITING
    if event is None or event.token is None:
        event = None
        what, kind = WITHOUT_EVENT.get(state.type, (GOES_ON, MACHINE))
    elif closed and any(consumer.name == story.stack.finisher for consumer in story.consumers_of(event)):
        yield GOES_ON, MACHINE, closed
        what, kind = f"{story.stack.finisher} hands the token back", HAND_BACK
    while event:
        yield what, kind, event.emitted
        cause = story.event_by_id.get(event.cause_id or "")
        if cause:
            yield from _moments_of_function(story, event)
            what, kind = f"{cause.type} on its way to {event.function}", QUEUE_WAIT
        else:
            what, kind = f"{state.name} emits {event.type}", MACHINE
        event = cause
    yield what, kind, began


def _last_event(story: Story, event_ids: Sequence[str]) -> Event | None:
    """The last event that the one led to that was put last of some; side effects do not count."""
    found = [one for one in story.chain_of(event_ids) if one.function is None or one.function in story.waited_for]
    return found[-1] if found else None


def _moments_of_function(story: Story, effect: Event) -> Iterator[Moment]:
    """Back from an event to where the function began that emitted it, or of which Lambda says that it failed."""
    emitter, name = story.emitter(effect), effect.function
    if emitter is None:
        # Its log has not arrived.
        if effect.worked_from:
            yield f"{name} works", WORK, effect.worked_from
        return
    of_cause = story.invocations_by_event[effect.cause_id]
    tries = [one for one in of_cause if one.request_id == emitter.request_id and one.started <= emitter.started]
    for number, one in reversed([*enumerate(tries)]):
        yield f"{name} works", WORK, one.started
        if one.init_milliseconds:
            yield f"{name} starts cold", COLD_START, one.started - timedelta(milliseconds=one.init_milliseconds)
        if number and (failed := tries[number - 1].ended):
            yield f"{name} waits to be tried again", BACK_OFF, failed


def spent(path: Iterable[Segment]) -> dict[tuple[str, str], tuple[int, float]]:
    """Sum a path up: for each state and thing how often and for how many seconds, in the order of the path."""
    sums: dict[tuple[str, str], tuple[int, float]] = {}
    for segment in path:
        times, seconds = sums.get((segment.state, segment.what), (0, 0.0))
        sums[segment.state, segment.what] = (times + 1, seconds + segment.seconds)
    return sums
