"""What failed in a run, and what it still waits for, in sentences."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from observatory.records.consumers import FUNCTION, MACHINE, Consumer
from observatory.records.definitions import places
from observatory.records.invocations import Invocation
from observatory.records.ledger import Event
from observatory.records.states import MAP, PARALLEL, RUNNING, SUCCEEDED, StateRun, describe_error
from observatory.story.story import Story

ITEMS_NAMED = 3


@dataclass(frozen=True)
class Failure:
    """Something that failed: what, how, how many of it, for which items, what became of it, in how many tries."""

    what: str
    error: str
    times: int
    items: tuple[str, ...]
    outcome: str | None = None
    tries: int = 1

    @property
    def sentence(self) -> str:
        """Return for example ``chargeCard raised ValueError: no (3 tries, for order 7)``."""
        named = ", ".join(self.items[:ITEMS_NAMED])
        if len(self.items) > ITEMS_NAMED:
            named += f" and {len(self.items) - ITEMS_NAMED} more"
        counts = [f"{self.times} times"] * (self.times > 1) + [f"{self.tries} tries"] * (self.tries > self.times)
        notes = [" in ".join(counts)] * bool(counts) + [f"for {named}"] * bool(named)
        notes += [self.outcome] if self.outcome else []
        return f"{self.what} {_how(self.error)}" + (f" ({', '.join(notes)})" if notes else "")


def failures(story: Story) -> tuple[Failure, ...]:
    """What failed: first the execution, then the states that failed by themselves, then the functions."""
    found: dict[tuple[str, str, str | None], list[str | None]] = {}
    execution = story.execution
    if execution.error or execution.status not in {RUNNING, SUCCEEDED}:
        said = describe_error(execution.error, execution.cause)
        error = f"{execution.status}: {said}" if said else execution.status
        found[execution.machine, error, None] = [None]
    for state in story.states.runs:
        if state.failed and state.type not in {MAP, PARALLEL, "Fail"}:
            key = (state.name, state.failure or "failed", taken_by(story, state))
            found.setdefault(key, []).append(story.item_label(state))
    told = tuple(
        Failure(what, error, len(items), tuple(item for item in Counter(items) if item), outcome, len(items))
        for (what, error, outcome), items in found.items()
    )
    return told + tuple(_of_functions(story))


def _of_functions(story: Story) -> Iterator[Failure]:
    """What functions failed with: one that is tried again has failed once, with what its last failing try said."""
    requests: defaultdict[tuple[str, str], list[Invocation]] = defaultdict(list)
    for invocation in story.invocations:
        requests[invocation.label, invocation.request_id].append(invocation)
    found: defaultdict[tuple[str, str, str | None], list[list[Invocation]]] = defaultdict(list)
    for (what, _request), tries in requests.items():
        if failing := [one for one in tries if one.error]:
            found[what, failing[-1].error or "", _outcome(story, tries)].append(failing)
    for (what, error, outcome), groups in found.items():
        events = (story.event_by_id.get(failing[-1].event_id or "") for failing in groups)
        items = dict.fromkeys(item for event in events if event and (item := story.item_of(event)))
        yield Failure(what, error, len(groups), tuple(items), outcome, sum(map(len, groups)))


def _outcome(story: Story, tries: Sequence[Invocation]) -> str | None:
    """Say what became of what a function failed with in some of its tries."""
    last = tries[-1]
    if last.error is None:
        return f"try {len(tries)} went well" if last.ended else f"try {len(tries)} goes on"
    return None if last.account is None and last.function in story.waited_for else "a side effect"


def taken_by(story: Story, state: StateRun) -> str | None:
    """Say what became of a failure: who took it, and what came next; None if nobody did."""
    taker = story.states.by_id.get(state.caught_by or 0)
    if taker is None:
        return None
    if taker.failed is None:
        return f"{taker.name} tried again"
    whose = "caught" if taker is state else f"caught by {taker.name}"
    return f"{whose}, then {taker.next}" if taker.next else whose


def tries_allowed(story: Story, state: StateRun) -> int | None:
    """How often a state may be tried in all, as the retrier says that takes what it failed with; None if none does.

    https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
    """
    place = places(story.definition).get(state.name)
    error = (state.failed_tries[-1] if state.failed_tries else state.error or "").partition(":")[0]
    wildcards = {"States.ALL"} | ({"States.TaskFailed"} if error != "States.Timeout" else set())
    for retrier in place.state.get("Retry", ()) if place else ():
        if error in retrier["ErrorEquals"] or not wildcards.isdisjoint(retrier["ErrorEquals"]):
            return 1 + int(retrier.get("MaxAttempts", 3))
    return None


def waiting(story: Story) -> tuple[str, ...]:
    """Say what each state that goes on waits for, since when, and what became of its last event."""
    if story.execution.status != RUNNING:
        return ()
    return tuple(_describe(story, state) for state in story.states.runs if state.is_open and state.type == "Task")


def lost(story: Story) -> Iterator[tuple[Event, Consumer]]:
    """Find the events that a function should have got, and did not start to handle yet."""
    for event in story.events:
        handling = {(one.function, one.account) for one in story.invocations_by_event.get(event.id, ())}
        for consumer in story.consumers_of(event):
            if consumer.kind == FUNCTION and (consumer.name, consumer.account) not in handling:
                yield event, consumer


def is_complete(story: Story) -> bool:
    """Tell whether nothing more is to come: the run has ended, and so have its side effects, and all is recorded."""
    # What is emitted in another account stays there.
    here = [invocation for invocation in story.invocations if invocation.account is None]
    emitted = (event_id for invocation in here for event_id in invocation.emitted)
    put = (event_id for state in story.states.runs for event_id in state.event_ids)
    return (
        story.execution.stopped is not None
        and next(lost(story), None) is None
        and all(invocation.ended for invocation in story.invocations)
        and all(event_id in story.event_by_id for event_id in (*put, *emitted))
    )


def last_event(story: Story, state: StateRun) -> Event | None:
    """The last event of those that a state waits for; side effects do not count."""
    chain = [event for event in story.chain(state) if event.function is None or event.function in story.waited_for]
    return chain[-1] if chain else None


def _describe(story: Story, state: StateRun) -> str:
    map_, item = story.map_of(state), story.item_label(state)
    step, whom = (map_.name, f" for {item}") if map_ else (state.name, "")
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
        if consumer.kind == MACHINE:
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
