"""The picture of the machine: how far each state is, and what it looks like."""

from typing import Any

import pytest

from observatory.diagrams.workflow import State, draw_workflow, read_workflow
from observatory.records.definitions import fetch_definition
from observatory.records.reading_states import read_states
from observatory.records.states import States
from tests.unit.observatory.fakes import load_definition, load_history
from tests.unit.observatory.recordings import Recording

DEFINITION = load_definition()


def workflow(history: str, machine: str | None = None, *, until: int | None = None) -> tuple[State, ...]:
    definition = load_definition(machine)
    item_key = "item" if machine else "name"
    return read_workflow(definition, read_states(load_history(history)[:until], definition, item_key))


def conditions(states: tuple[State, ...]) -> dict[str, str]:
    """Those that are not idle."""
    objects = [found for state in states for found in state.to_json_objects()]
    return {found["name"]: found["class"] for found in objects if found["class"] != "idle"}


def test_before_anything_happens_every_state_is_idle() -> None:
    assert conditions(read_workflow(DEFINITION, States())) == {}


def test_a_task_whose_token_is_out_waits_and_its_map_runs() -> None:
    found = conditions(workflow("waiting_in_map"))
    assert (found["ProcessMultiple"], found["ProcessSingle"]) == ("running", "waiting")
    assert conditions(workflow("waiting_for_report"))["PostProcessAll"] == "waiting"


def test_when_the_run_has_succeeded_so_has_every_state_on_the_way() -> None:
    assert set(conditions(workflow("succeeded")).values()) == {"succeeded"}


def test_a_failure_shows_the_way_that_it_took() -> None:
    found = conditions(workflow("failed"))
    assert {name for name, condition in found.items() if condition == "failed"} == {
        "ProcessMultiple",
        "ProcessSingle",
        "PersonFailed",
        "Failed",
    }
    assert found["StoreFailure"] == found["MayAnyoneFail"] == "succeeded"
    assert "PostProcessAll" not in found


def test_a_failure_that_is_tolerated_fails_the_state_and_not_the_map() -> None:
    found = conditions(workflow("tolerated"))
    assert (found["ProcessSingle"], found["ProcessMultiple"]) == ("failed", "succeeded")


def test_a_parallel_whose_branch_failed_has_failed_and_the_other_branch_was_aborted() -> None:
    found = conditions(workflow("parallel_caught", "parallel"))
    assert (found["Both"], found["Decline"], found["Pick"], found["Release"]) == (
        "failed",
        "failed",
        "aborted",
        "succeeded",
    )


def test_a_map_counts_its_items_also_where_it_is_in_another_map() -> None:
    objects = {found["name"]: found for state in workflow("nested", "nested") for found in state.to_json_objects()}
    counts = {
        name: [objects[name][key] for key in ("entered", "done", "total")] for name in ("EachOrder", "EachParcel")
    }
    assert counts == {"EachOrder": [3, 3, 3], "EachParcel": [3, 3, 3]}
    assert [(objects[name]["parent"], objects[name]["branch"]) for name in ("Weigh", "Bill", "Mail")] == [
        ("EachParcel", None),
        ("EachOrder", None),
        ("Bill", 1),
    ]


def test_what_was_tried_again_counts_as_it_is_in_the_last_try() -> None:
    (each,) = workflow("retried_map", "retried_map")
    assert [(one.entered, one.done, one.failed, one.condition) for one in (each, each.parts[0][0])] == [
        (3, 3, 0, "succeeded")
    ] * 2
    assert each.total == 3


def test_the_picture_has_every_state_and_whatever_may_follow_it() -> None:
    picture = draw_workflow(workflow("failed"))
    lines = [line.strip() for line in picture.splitlines()]
    names = [*DEFINITION["States"], *DEFINITION["States"]["ProcessMultiple"]["ItemProcessor"]["States"]]
    assert all(any(f'"{name}' in line for line in lines) for name in names)
    assert 'subgraph s1["ProcessMultiple 0 of 3, 2 failed"]' in lines
    assert 's2["ProcessSingle<br/>2 failed"]' in lines
    assert sum(line.startswith("class ") for line in lines) == len(names)
    assert "class s1 failed" in lines
    assert "s0 --> s1" in lines
    assert any("-.->" in line for line in lines)


def test_the_picture_of_a_parallel_has_a_box_for_each_branch() -> None:
    lines = [line.strip() for line in draw_workflow(workflow("parallel", "parallel")).splitlines()]
    boxes = [line for line in lines if line.startswith("subgraph")]
    assert [box.partition("[")[2] for box in boxes] == ['"Both"]', '"branch 0"]', '"branch 1"]']
    assert lines.count("end") == 3
    assert sum(line.startswith("class ") for line in lines) == 10


def test_a_name_in_a_machine_is_not_taken_for_markup() -> None:
    definition = {"States": {'<script>"];click': {"Type": "Pass", "End": True}}}
    assert "<" not in draw_workflow(read_workflow(definition, States()))


def test_a_definition_is_asked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    recording, asked = Recording("succeeded"), []

    def describe(**arguments: Any) -> dict[str, Any]:
        asked.append(arguments)
        return {"definition": '{"States": {}}'}

    monkeypatch.setattr(recording, "describe_state_machine_for_execution", describe)
    clients = recording.clients
    assert fetch_definition(clients, "one") is fetch_definition(clients, "one")
    assert asked == [{"executionArn": "one"}]
