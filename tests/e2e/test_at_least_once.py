"""Events come at least once, in any order, from anyone: one start event is one run, and nothing is counted twice."""

import uuid
from collections import Counter
from typing import Any

import pytest

from bootstrap.clients import Clients
from handlers.detail_types import DetailType
from testkit.waiting import wait_for
from tests.e2e.bus import Bus
from tests.e2e.runs import Runs

PEOPLE = 3
GARBAGE_TOKENS = ["nobody's", "", " ", "🍪", "x" * 5000, 7, None, ["a"], {"a": 1}]


def kinds(bus: Bus, job: str) -> Counter[str]:
    """How many events of each kind there are of a run."""
    return Counter(event["detail-type"] for event in bus.events(job))


def doubled(before: Counter[str]) -> Counter[str]:
    """The events of a run after each of them was put again, and has had its consequences."""
    after = Counter({kind: 2 * count for kind, count in before.items() if kind != "start"})
    # An event further down the chain is put again, and comes again from each copy of what causes it.
    after["getUserCookies"] += PEOPLE
    after["async.done"] += 2 * PEOPLE
    after["done"] += 1 + 2 * PEOPLE + 1
    return after


def test_every_event_a_second_time_after_the_end_changes_nothing(runs: Runs, bus: Bus) -> None:
    run = runs.run(people=PEOPLE)
    bus.wait_for(run.job, "async.done", PEOPLE)
    bus.wait_for(run.job, "done", PEOPLE + 2)
    objects, history, before = runs.objects(run), runs.history(run), kinds(bus, run.job)
    for event in [event for event in bus.events(run.job) if event["detail-type"] != "start"]:
        bus.put(event["detail-type"], event["detail"])
    expected = doubled(before)
    wait_for(f"the consequences: {expected}", lambda: kinds(bus, run.job) - Counter(start=1) >= expected)
    assert runs.objects(run) == objects
    assert runs.history(run) == history
    assert runs.status(run.execution) == "SUCCEEDED"


def test_every_event_a_second_time_while_the_run_goes_on_counts_nobody_twice(runs: Runs, bus: Bus) -> None:
    seen_once = runs.run(people=PEOPLE, seed="twice").report
    job = runs.start(people=PEOPLE, seed="twice")
    again: set[str] = set()

    def ended() -> bool:
        for event in bus.events(job):
            if event["id"] not in again and event["detail-type"] != "start":
                again.update({event["id"], bus.put(event["detail-type"], event["detail"])})
        return bool(bus.events(job, "generateReport")) and len(bus.events(job, "done")) > 2 * PEOPLE

    wait_for("the end of a run of which all comes twice", ended)
    run = runs.finish(job)
    assert run.report == seen_once
    assert runs.status(run.execution) == "SUCCEEDED"
    history = runs.history(run)
    assert history["TaskSucceeded"] == PEOPLE + 2
    assert history["MapIterationSucceeded"] == PEOPLE


@pytest.mark.parametrize("detail_type", ["done", "failed"])
def test_answers_with_tokens_of_nobody_disturb_nobody(runs: Runs, bus: Bus, detail_type: str) -> None:
    job = runs.start(people=PEOPLE)
    failure = {"function": "nobody", "error": "OddError", "message": "never mind"}
    for token in GARBAGE_TOKENS:
        bus.put(detail_type, {"TaskToken": token, "failure": failure, "numberOfCookiesConsumed": 1_000_000})
    bus.put(detail_type, {})
    report = runs.finish(job).report
    assert report["numberOfPeople"] == PEOPLE
    assert report["totalCookiesConsumed"] <= 9 * PEOPLE


def test_a_late_failure_does_not_fail_a_run_that_has_succeeded(runs: Runs, bus: Bus) -> None:
    run = runs.run(people=1)
    done = bus.wait_for(run.job, "done", 3)
    failure = {"function": "getMultiple", "error": "LateError", "message": "too late"}
    for event in done:
        bus.put("failed", {**event["detail"], "failure": failure})
    assert runs.run(people=1).report["numberOfPeople"] == 1, "all events before are handled when this run is through"
    assert runs.status(run.execution) == "SUCCEEDED"
    assert "0-failed.json" not in runs.objects(run)


def test_an_event_with_a_foreign_source_starts_nothing(sandbox: Clients, runs: Runs, bus: Bus) -> None:
    before = runs.executions()
    job = f"foreign-{uuid.uuid4()}"
    detail: dict[str, Any] = {"job": job, "execution": job, "name": "Ann Lee", "names": [], "outcomes": [], "start": {}}
    for detail_type in DetailType:
        bus.put(detail_type, detail, source="stranger")
    run = runs.run(people=1)
    assert runs.executions() - before == {run.execution}
    assert not bus.events(job)
    assert not runs.keys(job)


def test_one_start_event_starts_one_run(sandbox: Clients, runs: Runs) -> None:
    """EventBridge names an execution after the event, so that a second delivery finds the name taken."""
    run = runs.run(people=1)
    started = sandbox.states.describe_execution(executionArn=run.execution)
    assert started["name"].startswith(run.job)
    with pytest.raises(sandbox.states.exceptions.ExecutionAlreadyExists):
        sandbox.states.start_execution(
            stateMachineArn=started["stateMachineArn"], name=started["name"], input=started["input"]
        )
