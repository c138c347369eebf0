"""What failed in a run, and what it still waits for, in sentences."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from bootstrap.stack import STACK
from observatory.records.consumers import WAITED_FOR, Consumer
from observatory.records.executions import StateRun
from observatory.records.history import MAP_STEP, PERSON_STATE
from observatory.records.invocations import Invocation
from observatory.records.ledger import Event
from observatory.story.story import Story

PEOPLE_NAMED = 3


@dataclass(frozen=True)
class Failure:
    """Something that failed: what, how, how often, and for whom."""

    what: str
    error: str
    times: int
    people: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """Return for example ``postProcessSingle raised ValueError: no (3 times, for Ann Lee)``."""
        named = ", ".join(self.people[:PEOPLE_NAMED])
        if len(self.people) > PEOPLE_NAMED:
            named += f" and {len(self.people) - PEOPLE_NAMED} more"
        notes = [f"{self.times} times"] * (self.times > 1) + [f"for {named}"] * bool(named)
        return f"{self.what} {_how(self.error)}" + (f" ({', '.join(notes)})" if notes else "")


def failures(story: Story) -> tuple[Failure, ...]:
    """What failed: first the execution, then its states, then the functions."""
    found: dict[tuple[str, str], list[str | None]] = {}
    execution = story.execution
    if execution.error or execution.status not in {"RUNNING", "SUCCEEDED"}:
        error = ": ".join(text for text in (execution.status, execution.error, execution.cause) if text)
        found[STACK.machines[0].name, error] = [None]
    for state in story.states:
        if state.failed:
            found.setdefault((state.state, state.error or "failed"), []).append(state.person)
    for invocation in story.invocations:
        if invocation.error:
            event = story.event_by_id.get(invocation.event_id or "")
            found.setdefault((invocation.function, invocation.error), []).append(event.name if event else None)
    return tuple(
        Failure(what, error, len(people), tuple(name for name in Counter(people) if name))
        for (what, error), people in found.items()
    )


def waiting(story: Story) -> tuple[str, ...]:
    """Say what each state that goes on waits for, since when, and what became of its last event."""
    if story.execution.status != "RUNNING":
        return ()
    return tuple(_describe(story, state) for state in story.states if state.is_open and state.kind == "Task")


def lost(story: Story) -> Iterator[tuple[Event, Consumer]]:
    """Find the events that a function should have got, and did not start to handle yet."""
    for event in story.events:
        handling = {one.function for one in story.invocations_by_event.get(event.id, ())}
        for consumer in story.consumers_of(event):
            if consumer.kind == "function" and consumer.name not in handling:
                yield event, consumer


def is_complete(story: Story) -> bool:
    """Tell whether nothing more is to come: the run has ended, and so have its side effects, and all is recorded."""
    emitted = (event_id for invocation in story.invocations for event_id in invocation.emitted)
    return (
        story.execution.stopped is not None
        and next(lost(story), None) is None
        and all(invocation.ended for invocation in story.invocations)
        and all(event_id in story.event_by_id for event_id in emitted)
    )


def last_event(story: Story, state: StateRun) -> Event | None:
    """The last event of those that a state waits for; side effects do not count."""
    chain = [event for event in story.chain(state) if (event.function or STACK.machines[0].name) in WAITED_FOR]
    return chain[-1] if chain else None


def _describe(story: Story, state: StateRun) -> str:
    step, whom = (MAP_STEP, f" for {state.person}") if state.state == PERSON_STATE else (state.state, "")
    seconds = max((story.told - state.entered).total_seconds(), 0)
    parts = [f"{step} has waited {seconds:.0f} s{whom}"]
    if event := last_event(story, state):
        parts.append(f"last event {event.type} at {clock_time(event.emitted)}")
        parts += _fate(story, event)
    else:
        parts.append("its event is not in the ledger" if state.event_ids else "it has not put its event on the bus")
    return "; ".join(parts)


def _fate(story: Story, event: Event) -> Iterator[str]:
    """Say what those that the run waits for did with an event."""
    consumers = [consumer for consumer in story.consumers_of(event) if not consumer.is_side_effect]
    if not consumers:
        yield f"no rule sends {event.type} to anyone"
    for consumer in consumers:
        tries = [one for one in story.invocations_by_event.get(event.id, ()) if one.function == consumer.name]
        if consumer.kind == "machine":
            yield f"{consumer.name} has not handed the token back"
        elif tries:
            yield f"{consumer.name} {_latest(tries)}"
        else:
            # A log arrives when its invocation is over.
            yield f"{consumer.name} has not reported yet"


def _latest(tries: list[Invocation]) -> str:
    latest = tries[-1]
    if latest.error:
        return _how(latest.error) + (f" ({len(tries)} tries)" if len(tries) > 1 else "")
    return f"began at {clock_time(latest.started)}"


def _how(error: str) -> str:
    kind = error.partition(":")[0]
    raised = kind.isidentifier() and kind not in {"FAILED", "ABORTED"}
    return f"raised {error}" if raised else f"ended with {error}"


def clock_time(moment: datetime) -> str:
    """The time of day."""
    return f"{moment.astimezone(UTC):%H:%M:%S}"
