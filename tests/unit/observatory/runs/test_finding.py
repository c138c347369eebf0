"""Runs are found by what somebody wants to see, in the order that is wanted, page by page."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from observatory.errors import AmbiguousRunError, UnknownRunError, UnreadableWishError
from observatory.records.executions import Execution
from observatory.runs.finding import PAGE_RUNS, TREND_RUNS, Found, counterpart, find_runs, read_wanted
from observatory.runs.outcomes import Outcomes
from observatory.runs.runs import Run, RunList
from tests.unit.observatory.recordings import EXECUTIONS, STACK, Recording

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MACHINE = STACK.machines[0]


def run(job: str, minutes: int = 0, status: str = "SUCCEEDED", seconds: float = 1, **known: Any) -> Run:
    """A run that began so many minutes before noon."""
    started = NOON - timedelta(minutes=minutes)
    execution = Execution(f"{EXECUTIONS}:{job}", job, status, started, started + timedelta(seconds=seconds))
    return Run(execution, MACHINE, job, **known)


def find(runs: list[Run], **asked: str) -> Found:
    """Find runs of which nothing need be read."""
    recording = Recording("succeeded")
    recording.history.clear()
    outcomes = Outcomes(recording.clients, "name")
    return find_runs(runs, read_wanted(asked, STACK, NOON), outcomes, seconds=0)


def jobs(found: Found) -> str:
    return "".join(run.job for run in found.runs)


RUNS = [
    run("a", 1, "FAILED", 3, start={"seed": "Blue"}, items={"Ann Lee"}, columns={"people": 2}),
    run("b", 59, "TIMED_OUT", 1, start={"seed": "green"}, columns={"people": 30}),
    run("c", 61, "SUCCEEDED", 2, items={"Bo Ray"}, columns={"people": None}),
]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, "abc"),
        ({"status": "failed"}, "a"),
        ({"status": "FAILED,TIMED_OUT"}, "ab"),
        ({"machine": MACHINE.name, "since": "1h"}, "ab"),
        ({"until": "2026-03-01T11:30"}, "bc"),
        ({"since": "2026-03-01T12:00:30+01:00"}, "ab"),
        ({"text": "BLUE"}, "a"),
        ({"item": "ray"}, "c"),
        ({"error": "anything"}, ""),
        ({"sort": "oldest"}, "cba"),
        ({"sort": "slowest"}, "acb"),
        ({"sort": "fastest"}, "bca"),
        ({"sort": "people"}, "bac"),
        ({"since": "999999999d"}, "abc"),
        ({"status": " ", "page": "7"}, "abc"),
    ],
)
def test_runs_are_found_and_ordered(asked: dict[str, str], found: str) -> None:
    assert jobs(find(RUNS, **asked)) == found


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"status": "GONE"}, "there is no status 'GONE': give one of RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED"),
        ({"machine": "Nope"}, f"there is no machine 'Nope': give one of {MACHINE.name}"),
        ({"since": "soon"}, "since is 'soon': give how long ago, such as 5m, 1h or 2d, or a time in UTC"),
        ({"sort": "size"}, "there is no sort 'size': give one of newest, oldest, slowest, fastest, failures, people"),
        ({"page": "-1"}, "page is '-1': give a whole number from 1"),
        ({"colour": "red"}, "there is no filter 'colour': give one of status, machine, since"),
    ],
)
def test_what_cannot_be_wanted_is_said_with_what_can(asked: dict[str, str], said: str) -> None:
    with pytest.raises(UnreadableWishError) as refused:
        read_wanted(asked, STACK, NOON)
    assert str(refused.value).startswith(said)


def test_a_page_says_how_many_there_are_and_one_behind_the_last_is_the_last() -> None:
    many = [run(f"{number} ", number) for number in range(PAGE_RUNS + 3)]
    first, last = find(many), find(many, page="9")
    assert (len(first.runs), first.found, first.pages) == (PAGE_RUNS, PAGE_RUNS + 3, 2)
    assert ([one.job for one in last.runs], last.page) == (["50 ", "51 ", "52 "], 2)


def test_a_trend_is_the_durations_of_the_runs_before_and_its_own() -> None:
    many = [run(str(number), number, seconds=number) for number in range(20)]
    trends = find(many).trends
    assert trends["18"] == [19.0, 18.0]
    assert trends["0"] == [float(number) for number in reversed(range(TREND_RUNS))]


def test_a_run_is_compared_with_the_last_one_before_it_of_the_same_input() -> None:
    runs = [run("new", 0, start={"n": 1}), run("other", 1, start={"n": 2}), run("same", 2, start={"n": 1})]
    assert [counterpart(runs, job).job for job in ("latest", "oth")] == ["same", "same"]
    for job, said in (("same", "is the first of"), ("nope", "there is no run 'nope'")):
        with pytest.raises(UnknownRunError, match=said):
            counterpart(runs, job)


def test_of_a_run_that_no_event_started_the_last_one_before_it_is_its_counterpart() -> None:
    runs = [run("new", 0), run("other", 1, start={"n": 2}), run("by hand", 2)]
    assert counterpart(runs, "new").job == "other"


def test_a_run_is_meant_by_its_whole_id_and_no_other_that_begins_with_it() -> None:
    runs = [run("order-10", 0), run("order-1", 1), run("order-0", 2)]
    assert counterpart(runs, "order-1").job == "order-0"
    with pytest.raises(AmbiguousRunError, match="may be any of 3 runs"):
        counterpart(runs, "order")
    with pytest.raises(UnknownRunError, match="the id of the run is empty"):
        counterpart(runs, "")


def test_why_a_run_failed_is_read_once_and_found(recording: Recording) -> None:
    recording.execution |= {"status": "FAILED", "error": "An.Error", "cause": "of some kind"}
    run_list = RunList(recording.clients)
    for _time in range(3):
        found = find_runs(run_list.look(), read_wanted({"error": "SOME KIND"}, STACK, NOON), run_list.outcomes, 9)
        assert [(one.cause, one.failures) for one in found.runs] == [("An.Error: of some kind", 1)]
        assert found.is_complete
    assert [operation for operation, _asked in recording.asked].count("get_execution_history") == 1


@pytest.mark.parametrize(
    ("asked", "totals"),
    [
        ({}, [50, 60]),
        ({"sort": "totalCookiesConsumed"}, [60, 50]),
        ({"text": 'consumed": 50'}, [50]),
        ({"text": 'consumed": 11'}, []),
    ],
)
def test_a_run_that_has_ended_came_to_its_output_and_not_to_what_was_answered_in_it(
    recording: Recording, asked: dict[str, str], totals: list[int]
) -> None:
    recording.execution["output"] = '{"totalCookiesConsumed": 50}'
    earlier = recording.execution["startDate"] - timedelta(minutes=1)
    recording.add_execution("other", startDate=earlier, output='{"totalCookiesConsumed": 60}')
    run_list = RunList(recording.clients)
    for _time in range(2):
        found = find_runs(run_list.look(), read_wanted(asked, STACK, NOON), run_list.outcomes, 9)
        assert [one.columns["totalCookiesConsumed"] for one in found.runs] == totals
    assert [operation for operation, _asked in recording.asked].count("describe_execution") == 2


def test_outputs_that_decide_and_cannot_be_read_in_time_are_left_for_the_next_time(recording: Recording) -> None:
    run_list = RunList(recording.clients)
    wanted = read_wanted({"text": "nothing has this"}, STACK, NOON)
    assert not find_runs(run_list.look(), wanted, run_list.outcomes, seconds=0).is_complete


def test_what_cannot_be_read_in_time_is_left_for_the_next_time(recording: Recording) -> None:
    run_list = RunList(recording.clients)
    wanted = read_wanted({}, STACK, NOON)
    assert not find_runs(run_list.look(), wanted, run_list.outcomes, seconds=0).is_complete
    assert find_runs(run_list.look(), wanted, run_list.outcomes, seconds=9).is_complete


def test_a_run_whose_answer_does_not_say_how_many_items_it_had_is_looked_into(recording: Recording) -> None:
    recording.execution["name"] = "started by hand"
    run_list = RunList(recording.clients)
    (found,) = find_runs(run_list.look(), read_wanted({}, STACK, NOON), run_list.outcomes, 9).runs
    assert found.columns["people"] == 3, "the Map's length"


@pytest.fixture
def recording() -> Recording:
    return Recording("succeeded")
