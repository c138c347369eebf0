"""The judge sees what is wrong with a run, and only that."""

import json
from dataclasses import replace

import pytest

from tests.chaos.plan import Fault, Plan, Thing
from tests.chaos.verdict import Outcome, judge, longest_seconds, right_report
from tests.unit.bootstrap.fake_account import SETTINGS

PLAN = Plan(17)
REPORT = right_report(PLAN)
PERSON = REPORT["names"][0]
SUCCEEDED = Outcome(PLAN, "job", "SUCCEEDED", "", "", 2.0, REPORT, None, ())
LOST = (Fault.DROPPED, Thing("FinisherRule", "done", PERSON, "ProcessSingle", 0))
KILLED = (Fault.KILLED, Thing("the environment of processSingle", "getUserProfile", PERSON, "ProcessSingle", 0))
WAITED = f"ProcessSingle waited for {PERSON}, and no event closed its task in time"


def failed(error: str, cause: str, *happened: tuple[Fault, Thing]) -> Outcome:
    """A run that failed so, and has stored it."""
    stored = {"job": "job", "error": error, "cause": cause}
    return replace(
        SUCCEEDED, status="FAILED", error=error, cause=cause, report=None, failure=stored, happened=tuple(happened)
    )


def function_failed(**said: str) -> str:
    return json.dumps({"function": "processSingle", "error": "Runtime.ExitError", "name": PERSON} | said)


@pytest.mark.parametrize(
    "outcome",
    [
        SUCCEEDED,
        replace(SUCCEEDED, happened=(KILLED,)),
        failed("Runtime.ExitError", function_failed(), KILLED),
        failed("TaskTimedOut", WAITED, LOST),
        replace(failed("TaskTimedOut", "PostProcessAll waited, and no event closed its task", KILLED), report=REPORT),
    ],
)
def test_what_is_right_is_right(outcome: Outcome) -> None:
    assert judge(outcome, SETTINGS) == []


@pytest.mark.parametrize(
    ("outcome", "wrong"),
    [
        (replace(SUCCEEDED, status="RUNNING"), "is RUNNING"),
        (replace(SUCCEEDED, seconds=10_000.0), "took 10000 s"),
        (replace(SUCCEEDED, report={**REPORT, "names": REPORT["names"] * 2}), "has the report"),
        (replace(SUCCEEDED, report=None), "succeeded without a report"),
        (replace(SUCCEEDED, failure={"error": "any"}), "succeeded with 0-failed.json"),
        (replace(failed("TaskTimedOut", WAITED, LOST), failure=None), "has None as 0-failed.json"),
        (failed("TaskTimedOut", "ProcessSingle waited for nobody", KILLED), "does not say who failed"),
        (failed("Runtime.ExitError", function_failed(name="nobody"), KILLED), "does not say who failed"),
        (failed("OtherError", function_failed(), KILLED), "does not say who failed"),
        (failed("FetchError", function_failed(error="FetchError"), KILLED), "failed with what no fault explains"),
        (failed("TaskTimedOut", WAITED), "failed although nothing happened"),
        (failed("TaskTimedOut", "GetMultiple waited, and", LOST), f"lost done of {PERSON} at FinisherRule"),
        (replace(SUCCEEDED, happened=(LOST,)), f"lost done of {PERSON} at FinisherRule"),
    ],
)
def test_what_is_wrong_is_said(outcome: Outcome, wrong: str) -> None:
    found = judge(outcome, SETTINGS)
    assert found
    assert found[-1].startswith(wrong)


def test_what_is_lost_on_its_way_to_a_side_effect_changes_nothing() -> None:
    lost = (Fault.DROPPED, Thing("sideEffectRule", "getUserCookies", PERSON, "ProcessSingle", 0))
    assert judge(replace(SUCCEEDED, happened=(lost,)), SETTINGS) == []


@pytest.mark.parametrize(("people", "waits"), [(0, 2), (1, 3), (2, 3), (3, 4), (50, 27)])
def test_the_longest_that_a_run_may_take_grows_with_the_turns_of_its_map(people: int, waits: int) -> None:
    settings = replace(SETTINGS, map_concurrency=2, task_timeout_seconds=300)
    assert longest_seconds(people, settings) == waits * 315 + 15
    tolerant = replace(settings, tolerated_failures=10)
    assert longest_seconds(people, tolerant) == waits * 315 + 15 + (waits - 2) * 15
