"""The critical path of a run: what each moment of it was spent on, one thing after the other."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from observatory.clock import iso
from observatory.records.states import MAP, PARALLEL, Item, StateRun
from observatory.story.story import Story
from observatory.story.troubles import last_event

GOES_ON = "the machine goes on"
WITHOUT_EVENT = {"Task": "does its task", "Wait": "waits"}


@dataclass(frozen=True)
class Segment:
    """A part of the path: what went on in a state, for which item, from when to when."""

    state: str
    what: str
    item: str | None
    began: datetime
    ended: datetime

    @property
    def seconds(self) -> float:
        """How long it took."""
        return (self.ended - self.began).total_seconds()

    def to_json_object(self) -> dict[str, Any]:
        """Return the segment for programs."""
        times = {"began": iso(self.began), "ended": iso(self.ended), "seconds": self.seconds}
        return {"state": self.state, "what": self.what, "item": self.item, **times}


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
                self._spend(state, GOES_ON, state.entered)
            if state.type == MAP:
                self._follow_items(state)
            elif state.type == PARALLEL:
                self._follow_branch(state)
            else:
                self._stay(state)

    def _follow_items(self, map_: StateRun) -> None:
        """Instead of the Map, those of its items that waited for each other, up to the last."""
        inside = self._story.states.inside[map_.id]
        for item in _items_on_path(self._story.states.items_of[map_.id], self._story.end_of(map_)):
            self.follow([state for state in inside if state.iteration == item.index])

    def _follow_branch(self, parallel: StateRun) -> None:
        """Instead of the Parallel, the branch that ended last; of two that ended together, one that did not go well."""
        inside = self._story.states.inside[parallel.id]
        if inside:
            last = max(inside, key=lambda state: (self._story.end_of(state), state.failed is not None))
            self.follow([state for state in inside if state.branch == last.branch])

    def _stay(self, state: StateRun) -> None:
        moments = [*_moments(self._story, state)][::-1]
        ends = [*(began for _what, began in moments[1:]), self._story.end_of(state)]
        for (what, _began), ended in zip(moments, ends, strict=True):
            self._spend(state, what, ended)

    def _spend(self, state: StateRun, what: str, until: datetime) -> None:
        until = max(min(until, self._story.ended), self._reached)
        self.segments.append(Segment(state.name, what, self._story.item_label(state), self._reached, until))
        self._reached = until


def _items_on_path(items: Sequence[Item], end: datetime) -> list[Item]:
    """Go back from the last item: each could begin when another one, the last to end before, made room."""
    by_end = sorted(items, key=lambda item: item.ended or end)
    path = by_end[-1:]
    for item in reversed(by_end[:-1]):
        if (item.ended or end) <= path[-1].started:
            path.append(item)
    return path[::-1]


def _moments(story: Story, state: StateRun) -> Iterator[tuple[str, datetime]]:
    """Say what went on and since when, back from the end of a state to its entry."""
    event = last_event(story, state)
    closed = state.answered or state.failed
    finisher = story.stack.finisher
    if event is None or event.token is None:
        event = None
        what = WITHOUT_EVENT.get(state.type, GOES_ON)
    elif closed and any(consumer.name == finisher for consumer in story.consumers_of(event)):
        yield GOES_ON, closed
        what = f"{finisher} hands the token back"
    else:
        what = "no answer"
    while event:
        yield what, event.emitted
        cause = story.event_by_id.get(event.cause_id or "")
        function, began = event.function, event.worked_from
        if cause and began:
            yield f"{function} works", began
            what = f"{cause.type} on its way to {function}"
        else:
            what = f"{state.name} emits {event.type}"
        event = cause
    yield what, state.entered


def spent(path: Iterable[Segment]) -> dict[tuple[str, str], tuple[int, float]]:
    """Sum a path up: for each state and thing how often and for how many seconds, in the order of the path."""
    sums: dict[tuple[str, str], tuple[int, float]] = {}
    for segment in path:
        times, seconds = sums.get((segment.state, segment.what), (0, 0.0))
        sums[segment.state, segment.what] = (times + 1, seconds + segment.seconds)
    return sums
