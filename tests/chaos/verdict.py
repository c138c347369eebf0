"""Judge what came of a seed's run: what must be so whatever happened to it, and what must follow from what did."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from bootstrap.settings import Settings
from handlers.people import draw_names
from tests.chaos.plan import HARMLESS, Fault, Plan, Thing

MOST_COOKIES = 9
# What a state waits between its attempts to put an event or an object: 1, 2, 4 and 8 s at most.
BACKOFF_SECONDS = 15
PERSONS_STATE = "ProcessSingle"
PERSONS_FUNCTIONS = {"processSingle", "postProcessSingle"}
SIDE_EFFECT = "sideEffectRule"
TIMED_OUT = "TaskTimedOut"
# What no retry mends: faults pass, so whoever sees one of these has lost something for good.
PERMANENT_ERRORS = {"DetailError", "EventSizeError", "MissingPersonError", "PeopleError", "FetchError", "SeedError"}


@dataclass(frozen=True)
class Outcome:
    """What came of a seed.

    Args:
        plan: What it was to meet.
        job: The id of its start event.
        status: How its execution is.
        error: What it failed with.
        cause: Why.
        seconds: How long it took.
        report: 0-cookies.json, if it is there.
        failure: 0-failed.json, if it is there.
        happened: The faults that it met, each with what met it.
    """

    plan: Plan
    job: str
    status: str
    error: str
    cause: str
    seconds: float
    report: Mapping[str, Any] | None
    failure: Mapping[str, Any] | None
    happened: tuple[tuple[Fault, Thing], ...]


def longest_seconds(people: int, settings: Settings) -> int:
    """How long a run may take, whatever happens.

    It waits for the names, for each turn of the Map and for the report. Each wait has the time-out of a task and,
    before that, what the bus may need to take the event; at last, the bucket may need as much to take what failed, and
    in each turn too where the run goes on without those who failed.
    """
    turns = -(-people // settings.map_concurrency)
    stores = 1 + (turns if settings.tolerated_failures else 0)
    return (turns + 2) * (settings.task_timeout_seconds + BACKOFF_SECONDS) + stores * BACKOFF_SECONDS


def right_report(plan: Plan) -> dict[str, Any]:
    """The one right report of a seed, from the seed alone."""
    seed = plan.names_seed
    names = draw_names(plan.people, json.dumps([seed]))
    cookies = sum(Random(json.dumps([seed, name])).randint(0, MOST_COOKIES) for name in names)  # noqa: S311 - no secret
    return {"names": names, "numberOfPeople": plan.people, "totalCookiesConsumed": cookies}


def judge(outcome: Outcome, settings: Settings) -> list[str]:
    """Say all that is wrong with an outcome."""
    return [*_always(outcome, settings), *_of_success(outcome), *_of_failure(outcome), *_consequences(outcome)]


def _always(outcome: Outcome, settings: Settings) -> Iterator[str]:
    if outcome.status not in ("SUCCEEDED", "FAILED"):
        yield f"is {outcome.status}"
    if outcome.seconds > (limit := longest_seconds(outcome.plan.people, settings)):
        yield f"took {outcome.seconds:.0f} s, {limit} s are the longest"
    # It may be there although the answer that it is was lost; wrong it may never be.
    if outcome.report is not None and outcome.report != right_report(outcome.plan):
        yield f"has the report {outcome.report}, right is {right_report(outcome.plan)}"


def _of_success(outcome: Outcome) -> Iterator[str]:
    if outcome.status == "SUCCEEDED":
        if outcome.report is None:
            yield "succeeded without a report"
        if outcome.failure is not None:
            yield f"succeeded with 0-failed.json: {outcome.failure}"


def _of_failure(outcome: Outcome) -> Iterator[str]:
    if outcome.status != "FAILED":
        return
    stored = {"job": outcome.job, "error": outcome.error, "cause": outcome.cause}
    if outcome.failure != stored:
        yield f"has {outcome.failure} as 0-failed.json, right is {stored}"
    if not explains(outcome.error, outcome.cause, right_report(outcome.plan)["names"]):
        yield f"does not say who failed, for whom and why: {outcome.error}: {outcome.cause}"
    if outcome.error in PERMANENT_ERRORS:
        yield f"failed with what no fault explains: {outcome.error}: {outcome.cause}"
    if all(fault in HARMLESS for fault, _thing in outcome.happened):
        yield f"failed although nothing happened that may fail it: {outcome.error}: {outcome.cause}"


def explains(error: str, cause: str, names: list[str]) -> bool:
    """Whether a cause names what failed, the person it was about, and the error."""
    try:
        said = json.loads(cause)
    except ValueError:
        # A sentence of a state, which begins with its name.
        state = cause.partition(" ")[0]
        return bool(error) and (state != PERSONS_STATE or any(name in cause for name in names))
    about_person = said.get("function") not in PERSONS_FUNCTIONS or said.get("name") in names
    return bool(said.get("function") and said.get("error") == error and about_person)


def _consequences(outcome: Outcome) -> Iterator[str]:
    """What follows for certain where nothing but the loss of events has happened."""
    lost = [thing for _fault, thing in outcome.happened if thing.place != SIDE_EFFECT and thing.state]
    if not lost or any(fault is not Fault.DROPPED for fault, _thing in outcome.happened):
        return
    waiting = {_waiting(thing) for thing in lost}
    if outcome.error != TIMED_OUT or not outcome.cause.startswith(tuple(waiting)):
        yield f"lost {', '.join(map(str, lost))}, and says {outcome.error}: {outcome.cause}"


def _waiting(thing: Thing) -> str:
    """How the cause begins when what a state waits for was lost."""
    return f"{thing.state} waited for {thing.item}," if thing.item else f"{thing.state} waited,"
