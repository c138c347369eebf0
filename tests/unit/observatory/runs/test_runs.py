"""The list of runs: newest first, with what their events add up to, and gone with their sandbox."""

from dataclasses import replace
from datetime import timedelta

import pytest

from observatory.errors import NotBootstrappedError
from observatory.runs.runs import FOLLOWED_RUNS, NEWEST_RUNS, RunList
from tests.unit.observatory.fakes import MACHINE, client_error
from tests.unit.observatory.recordings import EXECUTIONS, STACK, Recording


@pytest.fixture
def recording() -> Recording:
    return Recording("succeeded")


def add_execution(recording: Recording, name: str, minutes: int, status: str = "SUCCEEDED") -> None:
    started = recording.execution["startDate"] + timedelta(minutes=minutes)
    arn = f"{EXECUTIONS}:{name}"
    recording.executions.append({"name": name, "executionArn": arn, "status": status, "startDate": started})


def test_a_run_is_what_its_execution_and_its_events_say(recording: Recording) -> None:
    (run,) = RunList(recording.clients).look()
    said = run.to_json_object()
    assert said.pop("seconds") == pytest.approx(2.832, abs=0.001)
    assert said == {
        "job": recording.job,
        "execution": recording.execution["executionArn"],
        "status": "SUCCEEDED",
        "startedAt": "2026-11-24T19:38:43.550Z",
        "endedAt": "2026-11-24T19:38:46.383Z",
        "machine": MACHINE.name,
        "columns": {"people": 3, "totalCookiesConsumed": None},
        "progress": None,
        "start": {"people": 3, "seed": "x"},
        "failures": 0,
        "cause": None,
    }


def test_the_newest_run_comes_first(recording: Recording) -> None:
    add_execution(recording, "newest", 2)
    add_execution(recording, "newer", 1)
    assert [run.job for run in RunList(recording.clients).look()] == ["newest", "newer", recording.job]


def test_runs_are_listed_however_many_there_are_and_older_ones_are_not_asked_for_again(recording: Recording) -> None:
    for number in range(NEWEST_RUNS + 50):
        add_execution(recording, f"run {number}", number + 1)
    run_list = RunList(recording.clients)
    assert [len(run_list.look()) for _look in range(3)] == [NEWEST_RUNS + 51] * 3
    sizes = [asked["maxResults"] for operation, asked in recording.asked if operation == "list_executions"]
    assert sizes.count(NEWEST_RUNS) == 3
    assert len(sizes) == 4


def test_an_execution_with_a_suffix_belongs_to_its_start_event(recording: Recording) -> None:
    recording.execution["name"] += "_0d1c7a54"
    (run,) = RunList(recording.clients).look()
    assert (run.job, run.columns["people"]) == (recording.job, 3)


def test_an_execution_that_no_event_has_started_goes_by_its_name(recording: Recording) -> None:
    recording.execution["name"] = "started by hand"
    (run,) = RunList(recording.clients).look()
    assert (run.job, run.columns["totalCookiesConsumed"]) == ("started by hand", None)


def test_a_run_that_failed_has_at_least_one_failure(recording: Recording) -> None:
    recording.execution["status"] = "TIMED_OUT"
    (run,) = RunList(recording.clients).look()
    assert run.failures == 1


def test_a_run_that_goes_on_says_how_far_its_map_is(recording: Recording) -> None:
    recording.execution |= {"status": "RUNNING", "stopDate": None}
    del recording.history[20:]
    (run,) = RunList(recording.clients).look()
    assert run.to_json_object()["progress"] == {
        "state": "ProcessMultiple",
        "one": "person",
        "many": "people",
        "done": 0,
        "total": 3,
    }
    assert run.columns == {"people": 3, "totalCookiesConsumed": 11}, "what was answered up to now"


def test_of_many_that_go_on_only_the_newest_are_looked_into(recording: Recording) -> None:
    for number in range(30):
        add_execution(recording, f"run {number}", number + 1, "RUNNING")
    RunList(recording.clients).look()
    assert [operation for operation, _asked in recording.asked].count("get_execution_history") == FOLLOWED_RUNS


def test_runs_that_drop_off_the_end_of_the_list_are_no_sign_of_another_sandbox(recording: Recording) -> None:
    run_list = RunList(recording.clients)
    for number in range(NEWEST_RUNS):
        add_execution(recording, f"run {number}", number)
    run_list.look()
    ledger = run_list.ledger
    add_execution(recording, "one more", NEWEST_RUNS)
    assert run_list.look()[0].job == "one more"
    assert run_list.ledger is ledger


def test_a_run_that_goes_on_is_as_long_as_it_has_gone_on(recording: Recording) -> None:
    recording.execution |= {"status": "RUNNING", "stopDate": None}
    (run,) = RunList(recording.clients).look()
    first, second = (run.to_json_object()["seconds"] for _time in range(2))
    assert 0 < first < second


def test_another_look_finds_the_same_until_something_happens(recording: Recording) -> None:
    run_list = RunList(recording.clients)
    assert recording.ledger
    last = recording.ledger.pop()
    before = run_list.look()
    assert run_list.look() == before
    recording.ledger.append(last)
    assert run_list.look() != before


def test_where_another_sandbox_has_taken_its_place_the_old_events_are_forgotten(recording: Recording) -> None:
    run_list = RunList(recording.clients)
    run_list.look()
    recording.executions.clear()
    recording.ledger = []
    assert run_list.look() == ()
    assert run_list.ledger.new_events(0) == ((), 0)


def test_a_machine_without_runs_is_no_sign_of_another_sandbox(recording: Recording) -> None:
    recording.stack = replace(STACK, machines=(*STACK.machines, replace(MACHINE, name="Idle")))
    run_list = RunList(recording.clients)
    run_list.look()
    ledger = run_list.ledger
    assert [run.job for run in run_list.look()] == [recording.job]
    assert run_list.ledger is ledger


def test_what_is_deployed_while_somebody_looks_is_followed(recording: Recording) -> None:
    run_list = RunList(recording.clients)
    run_list.look()
    ledger = run_list.ledger
    recording.stack = replace(STACK, machines=(replace(MACHINE, columns=()),))
    (run,) = run_list.look()
    assert run.columns == {}
    assert run_list.ledger is ledger
    recording.stack = replace(STACK, name="another")
    with pytest.raises(NotBootstrappedError, match="no log group /aws/events/another"):
        run_list.look()


def test_where_nothing_says_what_the_stack_is_that_is_said(recording: Recording) -> None:
    recording.stack = None
    with pytest.raises(NotBootstrappedError, match=r"the-bucket does not say what the stack is: .*bootstrap up"):
        RunList(recording.clients).look()


def test_without_its_machine_it_says_what_to_do(recording: Recording) -> None:
    recording.trouble = client_error("StateMachineDoesNotExist")
    with pytest.raises(NotBootstrappedError, match="bootstrap up"):
        RunList(recording.clients).look()
