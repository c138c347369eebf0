"""When what failed is tried again, and when a state that waits gives up: as its definition says, and Lambda does.

https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from handlers.shared.detail_types import FAILED
from observatory.records.consumers import FUNCTION
from observatory.records.definitions import places
from observatory.records.invocations import Invocation
from observatory.records.states import StateRun, json_object
from observatory.story.story import Story

FIRST_INTERVAL_SECONDS, BACKOFF_RATE, MOST_ATTEMPTS = 1, 2.0, 3
# A retry that is later than this does not come any more, or the clocks disagree.
LATEST_RETRY = timedelta(seconds=30)


def tries_allowed(story: Story, state: StateRun) -> int | None:
    """How often a state may be tried in all, as the retrier says that takes what it failed with; None if none does."""
    error = (state.failed_tries[-1] if state.failed_tries else state.error or "").partition(":")[0]
    retrier = _retrier(story, state, error)
    return None if retrier is None else 1 + int(retrier.get("MaxAttempts", MOST_ATTEMPTS))


def next_try(story: Story, state: StateRun) -> datetime | None:
    """When a state is tried again that has failed, at the latest; None if it is not."""
    if not state.failed or state.caught_by is not None or not story.execution.is_running:
        return None
    retrier = _retrier(story, state, state.error or "")
    earlier = sum(_retrier(story, state, one.failure.partition(":")[0]) is retrier for one in state.tried)
    if retrier is None or earlier >= int(retrier.get("MaxAttempts", MOST_ATTEMPTS)):
        return None
    first = float(retrier.get("IntervalSeconds", FIRST_INTERVAL_SECONDS))
    seconds = first * float(retrier.get("BackoffRate", BACKOFF_RATE)) ** earlier
    return state.failed + timedelta(seconds=min(seconds, float(retrier.get("MaxDelaySeconds", seconds))))


def invocations_allowed(story: Story, invocation: Invocation) -> int | None:
    """How often Lambda lets a function try to handle an event in all; None where that is not known."""
    name, account = invocation.function, invocation.account
    return next(
        (one.tries for one in story.consumers if (one.kind, one.name, one.account) == (FUNCTION, name, account)), None
    )


def next_invocation(story: Story, tries: Sequence[Invocation]) -> datetime | None:
    """About when Lambda lets a function try again to handle an event.

    Args:
        story: The story.
        tries: Those that the function had already, in their order; not none.

    Returns:
        When Lambda's pause ends, to which comes how long its queue takes; None if there is no further try.
    """
    latest, number = tries[-1], len(tries)
    allowed = invocations_allowed(story, latest)
    if (
        not latest.error
        or latest.ended is None
        or allowed is None
        or number >= allowed
        or answered_failed(story, latest)
    ):
        return None
    due = latest.ended + timedelta(seconds=story.first_retry * number)
    return due if due > story.told - LATEST_RETRY else None


def answered_failed(story: Story, invocation: Invocation) -> bool:
    """Whether a function has answered an event with `failed`, for which it is not tried again."""
    effects = story.effects.get(invocation.event_id, ()) if invocation.event_id else ()
    return any(one.type == FAILED and one.function == invocation.function for one in effects)


def deadline(story: Story, state: StateRun) -> datetime | None:
    """When a state that goes on times out, or the whole execution, if that is earlier; None if neither does."""
    if not state.is_open:
        return None
    begun = state.begun or state.entered
    found = (
        since + timedelta(seconds=seconds)
        for since, seconds in (
            (begun, _seconds("TimeoutSeconds", _said(story, state), state)),
            # That of the execution begins anew with a redrive.
            (story.states.redriven or story.execution.started, _seconds("TimeoutSeconds", story.definition, None)),
        )
        if seconds is not None
    )
    return min(found, default=None)


def heartbeat(story: Story, state: StateRun) -> float | None:
    """The seconds after which a state fails unless a heartbeat has come; no history says when one came."""
    return _seconds("HeartbeatSeconds", _said(story, state), state)


def _seconds(key: str, said: Mapping[str, Any], state: StateRun | None) -> float | None:
    value: Any = said.get(key)
    if state and isinstance(path := said.get(f"{key}Path"), str):
        value = json_object(state.given)
        for part in path.removeprefix("$").split(".")[1:]:
            value = value.get(part) if isinstance(value, dict) else None
    return value if type(value) in {int, float} else None


def _retrier(story: Story, state: StateRun, error: str) -> Mapping[str, Any] | None:
    """What of a state's definition takes an error."""
    wildcards = {"States.ALL"} | ({"States.TaskFailed"} if error != "States.Timeout" else set())
    for retrier in _said(story, state).get("Retry", ()):
        if error in retrier["ErrorEquals"] or not wildcards.isdisjoint(retrier["ErrorEquals"]):
            found: Mapping[str, Any] = retrier
            return found
    return None


def _said(story: Story, state: StateRun) -> Mapping[str, Any]:
    place = places(story.definition).get(state.name)
    return place.state if place else {}
