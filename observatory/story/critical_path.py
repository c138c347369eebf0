"""The critical path of a run: what each moment of it was spent on, one thing after the other."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bootstrap.stack import STACK
from observatory.records.executions import StateRun
from observatory.records.history import MAP_STEP, PERSON_STATE
from observatory.story.story import Story
from observatory.story.troubles import last_event


@dataclass(frozen=True)
class Segment:
    """A part of the path: what went on in a state, for whom, from when to when."""

    state: str
    what: str
    person: str | None
    began: datetime
    ended: datetime

    @property
    def seconds(self) -> float:
        """How long it took; two clocks may disagree about which moment came first."""
        return max((self.ended - self.began).total_seconds(), 0.0)

    def to_json_object(self) -> dict[str, Any]:
        """Return the segment for programs."""
        times = {"began": self.began.isoformat(), "ended": self.ended.isoformat(), "seconds": self.seconds}
        return {"state": self.state, "what": self.what, "person": self.person, **times}


def critical_path(story: Story) -> tuple[Segment, ...]:
    """Follow a run from its start through the states that nothing could go on without."""
    path: list[Segment] = []
    reached = story.execution.started
    for state in _states_on_path(story):
        if state.entered > reached:
            path.append(Segment(state.state, "the machine goes on", state.person, reached, state.entered))
        path += _segments(story, state)
        reached = state.exited or state.failed or story.ended
    return tuple(path)


def _states_on_path(story: Story) -> Iterator[StateRun]:
    """The steps; instead of the Map, those of its people who waited for each other, up to the last."""
    for state in story.states:
        if state.state == MAP_STEP:
            yield from _people_on_path(story)
        elif state.person is None:
            yield state


def _people_on_path(story: Story) -> list[StateRun]:
    """Go back from the last person: each could begin when another one, the last to end before, made room."""
    people = [state for state in story.states if state.state == PERSON_STATE]
    by_end = sorted(people, key=lambda state: _end(story, state))
    path: list[StateRun] = by_end[-1:]
    for state in reversed(by_end[:-1]):
        if _end(story, state) <= path[-1].entered:
            path.append(state)
    return path[::-1]


def _end(story: Story, state: StateRun) -> datetime:
    return state.exited or state.failed or story.ended


def _segments(story: Story, state: StateRun) -> list[Segment]:
    moments = list(_moments(story, state))
    ends = [_end(story, state), *(began for _what, began in moments)]
    segments = [
        Segment(state.state, what, state.person, began, ended)
        for (what, began), ended in zip(moments, ends, strict=False)
    ]
    return segments[::-1]


def _moments(story: Story, state: StateRun) -> Iterator[tuple[str, datetime]]:
    """Say what went on and since when, back from the end of a state to its entry."""
    what = "no answer" if state.is_open else "the machine goes on"
    event = last_event(story, state)
    closed = state.answered or state.failed
    if event and closed and any(consumer.name == STACK.finisher for consumer in story.consumers_of(event)):
        yield what, closed
        what = f"{STACK.finisher} hands the token back"
    while event:
        yield what, event.emitted
        cause = story.event_by_id.get(event.cause_id or "")
        function, began = event.function, event.worked_from
        if cause and began:
            yield f"{function} works", began
            what = f"{cause.type} on its way to {function}"
        else:
            what = f"{state.state} emits {event.type}"
        event = cause
    yield what, state.entered


def spent(path: tuple[Segment, ...]) -> dict[tuple[str, str], tuple[int, float]]:
    """Sum a path up: for each state and thing how often and for how many seconds, in the order of the path."""
    sums: dict[tuple[str, str], tuple[int, float]] = {}
    for segment in path:
        times, seconds = sums.get((segment.state, segment.what), (0, 0.0))
        sums[segment.state, segment.what] = (times + 1, seconds + segment.seconds)
    return sums
