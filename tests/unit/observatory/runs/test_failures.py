"""What a run failed with, and what came first."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from observatory.records.reading_states import read_states
from observatory.records.states import FAILED, StateRun, States
from observatory.runs.failures import Failure, origin
from tests.unit.observatory.fakes import load_definition, load_history

CAUSE = {
    "function": "processSingle",
    "error": "ValueError",
    "message": "no city",
    "name": "Ann Lee",
    "requestId": "one",
}
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


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


def origin_of(machine: str) -> list[tuple[str, str | None, str | None]]:
    """The names, items and errors of what made a recorded run fail."""
    definition = load_definition(machine)
    states = read_states(load_history(machine), definition, "item")
    return [(state.name, state.item, state.error) for state in origin(states, definition)]


def test_what_failed_within_a_map_came_first() -> None:
    assert origin_of("failing_map") == [("Bad", "bad", "BadItem")]


def test_a_run_that_failed_by_a_handler_fails_by_the_state_that_waited_for_it() -> None:
    definition = load_definition()
    states = read_states(load_history("failed"), definition, "name")
    assert [state.name for state in origin(states, definition)] == ["ProcessSingle"]


def test_a_run_without_a_failure_has_none_that_came_first() -> None:
    assert origin(States(), {"StartAt": "One", "States": {"One": {"Type": "Succeed"}}}) == ()


DEFINITION = {
    "StartAt": "Ask",
    "States": {
        "Ask": {"Type": "Task", "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Note"}], "Next": "Tell"},
        "Tell": {"Type": "Task", "End": True},
        "Note": {"Type": "Task", "Next": "Lost"},
        "Lost": {"Type": "Fail", "Error": "Lost"},
    },
}


def state(number: int, name: str, error: str, *, caught: bool = False) -> StateRun:
    ended = NOON if caught else None
    return StateRun(number, name, "Task", NOON, status=FAILED, error=error, failed=NOON, exited=ended)


def test_what_fails_while_a_failure_is_handled_does_not_hide_it() -> None:
    states = States((state(1, "Ask", "NoAnswer", caught=True), state(2, "Note", "States.Runtime")))
    assert [one.error for one in origin(states, DEFINITION)] == ["NoAnswer", "States.Runtime"]


def test_what_fails_on_the_way_of_success_is_nobody_elses_fault() -> None:
    states = States((state(1, "Ask", "NoAnswer", caught=True), state(2, "Tell", "States.Timeout")))
    assert [one.error for one in origin(states, DEFINITION)] == ["States.Timeout"]


def test_a_failure_after_which_the_run_went_on_did_not_end_it() -> None:
    waiting = StateRun(2, "Tell", "Task", NOON)
    assert origin(States((state(1, "Ask", "NoAnswer", caught=True), waiting)), DEFINITION) == ()


def test_what_ends_a_run_while_it_handles_a_failure_does_not_hide_that() -> None:
    caught = state(1, "Ask", "NoAnswer", caught=True)
    assert origin(States((caught, StateRun(2, "Note", "Task", NOON))), DEFINITION) == (caught,)


def test_of_a_map_that_was_tried_again_what_failed_in_its_last_try_came_first() -> None:
    map_ = replace(state(1, "Each", "Second"), type="Map", tries=2)
    first, last = (
        replace(state(number, "Ask", error), parent=1, iteration=0, attempt=attempt)
        for number, (attempt, error) in enumerate(((1, "First"), (2, "Second")), start=2)
    )
    assert origin(States((map_, first, last)), load_definition("retried_map")) == (last,)
