import json
from pathlib import Path
from typing import Any

import bootstrap
from observatory.records.history import PERSON_STATE, STEPS, Timeline, read_timeline
from tests.unit.observatory.fakes import load_history

MACHINE_DEFINITION = Path(bootstrap.__file__).parent / "machines" / "eventdriven_machine.asl.json"


def read(history: str, *, until: str | None = None) -> Timeline:
    """Read a recorded history, up to its first event of a type."""
    events: list[Any] = load_history(history)
    types = [event["type"] for event in events]
    return read_timeline(events[: types.index(until) + 1 if until else None])


def test_the_steps_are_those_of_the_machine() -> None:
    machine = json.loads(MACHINE_DEFINITION.read_text())
    path = [machine["StartAt"]]
    while following := machine["States"][path[-1]].get("Next"):
        path.append(following)

    assert tuple(path) == STEPS
    assert machine["States"]["ProcessMultiple"]["ItemProcessor"]["StartAt"] == PERSON_STATE


def test_a_history_that_has_not_begun_has_all_steps_ahead() -> None:
    assert read_timeline([]) == Timeline()
    assert [step.name for step in Timeline().steps] == list(STEPS)


def test_a_succeeded_execution_has_left_every_step_in_order() -> None:
    steps = read("succeeded").steps

    moments = [moment for step in steps for moment in (step.entered, step.exited)]
    assert None not in moments
    assert moments == sorted(moments, key=lambda moment: moment.timestamp() if moment else 0)


def test_names_and_cookies_come_from_the_done_events() -> None:
    timeline = read("succeeded")

    assert timeline.names == ("Valerie Lee", "Margaret Haynes", "Nicholas Farmer")
    assert {person.name: person.cookies for person in timeline.people} == {
        "Valerie Lee": 0,
        "Margaret Haynes": 8,
        "Nicholas Farmer": 6,
    }
    assert timeline.waiting_people == ()


def test_names_are_unknown_until_the_first_step_is_answered() -> None:
    assert read("succeeded", until="TaskSubmitted").names is None
    assert read("succeeded", until="TaskSucceeded").names is not None


def test_the_step_that_waits_is_the_one_not_left() -> None:
    waiting = [read("succeeded", until=until).waiting_step for until in ("TaskStateEntered", "MapStateStarted")]

    assert [step and step.name for step in waiting] == ["GetMultiple", "ProcessMultiple"]
    assert read("succeeded").waiting_step is None


def test_people_whose_turn_has_come_wait_until_their_cookies_are_counted() -> None:
    timeline = read("waiting_in_map")

    assert [person.name for person in timeline.waiting_people] == ["Margaret Haynes", "Valerie Lee"]
    assert timeline.names == ("Valerie Lee", "Margaret Haynes", "Nicholas Farmer")


def test_first_and_last_events_suffice_for_the_steps() -> None:
    events: list[Any] = load_history("succeeded")

    assert read_timeline(events[:12] + events[-12:]).steps == read_timeline(events).steps


def test_answers_that_are_no_objects_are_nobodys() -> None:
    events: list[Any] = load_history("succeeded")
    for event in events:
        if "taskSucceededEventDetails" in event:
            event["taskSucceededEventDetails"]["output"] = '["names"]'

    assert read_timeline(events).names is None


def test_a_step_that_was_left_because_it_failed_is_told_from_one_that_succeeded() -> None:
    failed = {step.name: step.failed for step in read("failed").steps}

    assert failed == {"GetMultiple": False, "ProcessMultiple": True, "PostProcessAll": False, "Success": False}


def test_the_turn_of_a_person_who_failed_is_over_without_cookies() -> None:
    timeline = read("tolerated")

    assert timeline.waiting_people == ()
    assert {person.name: person.cookies for person in timeline.people if person.cookies is None} == {
        "Margaret Haynes": None
    }
    assert not any(step.failed for step in timeline.steps)
