"""The steps of a run: those entered, with how far what is in them is, and those ahead."""

from datetime import UTC, datetime
from typing import Any

import pytest

from bootstrap.description import ItemSpec, MachineSpec
from observatory.records.reading_states import read_states
from observatory.records.states import ABORTED, StateRun, States
from observatory.runs.steps import Step, items_step, steps
from tests.unit.observatory.fakes import MACHINE, load_definition, load_history

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SHOP = MachineSpec(
    "Shop", "", items={"EachOrder": ItemSpec("order", "orders"), "EachParcel": ItemSpec("parcel", "parcels")}
)


def read(history: str, machine: str | None, *, until: int | None = None) -> tuple[States, Any]:
    definition = load_definition(machine)
    item_key = "item" if machine else "name"
    return read_states(load_history(history)[:until], definition, item_key), definition


def names(found: tuple[Step, ...]) -> list[tuple[str, str | None, str]]:
    return [(step.name, step.status, step.progress) for step in found]


def test_before_anything_happened_all_steps_that_follow_each_other_are_ahead() -> None:
    states, definition = read("succeeded", None, until=1)
    assert [step.name for step in steps(states, definition, MACHINE)] == [
        "GetMultiple",
        "ProcessMultiple",
        "PostProcessAll",
        "Success",
    ]


def test_what_comes_after_a_choice_is_not_known_until_it_was_made() -> None:
    definition = load_definition("retries")
    assert [step.name for step in steps(States(), definition, SHOP)] == ["Send", "Recover", "Again"]


def test_what_a_run_went_through_is_in_its_order_each_state_once() -> None:
    states, definition = read("retries", "retries")
    assert names(steps(states, definition, SHOP)) == [
        ("Send", "FAILED", ""),
        ("Recover", "SUCCEEDED", ""),
        ("Again", "SUCCEEDED", ""),
        ("Once", "SUCCEEDED", ""),
        ("Done", "SUCCEEDED", ""),
    ]


def test_after_a_failure_that_was_caught_the_way_that_was_left_is_not_ahead() -> None:
    states, definition = read("parallel_caught", "parallel")
    assert [name for name, _status, _progress in names(steps(states, definition, SHOP))] == [
        "Prepare",
        "Both",
        "Release",
        "Cancelled",
    ]


def test_a_map_counts_its_items_and_a_parallel_its_branches() -> None:
    states, definition = read("nested", "nested")
    assert names(steps(states, definition, SHOP)) == [("EachOrder", "SUCCEEDED", "3 of 3 orders")]
    states, definition = read("parallel", "parallel")
    assert ("Both", "SUCCEEDED", "2 of 2 branches") in names(steps(states, definition, SHOP))
    states, definition = read("parallel_caught", "parallel")
    assert ("Both", "FAILED", "2 of 2 branches") in names(steps(states, definition, SHOP))


def test_a_map_that_goes_on_names_the_items_that_do() -> None:
    states, definition = read("nested", "nested", until=30)
    (step,) = steps(states, definition, SHOP)
    assert (step.status, step.progress) == ("RUNNING", "0 of 3 orders")
    assert [name for name, _since in step.open] == ["first", "second"]
    assert items_step(states, SHOP) == step


@pytest.mark.parametrize(("until", "progress"), [(27, "0 of 3 items"), (41, "1 of 3 items"), (None, "3 of 3 items")])
def test_a_map_that_is_tried_again_counts_its_items_anew(until: int | None, progress: str) -> None:
    states, definition = read("retried_map", "retried_map", until=until)
    (step,) = steps(states, definition, SHOP)
    assert step.progress == progress


def test_a_parallel_that_is_tried_again_counts_its_branches_anew() -> None:
    first = StateRun(1, "Both", "Parallel", NOON, tries=2)
    before = [StateRun(number, "Pick", "Task", NOON, 1, branch=number, attempt=1, status=ABORTED) for number in (2, 3)]
    again = StateRun(4, "Pick", "Task", NOON, 1, branch=0, attempt=2)
    (step,) = steps(States((first, *before, again)), load_definition("redriven"), SHOP)
    assert (step.progress, step.open) == ("0 of 2 branches", (("Pick", NOON),))


def test_a_run_that_is_in_no_map_has_no_items() -> None:
    states, _definition = read("parallel", "parallel", until=6)
    assert items_step(states, SHOP) is None
