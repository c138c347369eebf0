"""What the events of a run add up to, whatever order they come in and however often."""

import json
from typing import Any

import pytest

from observatory.records.ledger import Event, Ledger, read_event
from observatory.runs.tally import StateProgress, Tally
from tests.unit.observatory.recordings import Recording


def events_of(recording: Recording) -> tuple[Event, ...]:
    ledger = Ledger(recording.clients)
    ledger.refresh()
    return ledger.events(recording.job)


def event(detail_type: str, **detail: Any) -> Event:
    body = {"id": f"{detail_type} {detail}", "detail-type": detail_type, "detail": detail}
    read = read_event({"timestamp": 0, "message": json.dumps(body)})
    assert read
    return read


def tally(*events: Event) -> Tally:
    found = Tally()
    found.take(events)
    return found


def test_a_run_that_has_ended_is_summed_up() -> None:
    found = tally(*events_of(Recording("succeeded")))
    assert (found.people, found.people_done, found.cookies, found.seed) == (3, 3, 11, "x")
    assert (found.failures, found.events) == (0, 17)
    assert found.states == {
        "GetMultiple": StateProgress(1, 1),
        "ProcessSingle": StateProgress(3, 3),
        "PostProcessAll": StateProgress(1, 1),
    }


def test_the_order_of_the_events_does_not_matter() -> None:
    events = events_of(Recording("succeeded"))
    assert tally(*events) == tally(*reversed(events))


def test_a_run_that_waits_has_a_state_that_is_open() -> None:
    found = tally(*events_of(Recording("waiting")))
    assert found.cookies is None
    assert found.people == 3
    assert [state for state, progress in found.states.items() if progress.is_open] == ["ProcessSingle"]


def test_people_are_those_that_were_found_where_none_were_asked_for() -> None:
    assert tally(event("start")).people is None
    assert tally(event("start"), event("done", names=["Ann", "Bob"])).people == 2


def test_a_person_who_failed_has_been_dealt_with() -> None:
    state = {"stateName": "ProcessSingle", "name": "Ann"}
    found = tally(
        event("getUserProfile", TaskToken="a", **state),
        event("getUserProfile", TaskToken="b", **state),
        event("failed", TaskToken="a", **state),
        event("done", TaskToken="b", **state),
    )
    assert found.states["ProcessSingle"] == StateProgress(entered=2, done=1, failed=1)
    assert (found.people_done, found.failures) == (2, 1)


def test_of_two_answers_to_a_token_one_counts() -> None:
    state = {"stateName": "ProcessSingle", "TaskToken": "a"}
    assert tally(event("done", **state), event("done", n=2, **state), event("failed", **state)).people_done == 1


@pytest.mark.parametrize(
    "detail",
    [
        {"people": "many", "seed": ["x"], "names": "Ann"},
        {"people": True, "totalCookiesConsumed": "all"},
        {"stateName": ["a"], "TaskToken": {}},
    ],
)
@pytest.mark.parametrize("detail_type", ["start", "done", "failed"])
def test_what_anyone_may_have_written_does_no_harm(detail_type: str, detail: dict[str, Any]) -> None:
    found = tally(event(detail_type, **detail))
    assert (found.people, found.cookies, found.states) == (None, None, {})
