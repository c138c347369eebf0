"""A run that failed, at a glance: what failed first, for whom, which try, where in the code, and what to do next."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from handlers.shared.detail_types import FAILED
from observatory.records.executions import run_id
from observatory.records.invocations import Invocation
from observatory.records.ledger import Event
from observatory.records.states import ABORTED, RUNNING, SUCCEEDED, TIMED_OUT, StateRun, describe_error, json_object
from observatory.runs.failures import Failure, origin
from observatory.story.code_places import CodePlace, place_of_log, place_of_module, place_of_state
from observatory.story.reasons import Wait, wait_of, waited_in_vain
from observatory.story.story import Story
from observatory.wording import shortened

LINE_CHARACTERS = 300
# What a machine may leave in the bucket when it fails.
FAILURE_FILE = "0-failed.json"


@dataclass(frozen=True)
class Command:
    """Something to do next: a command, and what it is for."""

    line: str
    what: str


@dataclass(frozen=True)
class FailureCard:
    """Why a run failed.

    Args:
        state: The state that failed first.
        item: The item of a Map that it was for.
        others: For how many other items it failed in the same way.
        error: What it failed with.
        message: What that says.
        wait: If it waited in vain, for how long and why.
        function: The function that failed.
        tries: Which try of how many that was, where Lambda tries again.
        place: Where in the code, or in the definition.
        log_line: The line of the log that says so.
        event: The event that the function was handling, or that came to nothing.
        then: What failed because of it, or while it was handled.
        commands: What to do next.
        stored: Where in the bucket the failure is written down.
        is_whole: Whether nothing more is to be learnt by asking again.
    """

    state: str | None
    item: str | None
    others: int
    error: str
    message: str
    wait: Wait | None = None
    function: str | None = None
    tries: str | None = None
    place: CodePlace | None = None
    log_line: str | None = None
    event: Event | None = None
    then: tuple[str, ...] = ()
    commands: tuple[Command, ...] = ()
    stored: str | None = None
    is_whole: bool = True

    @property
    def headline(self) -> str:
        """What failed, for whom, and how, in a line."""
        if self.wait:
            whom = f" for {self._whom}" if self._whom else ""
            what = Failure(self.error, self.message).what
            return f"{self.state} waited {self.wait.seconds:.0f} s{whom} in vain ({what}): {self.wait.lasting_why}"
        return str(Failure(self.error, self.message, self.function or self.state, self._whom))

    @property
    def _whom(self) -> str | None:
        more = f" and {self.others} more" if self.others else ""
        return f"{self.item}{more}" if self.item else None

    def to_json_object(self) -> dict[str, Any]:
        """Return the card for programs."""
        return {
            "headline": self.headline,
            "state": self.state,
            "item": self.item,
            "others": self.others,
            "error": self.error,
            "message": self.message,
            "reasons": [reason.text for reason in self.wait.reasons] if self.wait else [],
            "function": self.function,
            "tries": self.tries,
            "place": self.place.to_json_object() if self.place else None,
            "logLine": self.log_line,
            "eventId": self.event.id if self.event else None,
            "then": self.then,
            "commands": [{"line": command.line, "what": command.what} for command in self.commands],
            "stored": self.stored,
        }


def failure_card(story: Story) -> FailureCard | None:
    """Say why a run failed; None if it did not."""
    if story.execution.status in {RUNNING, SUCCEEDED}:
        return None
    failed = origin(story.states, story.definition)
    # What was stopped or took too long while it handled a failure did not end by that.
    top = story.states.inside[None]
    if story.execution.status in {ABORTED, TIMED_OUT} and all(one.exited for one in top if one.failed):
        failed = ()
    card = _of_state(story, failed[0], failed[1:]) if failed else _of_execution(story)
    return replace(card, commands=tuple(_commands(story, card)), stored=_stored(story))


def _of_execution(story: Story) -> FailureCard:
    """A run none of whose states has failed: it was stopped, or took too long."""
    execution = story.execution
    open_ = [state for state in story.states.runs if state.status == "ABORTED" and state.type == "Task"]
    state = open_[0] if open_ else None
    wait = wait_of(story, state) if state else None
    failure = Failure.read(execution.error or execution.status, execution.cause or "", story.stack.item_key)
    item = story.item_label(state) if state else failure.item
    event = wait.event if wait else None
    card = FailureCard(state.name if state else None, item, 0, failure.error, failure.message, wait, event=event)
    return _with_invocation(story, card, failure)


def _of_state(story: Story, state: StateRun, later: tuple[StateRun, ...]) -> FailureCard:
    failure = Failure.read(state.error or state.status, state.cause or "", story.stack.item_key)
    states, what = story.states, (state.name, state.error)
    alike = (one for one in states.runs if one.failed and (one.name, one.error) == what and states.is_last(one))
    items = {(one.parent, one.iteration) for run in alike for one in states.items_around(run)[:1]}
    wait = waited_in_vain(story, state)
    card = FailureCard(
        state.name,
        story.item_label(state) or failure.item or _item_of(story, state),
        max(len(items) - 1, 0),
        failure.error,
        failure.message,
        wait,
        failure.function,
        event=wait.event if wait else None,
        then=tuple(_then(story, failure, later)),
        place=_place_of_state(story, state),
    )
    return _with_invocation(story, card, failure)


def _item_of(story: Story, state: StateRun) -> str | None:
    chain = story.chain(state)
    return story.item_of(chain[0]) or chain[0].item(story.stack.item_key) if chain else None


def _tries(story: Story, card: FailureCard, failure: Failure) -> list[Invocation]:
    if failure.request_id:
        return [one for one in story.invocations if one.request_id == failure.request_id]
    event = card.event
    if event is None or event.token is None:
        return []
    # Of an event that nobody took, it is who emitted it.
    cause = event.cause_id if event.function and event.id not in story.invocations_by_event else event.id
    tries = [one for one in story.invocations_by_event.get(cause, ()) if one.function in story.waited_for]
    return [one for one in tries if one.request_id == tries[-1].request_id]


def _with_invocation(story: Story, card: FailureCard, failure: Failure) -> FailureCard:
    """Add what is known of the invocation that failed, or that had the event which came to nothing."""
    tries = _tries(story, card, failure)
    if not tries:
        return replace(card, is_whole=failure.request_id is None)
    latest = tries[-1]
    allowed = next((one.tries for one in story.consumers if one.name == latest.function and one.tries), None)
    event = story.event_by_id.get(latest.event_id or "")
    answered = any(effect.type == FAILED for effect in story.effects.get(latest.event_id, ()))
    return replace(
        card,
        function=card.function or latest.function,
        tries=f"try {len(tries)} of {allowed}" if allowed and latest.error and not answered else None,
        place=_place_of_function(story, latest) or card.place,
        log_line=_log_line(latest),
        event=event or card.event,
        is_whole=latest.ended is not None,
    )


def _place_of_function(story: Story, invocation: Invocation) -> CodePlace | None:
    folders = _folders(story)
    spec = next((one for one in story.stack.functions if one.name == invocation.function), None)
    return place_of_log(invocation.lines, folders) or (place_of_module(spec.module, folders) if spec else None)


def _place_of_state(story: Story, state: StateRun) -> CodePlace | None:
    definition = story.machine.definition
    return place_of_state(story.folder / definition, state.name) if story.folder and definition else None


def _folders(story: Story) -> list[Path]:
    """Where the modules of the stack's functions may be: the stack's folder, and those around it."""
    return [story.folder, *story.folder.parents][:4] if story.folder else []


def _log_line(invocation: Invocation) -> str | None:
    """The first line of what it wrote about its failure."""
    kind = (invocation.error or "").partition(":")[0]
    for text in reversed(invocation.lines):
        if kind and kind in text:
            said = json_object(text) if text.startswith("{") else {}
            message = describe_error(str(said.get("message")), invocation.error) if said else None
            return shortened(message or text.partition("\n")[0].replace("\t", " "), LINE_CHARACTERS)
    return None


def _then(story: Story, first: Failure, later: tuple[StateRun, ...]) -> Iterator[str]:
    said = {first.what}
    for state in later:
        if state.failure and Failure.read(state.error or "", state.cause or "", "").what not in said:
            yield f"{state.name} failed: {shortened(state.failure, LINE_CHARACTERS)}"
    execution = story.execution
    last = Failure.read(execution.error or "", execution.cause or "", story.stack.item_key)
    said |= {Failure.read(one.error or "", one.cause or "", "").what for one in later}
    if last.what and last.what not in said:
        yield f"the run ended with {shortened(last.what, LINE_CHARACTERS)}"


def _commands(story: Story, card: FailureCard) -> Iterator[Command]:
    names = {function.name for function in story.stack.functions}
    run = run_id(story.stack, story.machine, story.job)
    if card.function in names:
        if card.event:
            handle = f"python scripts/invoke.py {card.function} --event {card.event.id}"
            yield Command(f"{handle} --pdb", "the same event here, with a debugger")
            yield Command(f"{handle} --in-lambda", "send it again")
        yield Command(f"python scripts/logs.py {card.function} --run {run}", "what it wrote")
    if card.wait:
        yield Command("python -m bootstrap check --ways", "how each token comes back")
    yield Command(f"python scripts/explain.py {run}", "what caused what")
    arn = story.execution.arn
    yield Command(f"aws stepfunctions redrive-execution --execution-arn {arn}", "go on from where it failed")


def _stored(story: Story) -> str | None:
    found = next((found for found in story.objects if story.object_name(found) == FAILURE_FILE), None)
    return f"s3://{story.bucket}/{found.key}" if found else None
