"""Why a state waits, or has waited in vain: how far its event has come, and what became of it there."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from bootstrap.check.findings import did_you_mean
from handlers.shared.detail_types import DONE, FAILED
from observatory.records.consumers import MACHINE, Consumer
from observatory.records.definitions import places
from observatory.records.denials import Denial
from observatory.records.invocations import Invocation
from observatory.records.ledger import Event
from observatory.records.states import BAD, RUNNING, StateRun
from observatory.story.retrying import answered_failed, invocations_allowed, next_invocation
from observatory.story.story import EARLIER, Story
from observatory.wording import shortened

WAITING = ".waitForTaskToken"
TIMEOUTS = {"States.Timeout", "States.HeartbeatTimeout"}
# What StepFinisher puts on the bus when it cannot hand a token back.
NOT_HANDED_BACK = "notHandedBack"
ERROR_CHARACTERS = 300
ADVICE = 'add "TaskToken.$": "$$.Task.Token" to its Detail'
COUNTDOWN = re.compile(r", next in about \d+ s")


@dataclass(frozen=True)
class Reason:
    """Why a task is open.

    Args:
        text: What became of its event.
        event: How far that has come: the last event of those that it led to; None if it is not on the bus.
        next_try: About when a function tries again to handle that; None if none does.
    """

    text: str
    event: Event | None = None
    next_try: datetime | None = None


@dataclass(frozen=True)
class Wait:
    """A state that waits for its token, or did so in vain, and why.

    Args:
        state: The state.
        step: What people look at: the state, or the Map that it is in.
        item: The item that it waits for.
        seconds: For how long.
        reasons: Why; more than one where several functions should have answered.
        is_over: Whether it has ended.
    """

    state: StateRun
    step: str
    item: str | None
    seconds: float
    reasons: tuple[Reason, ...]
    is_over: bool = False

    @property
    def event(self) -> Event | None:
        """How far its event has come, where that is known."""
        return next((reason.event for reason in self.reasons if reason.event), None)

    @property
    def next_try(self) -> datetime | None:
        """About when a function tries again next; None if none does."""
        return min((reason.next_try for reason in self.reasons if reason.next_try), default=None)

    @property
    def why(self) -> str:
        """The reasons in a line."""
        return "; ".join(dict.fromkeys(reason.text for reason in self.reasons))

    @property
    def sentence(self) -> str:
        """Return for example ``Pack has waited 3 s for order 7; last event packOrder at 10:00:00; …``."""
        whom = f" for {self.item}" if self.item else ""
        last = self.event
        told = [f"last event {last.type} at {clock_time(last.emitted)}"] if last else []
        waited = "waited" if self.is_over else "has waited"
        return "; ".join((f"{self.step} {waited} {self.seconds:.0f} s{whom}", *told, self.why))

    @property
    def lasting_why(self) -> str:
        """The reasons without what changes from moment to moment."""
        return COUNTDOWN.sub("", self.why)

    @property
    def lasting(self) -> str:
        """The sentence without what changes from moment to moment."""
        whom = f" for {self.item}" if self.item else ""
        return f"{self.step} waits{whom}: {self.lasting_why}"


def waits(story: Story) -> tuple[Wait, ...]:
    """The tasks that are open now, each with its reasons."""
    if story.execution.status != RUNNING:
        return ()
    return tuple(wait_of(story, state) for state in story.states.runs if state.is_open and state.type == "Task")


def waited_in_vain(story: Story, state: StateRun) -> Wait | None:
    """The wait of a state that timed out; None if it did not."""
    return wait_of(story, state) if state.failed and state.error in TIMEOUTS else None


def wait_of(story: Story, state: StateRun) -> Wait:
    """Say why a task is open, or why it was until it timed out."""
    map_, item = story.map_of(state), story.item_label(state)
    seconds = max((story.end_of(state) - (state.emitted or state.entered)).total_seconds(), 0)
    reasons = tuple(_Search(story, state).reasons())
    return Wait(state, map_.name if map_ else state.name, item, seconds, reasons, is_over=state.failed is not None)


def clock_time(moment: datetime) -> str:
    """The time of day."""
    return f"{moment.astimezone(UTC):%H:%M:%S}"


def how_ended(error: str) -> str:
    """Say that something raised an error, or ended with it."""
    kind = error.partition(":")[0]
    raised = kind.isidentifier() and kind not in BAD
    return f"raised {error}" if raised else f"ended with {error}"


class _Search:
    """Follows the event of a state to where it came to nothing."""

    def __init__(self, story: Story, state: StateRun) -> None:
        self._story = story
        self._state = state
        self._event = story.event_by_id.get(state.event_ids[-1]) if state.event_ids else None
        self._seen: set[str] = set()

    def reasons(self) -> Iterator[Reason]:
        if self._event is None:
            yield Reason(self._not_recorded() if self._state.event_ids else self._not_put())
        elif self._event.token is None:
            yield Reason(
                f"{self._event.type} carries no task token, so nothing can bring it back: {ADVICE}", self._event
            )
        else:
            yield from self._follow(self._event)

    def _not_put(self) -> str:
        if self._state.failed_tries:
            return f"its event was not taken: {shortened(self._state.failed_tries[-1], ERROR_CHARACTERS)}"
        place = places(self._story.definition).get(self._state.name)
        resource = str(place.state.get("Resource", "")) if place else ""
        if resource and not resource.endswith(WAITING):
            return f"{resource.rpartition(':::')[2]} has not answered"
        return "it has not put its event on the bus"

    def _not_recorded(self) -> str:
        place = places(self._story.definition).get(self._state.name)
        entries = (place.state.get("Parameters") or {}).get("Entries") if place else None
        entry = entries[0] if isinstance(entries, list) and entries and isinstance(entries[0], dict) else {}
        source, ours = entry.get("Source"), self._story.stack.source
        if isinstance(source, str) and source != ours:
            return f"its event has the source {source}, and the rules take those of {ours} only"
        return "its event is not in the ledger"

    def _follow(self, event: Event) -> Iterator[Reason]:
        if event.id in self._seen:
            return
        self._seen.add(event.id)
        consumers = [one for one in self._story.consumers_of(event) if one.account is None]
        takers = [one for one in consumers if not one.is_side_effect or self._is_gone(one)]
        if not takers:
            yield Reason(self._nobody(event, consumers), event)
        for taker in takers:
            if taker.kind == MACHINE:
                yield Reason(self._of_machine(event, taker), event)
            else:
                yield from self._of_function(event, taker)

    def _is_gone(self, consumer: Consumer) -> bool:
        readiness = self._story.readiness.get(consumer.name)
        return readiness is not None and not readiness.exists

    def _nobody(self, event: Event, consumers: list[Consumer]) -> str:
        finisher = self._story.stack.finisher
        if consumers:
            said = f"{event.type} reaches only side effects: {', '.join(one.label for one in consumers)}"
        else:
            said = f"no rule sends {event.type} to anyone"
        if event.function:
            return f"{event.function} emitted {event.type}: {said}, and {finisher} takes {DONE} and {FAILED}"
        known = {one.type for one in self._story.consumers if one.type} - {event.type}
        meant = did_you_mean(event.type, known)
        return f"{said}: {meant}" if meant else said

    def _of_machine(self, event: Event, machine: Consumer) -> str:
        if denial := self._denial("states:StartExecution", machine.name, event):
            return f"{machine.rule} was not permitted to start {machine.name}: {denial.message}"
        if machine.name != self._story.stack.finisher:
            return f"{machine.name} was started by it, and has not answered"
        for action in ("states:SendTaskSuccess", "states:SendTaskFailure"):
            if denial := self._denial(action, None, event):
                return f"{machine.name} was not permitted to hand the token back: {denial.message}"
        # Of one that was not permitted, this comes after its last try, and says less.
        failed = [one for one in self._story.effects.get(event.id, ()) if one.type == NOT_HANDED_BACK]
        if failed:
            return f"{machine.name} failed: {_why(failed[0])}"
        return f"{machine.name} has not handed the token back"

    def _of_function(self, event: Event, function: Consumer) -> Iterator[Reason]:
        name = function.name
        tries = self._tries(event, name)
        effects = [one for one in self._story.effects.get(event.id, ()) if one.function == name]
        latest = tries[-1] if tries else None
        if latest and latest.error and not any(effect.type == DONE for effect in effects):
            yield self._of_tries(event, tries)
        for effect in effects:
            yield from self._of_effect(effect)
        if effects or (latest and latest.error):
            return
        if latest is None:
            yield Reason(self._unheard(event, function), event)
        elif latest.ended is None:
            yield Reason(f"{name} has been at work since {clock_time(latest.started)}", event)
        elif latest.emitted:
            yield Reason(f"what {name} emitted is not in the ledger", event)
        else:
            yield Reason(f"{name} ended and emitted nothing", event)

    def _of_effect(self, effect: Event) -> Iterator[Reason]:
        awaited = self._event.token if self._event else None
        if effect.token is None:
            yield Reason(f"{effect.function} emitted {effect.type} without the task token", effect)
        elif effect.token != awaited:
            yield Reason(f"{effect.function} emitted {effect.type} with another task token", effect)
        else:
            yield from self._follow(effect)

    def _tries(self, event: Event, function: str) -> list[Invocation]:
        """The tries of a function to handle an event; what did not reach its handler may have been for it."""
        for event_id in (event.id, None):
            tries = [
                one
                for one in self._story.invocations_by_event.get(event_id, ())
                if one.function == function and one.account is None and one.started >= event.emitted - EARLIER
            ]
            if tries:
                return [one for one in tries if one.request_id == tries[-1].request_id]
        return []

    def _of_tries(self, event: Event, tries: list[Invocation]) -> Reason:
        latest, number = tries[-1], len(tries)
        how = f"{latest.function} {how_ended(shortened(latest.error or '', ERROR_CHARACTERS))}"
        allowed = invocations_allowed(self._story, latest)
        if allowed is None or (number == 1 == allowed) or answered_failed(self._story, latest):
            return Reason(how, event)
        due, following = next_invocation(self._story, tries), ""
        if due:
            following = f", next in about {max((due - self._story.told).total_seconds(), 0):.0f} s"
        return Reason(f"{how} (try {number} of {allowed}{following})", event, due)

    def _unheard(self, event: Event, function: Consumer) -> str:
        name = function.name
        if self._is_gone(function):
            return f"{function.rule} sends it to {name}, and there is no such function"
        if denial := self._denial("lambda:InvokeFunction", name, event, function.rule):
            return f"{function.rule} was not permitted to invoke {name}: {denial.message}"
        readiness = self._story.readiness.get(name)
        if readiness and readiness.concurrency is not None:
            limit = f"it may handle {readiness.concurrency} at once, and is throttled while so many are"
            return f"{name} has not begun: {limit}"
        return f"{name} has not reported yet"

    def _denial(self, action: str, resource: str | None, event: Event, rule: str | None = None) -> Denial | None:
        """The last time that something was denied since an event was emitted."""
        found = [
            denial
            for denial in self._story.denials
            if denial.action == action
            and denial.time >= event.emitted - EARLIER
            and (resource is None or denial.resource.split(":")[-1] == resource)
            and (rule is None or denial.source is None or denial.source.endswith(f"/{rule}"))
        ]
        return found[-1] if found else None


def _why(effect: Event) -> str:
    """What StepFinisher says about a token that it could not hand back."""
    said = effect.detail.get("why")
    texts = [said.get(key) for key in ("Error", "Cause")] if isinstance(said, dict) else []
    return shortened(": ".join(text for text in texts if isinstance(text, str) and text), ERROR_CHARACTERS)
