"""The picture of the machine: how far each state is, from events or from the history, and what it looks like."""

from typing import Any

import pytest

from bootstrap.stack import STACK
from observatory.diagrams.workflow import State, count_states, draw_workflow, fetch_definition, read_workflow
from observatory.records.executions import read_states
from observatory.runs.tally import StateProgress
from tests.stacks import system_of
from tests.unit.observatory.fakes import load_history
from tests.unit.observatory.recordings import Recording

DEFINITION = system_of().definitions[STACK.machines[0].name]
DONE = StateProgress(1, 1)
OPEN = StateProgress(1)


def conditions(states: tuple[State, ...]) -> dict[str, str]:
    """Those that are not idle."""
    objects = [found for state in states for found in state.to_json_objects()]
    return {found["name"]: found["class"] for found in objects if found["class"] != "idle"}


def by_events(status: str, people: int | None = None, **progress: StateProgress) -> dict[str, str]:
    return conditions(read_workflow(DEFINITION, progress, status, people))


def by_history(name: str, status: str) -> dict[str, str]:
    return conditions(read_workflow(DEFINITION, count_states(read_states(load_history(name))), status, 3))


def test_before_anything_happens_every_state_is_idle() -> None:
    assert by_events("RUNNING") == {}


def test_a_task_whose_token_is_out_waits() -> None:
    assert by_events("RUNNING", GetMultiple=OPEN) == {"GetMultiple": "waiting"}


def test_a_map_runs_while_some_of_its_people_are_not_done() -> None:
    found = by_events("RUNNING", 3, GetMultiple=DONE, ProcessSingle=StateProgress(2, 1))
    assert found == {"GetMultiple": "succeeded", "ProcessMultiple": "running", "ProcessSingle": "waiting"}


def test_a_map_has_succeeded_when_everyone_is_done() -> None:
    found = by_events("RUNNING", 3, GetMultiple=DONE, ProcessSingle=StateProgress(3, 3), PostProcessAll=OPEN)
    assert (found["ProcessMultiple"], found["PostProcessAll"]) == ("succeeded", "waiting")


def test_when_the_run_has_succeeded_so_has_every_state_on_the_way() -> None:
    done = {"GetMultiple": DONE, "ProcessSingle": StateProgress(3, 2), "PostProcessAll": OPEN}
    assert set(by_events("SUCCEEDED", 3, **done).values()) == {"succeeded"}


def test_a_run_of_nobody_has_a_map_that_succeeded() -> None:
    assert by_events("SUCCEEDED", 0, GetMultiple=DONE)["ProcessMultiple"] == "succeeded"


@pytest.mark.parametrize("status", ["FAILED", "TIMED_OUT", "ABORTED"])
def test_what_was_open_when_the_run_failed_has_failed(status: str) -> None:
    assert by_events(status, 3, GetMultiple=DONE, ProcessSingle=StateProgress(2, 1)) == {
        "GetMultiple": "succeeded",
        "ProcessMultiple": "failed",
        "ProcessSingle": "failed",
    }


def test_the_history_of_a_success_says_the_same_as_its_events() -> None:
    assert set(by_history("succeeded", "SUCCEEDED").values()) == {"succeeded"}


def test_the_history_of_a_failure_shows_the_way_that_it_took() -> None:
    found = by_history("failed", "FAILED")
    assert {name for name, condition in found.items() if condition == "failed"} == {
        "ProcessMultiple",
        "ProcessSingle",
        "PersonFailed",
        "Failed",
    }
    assert found["StoreFailure"] == found["MayAnyoneFail"] == "succeeded"
    assert "PostProcessAll" not in found


def test_a_failure_that_is_tolerated_fails_the_person_and_not_the_map() -> None:
    found = by_history("tolerated", "SUCCEEDED")
    assert (found["ProcessSingle"], found["ProcessMultiple"], found["PostProcessAll"]) == (
        "failed",
        "succeeded",
        "succeeded",
    )


def test_a_state_that_waits_is_told_by_the_history_as_well() -> None:
    assert by_history("waiting_for_report", "RUNNING")["PostProcessAll"] == "waiting"


def test_the_picture_has_every_state_and_whatever_may_follow_it() -> None:
    states = read_workflow(DEFINITION, {"ProcessSingle": StateProgress(3, 1, 1)}, "RUNNING", 6)
    picture = draw_workflow(states)
    lines = [line.strip() for line in picture.splitlines()]
    names = [*DEFINITION["States"], *DEFINITION["States"]["ProcessMultiple"]["ItemProcessor"]["States"]]
    assert all(any(f'"{name}' in line for line in lines) for name in names)
    assert 'subgraph s0x1["ProcessMultiple 1 of 6, 1 failed"]' in lines
    assert sum(line.startswith("class ") for line in lines) == len(names)
    assert "class s0x1 running" in lines
    assert "s0x0 --> s0x1" in lines
    assert any("-.->" in line for line in lines)


def test_a_name_in_a_machine_is_not_taken_for_markup() -> None:
    definition = {"States": {'<script>"];click': {"Type": "Pass", "End": True}}}
    assert "<" not in draw_workflow(read_workflow(definition, {}, "RUNNING", None))


def test_a_definition_is_asked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    recording, asked = Recording("succeeded"), []

    def describe(**arguments: Any) -> dict[str, Any]:
        asked.append(arguments)
        return {"definition": '{"States": {}}'}

    monkeypatch.setattr(recording, "describe_state_machine_for_execution", describe)
    clients = recording.clients
    assert fetch_definition(clients, "one") is fetch_definition(clients, "one")
    assert asked == [{"executionArn": "one"}]
