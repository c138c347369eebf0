"""When a state that failed is tried again, and when one that waits gives up: as its definition says.

https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from observatory.records.definitions import places
from observatory.records.states import StateRun, json_object
from observatory.story.story import Story

FIRST_INTERVAL_SECONDS, BACKOFF_RATE, MOST_ATTEMPTS = 1, 2.0, 3


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


def deadline(story: Story, state: StateRun) -> datetime | None:
    """When a state that goes on times out, or the whole execution, if that is earlier; None if neither does."""
    if not state.is_open:
        return None
    begun = state.begun or state.entered
    found = (
        since + timedelta(seconds=seconds)
        for since, seconds in (
            (begun, _timeout(_said(story, state), state)),
            (story.execution.started, _timeout(story.definition, None)),
        )
        if seconds is not None
    )
    return min(found, default=None)


def _timeout(said: Mapping[str, Any], state: StateRun | None) -> float | None:
    value: Any = said.get("TimeoutSeconds")
    if state and isinstance(path := said.get("TimeoutSecondsPath"), str):
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
