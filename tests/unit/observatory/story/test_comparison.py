"""What tells a run from another one: new, gone, slower, faster, and what came out otherwise."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from observatory.records.reading_states import read_states
from observatory.story.comparison import change_of, compare
from observatory.story.story import Story
from tests.unit.observatory.fakes import load_definition, load_history
from tests.unit.observatory.recordings import Recording


@pytest.fixture
def before() -> Story:
    return Recording("succeeded").tell()


def test_a_run_differs_in_nothing_from_itself(before: Story) -> None:
    found = compare(before, before)
    assert {part.change for part in found.parts} == {"same"}
    assert (found.values, found.events, found.new_failures, found.gone_failures) == ((), {}, (), ())
    assert found.has_same_input


@pytest.mark.parametrize(
    ("first", "second", "is_same"),
    [
        ('{"orderId": 1}', '{"orderId":1}', True),
        ('{"orderId": 1}', '{"orderId": 2}', False),
        ("[1]", "[2]", False),
        (
            '{"detail-type": "start", "id": "a", "detail": {}}',
            '{"detail-type": "start", "id": "b", "detail": {}}',
            True,
        ),
        ('{"detail-type": "start", "detail": {"a": 1}}', '{"a": 1}', False),
    ],
)
def test_the_input_is_the_same_where_all_of_it_is(first: str, second: str, is_same: bool) -> None:
    recordings = Recording("succeeded"), Recording("succeeded")
    for recording, given in zip(recordings, (first, second), strict=True):
        recording.execution["input"] = given
    assert compare(*(recording.tell() for recording in recordings)).has_same_input == is_same


def test_each_state_and_function_is_there_for_each_item(before: Story) -> None:
    parts = {(part.kind, part.name, part.item) for part in compare(before, before).parts}
    people = {item for _kind, _name, item in parts if item}
    assert len(people) == 3
    assert {("function", "processSingle", one) for one in people} | {
        ("state", "ProcessSingle", one) for one in people
    } < parts
    assert ("state", "PostProcessAll", None) in parts


@pytest.mark.parametrize(
    ("names", "items"),
    [
        ({}, ["first › a", "first › b", "second › c"]),
        ({"a": None, "b": None, "c": None}, ["first › item 0", "first › item 1", "second › item 0"]),
        ({"b": "a", "second": "first"}, ["first › a", "first › a (1)", "first (1) › c"]),
    ],
)
def test_each_item_is_a_part_of_its_own(before: Story, names: dict[str, str | None], items: list[str]) -> None:
    states = read_states(load_history("nested"), load_definition("nested"), "item")
    named = (replace(item, label=names.get(item.label or "", item.label)) for item in states.items)
    story = replace(before, states=replace(states, items=tuple(named)))
    found = compare(story, story)
    assert sorted(part.item or "" for part in found.parts if part.name == "Weigh") == sorted(items)
    assert next(one.before[0] for one in found.names if one.name == "Weigh") == 3


def test_what_one_run_does_not_have_is_new_or_gone(before: Story) -> None:
    recording = Recording("succeeded")
    recording.logs["sideEffect"] = []
    after = recording.tell()
    changed = {(part.name, part.change) for part in compare(before, after).parts if part.change != "same"}
    assert changed == {("sideEffect", "gone")}
    assert {(one.name, one.change, one.after[0]) for one in compare(before, after).names if one.change != "same"} == {
        ("sideEffect", "gone", 0)
    }
    assert {one.change for one in compare(after, before).parts if one.name == "sideEffect"} == {"new"}


def test_what_takes_longer_is_slower(before: Story) -> None:
    recording = Recording("succeeded")
    for event in recording.history[-4:]:
        event["timestamp"] += timedelta(seconds=2)
    recording.execution["stopDate"] += timedelta(seconds=2)
    found = compare(before, recording.tell())
    assert [(part.name, part.change) for part in found.parts if part.change != "same"] == [("PostProcessAll", "slower")]


def test_what_came_out_otherwise_is_told_of_the_run_and_of_its_items(before: Story) -> None:
    recording = Recording("succeeded")
    answer = next(
        event
        for event in recording.history
        if '"numberOfCookiesConsumed"' in str(event.get("taskSucceededEventDetails"))
    )
    said = json.loads(answer["taskSucceededEventDetails"]["output"])
    name, had = said["name"], said["numberOfCookiesConsumed"]
    answer["taskSucceededEventDetails"]["output"] = json.dumps({**said, "numberOfCookiesConsumed": had + 1})
    recording.execution["output"] = json.dumps({"numberOfPeople": 3, "totalCookiesConsumed": 12})
    values = {(one.title, one.item): (one.before, one.after) for one in compare(before, recording.tell()).values}
    assert values["cookies", name] == (had, had + 1)
    assert values["cookies", None][1] == 12


def test_events_of_which_there_are_more_or_less_and_failures_of_one_run_are_told(before: Story) -> None:
    recording = Recording("succeeded")
    assert recording.ledger
    recording.ledger = [one for one in recording.ledger if '"async.done"' not in one["message"]]
    recording.execution |= {"status": "FAILED", "error": "An.Error", "cause": "of some kind"}
    found = compare(before, recording.tell())
    assert found.events == {"async.done": (3, 0)}
    assert found.new_failures == ("EventdrivenMachine ended with FAILED: An.Error: of some kind",)
    assert compare(recording.tell(), before).gone_failures == found.new_failures


def test_a_comparison_is_json(before: Story) -> None:
    found = json.loads(json.dumps(compare(before, before).to_json_object()))
    assert found["before"] == found["after"]
    assert {part["change"] for part in found["parts"]} == {"same"}
    assert found["names"][0]["before"]["count"] == 1


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [(1.0, 1.3, "slower"), (1.3, 1.0, "faster"), (1.0, 1.2, "same"), (0.001, 0.015, "same"), (0.0, 0.03, "slower")],
)
def test_only_what_differs_notably_is_slower_or_faster(before: float, after: float, change: str) -> None:
    assert change_of(before, after) == change
