"""The whole system, from the start event on the bus to 0-cookies.json."""

import pytest

from bootstrap.clients import Clients
from tests.e2e.bus import Bus
from tests.e2e.runs import Run, Runs


@pytest.mark.parametrize("people", [0, 5, 20])
def test_the_report_counts_every_person_once(runs: Runs, people: int) -> None:
    run = runs.run(people=people)
    objects = runs.objects(run)
    assert set(run.report) == {"names", "numberOfPeople", "totalCookiesConsumed"}
    assert len(set(run.report["names"])) == len(run.report["names"]) == run.report["numberOfPeople"] == people
    finals = [objects[f"final-{name}.json"] for name in run.report["names"]]
    assert run.report["totalCookiesConsumed"] == sum(final["numberOfCookiesConsumed"] for final in finals)


def test_every_intermediate_file_is_there_and_right(runs: Runs) -> None:
    run = runs.run(people=5)
    objects = runs.objects(run)
    names = run.report["names"]
    assert set(objects) == {"0-cookies.json"} | {f"{kind}-{name}.json" for kind in ("basic", "final") for name in names}
    for name in names:
        basic, final = objects[f"basic-{name}.json"], objects[f"final-{name}.json"]
        assert basic == {"name": name, "company": basic["company"], "city": basic["city"]}
        assert 0 <= final["numberOfCookiesConsumed"] <= 9
        assert final == basic | {"numberOfCookiesConsumed": final["numberOfCookiesConsumed"]}


def test_the_execution_succeeds_with_each_token_closed_once(runs: Runs, bus: Bus) -> None:
    run = runs.run(people=5)
    assert runs.status(run.execution) == "SUCCEEDED"
    history = runs.history(run)
    assert history["TaskSubmitted"] == history["TaskSucceeded"] == 5 + 2
    assert history["MapIterationSucceeded"] == 5
    tokens = [event["detail"]["TaskToken"] for event in bus.wait_for(run.job, "done", 5 + 2)]
    assert len(set(tokens)) == len(tokens) == 5 + 2


def test_side_effects_are_seen_on_the_bus(runs: Runs, bus: Bus) -> None:
    run = runs.run(people=3)
    seen = bus.wait_for(run.job, "async.done", 3)
    assert sorted(event["detail"]["name"] for event in seen) == sorted(run.report["names"])
    assert {event["detail"]["meta"]["fn"] for event in seen} == {"sideEffect"}


def test_every_event_names_its_run_and_its_cause(runs: Runs, bus: Bus) -> None:
    run = runs.run(people=2)
    incoming = {"getUsers": 1, "getUserProfile": 2, "getUserCookies": 2, "generateReport": 1}
    causes = {event["id"] for kind, count in incoming.items() for event in bus.wait_for(run.job, kind, count)}
    for event in bus.wait_for(run.job, "done", 4):
        meta = event["detail"]["meta"]
        assert event["detail"]["execution"] == run.execution
        assert (meta["job"], meta["stateMachine"]) == (run.job, "EventdrivenMachine")
        assert meta["incoming"]["source"] == meta["outgoing"]["source"] == event["source"] == "project"
        assert meta["outgoing"]["detailType"] == "done"
        assert meta["causationId"] in causes


def test_two_runs_at_once_do_not_mix(runs: Runs) -> None:
    jobs = [runs.start(people=6, seed=seed) for seed in ("one", "other")]
    one, other = (runs.finish(job) for job in jobs)
    for run in (one, other):
        finals = {name for name in runs.objects(run) if name.startswith("final-")}
        assert finals == {f"final-{name}.json" for name in run.report["names"]}
    assert one.execution != other.execution
    assert one.report["names"] != other.report["names"]


def test_the_same_seed_gives_the_same_report(runs: Runs) -> None:
    first, second = (runs.run(people=4, seed="cookies").report for _run in range(2))
    assert first == second


def test_the_references_own_start_event_makes_a_report(sandbox: Clients, runs: Runs) -> None:
    """As sent by `aws events put-events --entries Source=project,DetailType=start,Detail={}`."""
    answer = sandbox.events.put_events(Entries=[{"Source": "project", "DetailType": "start", "Detail": "{}"}])
    run: Run = runs.finish(answer["Entries"][0]["EventId"])
    assert 0 <= run.report["numberOfPeople"] <= 19
