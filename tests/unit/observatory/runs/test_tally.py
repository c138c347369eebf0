"""What events add up to, in whatever order they come."""

import json
from typing import Any

from observatory.records.ledger import Event, read_event
from observatory.runs.tally import Tally

JOB = "the-job"


def event(detail_type: str, number: int = 1, **detail: Any) -> Event:
    body = {"id": JOB if detail_type == "placed" else f"event-{number}", "detail-type": detail_type, "detail": detail}
    read = read_event({"timestamp": number, "message": json.dumps(body)})
    assert read
    return read


def tally(*events: Event, keys: tuple[str, ...] = ("total",)) -> Tally:
    found = Tally(JOB)
    found.take(events, keys, "name")
    return found


def test_the_start_event_is_the_one_that_the_run_is_called_after() -> None:
    assert tally(event("done", total=3), event("placed", count=7)).start == {"count": 7}


def test_of_what_is_answered_only_what_is_worth_a_column_is_kept() -> None:
    assert tally(event("done", total=3, names=["Ann"])).answers == {"total": 3}


def test_a_list_of_the_same_name_is_no_value_for_a_column() -> None:
    assert tally(event("done", total=3), event("done", 2, total=[1, 2])).answers == {"total": 3}


def test_of_two_answers_the_later_counts() -> None:
    assert tally(event("done", total=3), event("done", 2, total=4)).answers == {"total": 4}


def test_an_event_that_is_no_answer_counts_and_says_nothing() -> None:
    found = tally(event("weighed", total=3))
    assert (found.answers, found.events, found.failures) == ({}, 1, 0)


def test_failures_are_counted() -> None:
    assert tally(event("failed"), event("failed", 2)).failures == 2


def test_the_items_are_known_that_events_are_about() -> None:
    assert tally(event("weighed", name="Ann"), event("weighed", 2, name="Bo"), event("done", 3)).items == {"Ann", "Bo"}
