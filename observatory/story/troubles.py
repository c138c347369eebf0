"""What failed in a run, in sentences, and whether more is to come of it."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from observatory.records.invocations import Invocation
from observatory.records.states import BAD, MAP, PARALLEL, RUNNING, SUCCEEDED, StateRun, describe_error
from observatory.story.failure_card import FailureCard
from observatory.story.reasons import how_ended, waited_in_vain
from observatory.story.story import Story, lost

ITEMS_NAMED = 3
A_SIDE_EFFECT = "a side effect"


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
        return f"{self.what} {how_ended(self.error)}" + (f" ({', '.join(notes)})" if notes else "")


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
            key = (state.name, why_failed(story, state), taken_by(story, state))
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
    return None if last.account is None and last.function in story.waited_for else A_SIDE_EFFECT


def why_failed(story: Story, state: StateRun) -> str:
    """What a state failed with; of one that waited in vain, also why."""
    wait = waited_in_vain(story, state)
    return ": ".join(text for text in (state.failure or "failed", wait and wait.lasting_why) if text)


def beside(card: FailureCard | None, found: tuple[Failure, ...]) -> tuple[Failure, ...]:
    """Leave out what a run's card tells already."""
    if card is None:
        return found
    what = ": ".join(text for text in (card.error, card.message) if text)
    told = "\n".join((what, *card.then, f"{what}: {card.wait.lasting_why}" if card.wait else ""))
    return tuple(one for one in found if one.outcome == A_SIDE_EFFECT or _message(one.error) not in told)


def _message(error: str) -> str:
    """What an error says, without the status of the run that ended with it."""
    status, _, said = error.partition(": ")
    return said if said and status in BAD else error


def taken_by(story: Story, state: StateRun) -> str | None:
    """Say what became of a failure: who took it, and what came next; None if nobody did."""
    taker = story.states.by_id.get(state.caught_by or 0)
    if taker is None:
        return None
    if taker.failed is None:
        return f"{taker.name} tried again"
    whose = "caught" if taker is state else f"caught by {taker.name}"
    return f"{whose}, then {taker.next}" if taker.next else whose


def is_complete(story: Story) -> bool:
    """Tell whether nothing more is to come: the run has ended, and so have its side effects, and all is recorded."""
    # What is emitted in another account stays there.
    here = [invocation for invocation in story.invocations if invocation.account is None]
    emitted = (event_id for invocation in here for event_id in invocation.emitted)
    put = (event_id for state in story.states.runs for event_id in state.event_ids)
    # A log is written a moment after what it tells of, and the ledger may be there first.
    told = {invocation.request_id for invocation in story.invocations}
    return (
        story.execution.stopped is not None
        and next(lost(story), None) is None
        and all(invocation.ended for invocation in story.invocations)
        and all(event_id in story.event_by_id for event_id in (*put, *emitted))
        and all(event.request_id in told for event in story.events if event.request_id)
    )
