"""States that only an error leads to are left out until one has led there."""

from typing import Any

import pytest

from observatory.diagrams.folding import fold
from observatory.diagrams.workflow import State, read_workflow
from observatory.records.reading_states import read_states
from observatory.records.states import States
from tests.stacks import system_of
from tests.unit.observatory.fakes import load_history

DEFINITION = system_of().definitions["EventdrivenMachine"]
WAY = {"GetMultiple", "ProcessMultiple", "ProcessSingle", "PostProcessAll", "Success"}


def names(states: tuple[State, ...]) -> set[str]:
    return {name for state in states for name in (state.name, *(names(sum(state.parts, ()))))}


def test_the_way_of_success_is_left() -> None:
    assert names(fold(read_workflow(DEFINITION, States()))) == WAY


def test_an_error_state_that_was_reached_is_there() -> None:
    states = read_states(load_history("failed"), DEFINITION, "name")
    entered = {run.name for run in states.runs}
    assert entered - WAY
    assert names(fold(read_workflow(DEFINITION, states))) == WAY | entered


@pytest.mark.parametrize(
    ("definition", "left"),
    [
        ({"A": {"Next": "B", "Catch": [{"Next": "B"}]}, "B": {}}, {"A", "B"}),
        ({"A": {"Next": "A", "Catch": [{"Next": "B"}]}, "B": {"Next": "C"}, "C": {"Next": "B"}}, {"A"}),
        ({"A": {"Catch": [{"Next": "B"}]}, "B": {"Next": "A"}}, {"A"}),
        ({"B": {"Next": "A"}, "A": {"Catch": [{"Next": "B"}]}}, {"A"}),
    ],
    ids=["both-ways-lead-there", "a-circle-of-error-states", "an-error-state-leads-back", "the-start-is-not-the-first"],
)
def test_only_what_nothing_else_leads_to_is_left_out(definition: dict[str, Any], left: set[str]) -> None:
    states = {name: {"Type": "Task"} | said for name, said in definition.items()}
    assert names(fold(read_workflow({"StartAt": "A", "States": states}, States()))) == left
