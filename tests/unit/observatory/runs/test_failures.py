import json
from datetime import UTC, datetime

import pytest

from observatory.records.reading_states import read_states
from observatory.records.states import States
from observatory.runs.failures import FailedRun, Failure, describe_failure, first_failure
from tests.unit.observatory.fakes import (
    EXECUTION,
    FakeClock,
    FakeEndpoint,
    NoLogGroupError,
    load_definition,
    load_history,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
CAUSE = {
    "function": "processSingle",
    "error": "ValueError",
    "message": "no city",
    "name": "Ann Lee",
    "requestId": "one",
}
LOG = [
    "START RequestId: other Version: $LATEST",
    "of another invocation",
    "REPORT RequestId: other\tDuration: 1.00 ms",
    "START RequestId: one Version: $LATEST",
    "looking\xa0up",
    "[ERROR] ValueError: no city\nTraceback",
    "END RequestId: one",
    "REPORT RequestId: one\tDuration: 1.00 ms",
]


@pytest.fixture
def endpoint() -> FakeEndpoint:
    endpoint = FakeEndpoint(FakeClock())
    endpoint.log = LOG
    return endpoint


def describe(endpoint: FakeEndpoint, failure: Failure) -> list[str]:
    return describe_failure(
        endpoint.clients, FailedRun(EXECUTION, NOON, failure, States()), endpoint.clock
    ).splitlines()


def test_the_cause_of_a_function_names_function_item_and_error() -> None:
    assert (
        str(Failure.read("ValueError", json.dumps(CAUSE), "name"))
        == "processSingle failed for Ann Lee: ValueError: no city"
    )


def test_nobody_is_named_where_a_function_worked_for_nobody() -> None:
    cause = {**CAUSE, "function": "getMultiple"}
    del cause["name"]

    assert str(Failure.read("ValueError", json.dumps(cause), "name")) == "getMultiple failed: ValueError: no city"


@pytest.mark.parametrize("cause", ["GetMultiple waited in vain", "[1]", "{}", '{"function": 7}', "{"])
def test_any_other_cause_is_told_as_it_is(cause: str) -> None:
    assert str(Failure.read("States.Timeout", cause, "name")) == f"States.Timeout: {cause}"


def test_a_failure_without_a_cause_is_its_error() -> None:
    assert str(Failure.read("States.Timeout", "", "name")) == "States.Timeout"


def test_what_the_invocation_has_logged_is_shown_and_nothing_of_others(endpoint: FakeEndpoint) -> None:
    assert describe(endpoint, Failure.read("ValueError", json.dumps(CAUSE), "name"))[1:] == [
        "  looking up",
        "  [ERROR] ValueError: no city",
        "  Traceback",
    ]


def test_a_log_that_comes_late_is_waited_for(endpoint: FakeEndpoint) -> None:
    endpoint.log_comes_after_looks = 3

    assert len(describe(endpoint, Failure.read("ValueError", json.dumps(CAUSE), "name"))) == 4


def test_a_log_that_never_comes_is_waited_for_no_longer_than_a_few_seconds(endpoint: FakeEndpoint) -> None:
    endpoint.log = []
    before = endpoint.clock.now()

    assert len(describe(endpoint, Failure.read("ValueError", json.dumps(CAUSE), "name"))) == 1
    assert 1 < endpoint.clock.now() - before < 5


def test_a_function_without_a_log_group_has_no_log(endpoint: FakeEndpoint) -> None:
    endpoint.failures["filter_log_events"] = NoLogGroupError()

    assert len(describe(endpoint, Failure.read("ValueError", json.dumps(CAUSE), "name"))) == 1


def test_a_failure_of_no_function_asks_for_no_log(endpoint: FakeEndpoint) -> None:
    describe(endpoint, Failure("States.Timeout", "GetMultiple waited in vain"))

    assert "filter_log_events" not in endpoint.calls


def test_where_the_failure_is_stored_is_shown_if_it_is(endpoint: FakeEndpoint) -> None:
    endpoint.objects[f"{EXECUTION}/0-failed.json"] = {}

    assert describe(endpoint, Failure("OddError", "odd"))[-1] == f"s3://the-bucket/{EXECUTION}/0-failed.json"


def test_the_first_state_that_failed_is_told_where_the_run_says_another_error(endpoint: FakeEndpoint) -> None:
    states = read_states(load_history("failing_map"), load_definition("failing_map"), "item")
    first = first_failure(states)
    assert first
    assert (first.name, first.item) == ("Bad", "bad")
    run = FailedRun(EXECUTION, NOON, Failure("States.Runtime", "of some kind"), states)
    assert describe_failure(endpoint.clients, run, endpoint.clock).splitlines() == [
        "States.Runtime: of some kind",
        "  the first to fail was Bad for bad: BadItem: this one is bad",
    ]


def test_what_the_run_says_itself_is_not_told_twice(endpoint: FakeEndpoint) -> None:
    states = read_states(load_history("failing_map"), load_definition("failing_map"), "item")
    run = FailedRun(EXECUTION, NOON, Failure("BadItem", "this one is bad"), states)
    assert describe_failure(endpoint.clients, run, endpoint.clock) == "BadItem: this one is bad"
