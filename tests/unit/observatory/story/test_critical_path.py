"""The critical path: without gaps, from the start of a run to its end."""

from dataclasses import replace
from itertools import pairwise

import pytest

from observatory.records.reading_states import read_states
from observatory.story.critical_path import critical_path, spent
from observatory.story.story import Story
from tests.unit.observatory.fakes import load_definition, load_history
from tests.unit.observatory.recordings import Recording


@pytest.fixture
def story() -> Story:
    return Recording("succeeded").tell()


def test_it_leads_from_start_to_end_without_a_gap(story: Story) -> None:
    path = critical_path(story)
    assert path[0].began == story.execution.started
    assert all(one.ended == next_one.began for one, next_one in pairwise(path))
    assert abs((path[-1].ended - story.ended).total_seconds()) < 0.05


def test_it_goes_through_the_person_that_was_last(story: Story) -> None:
    last = max((state for state in story.states.runs if state.item), key=lambda state: str(state.exited))
    assert {segment.item for segment in critical_path(story)} == {None, last.item}


def test_it_says_what_each_moment_was_spent_on(story: Story) -> None:
    whats = [segment.what for segment in critical_path(story) if segment.state == "ProcessSingle"]
    assert whats == [
        "the machine goes on",
        "ProcessSingle emits getUserProfile",
        "getUserProfile on its way to processSingle",
        "processSingle starts cold",
        "processSingle works",
        "getUserCookies on its way to postProcessSingle",
        "postProcessSingle works",
        "StepFinisher hands the token back",
        "the machine goes on",
    ]


def test_a_cold_start_is_told_from_the_wait_before_it(story: Story) -> None:
    path = [segment for segment in critical_path(story) if segment.state == "GetMultiple"]
    assert [(segment.what, segment.kind) for segment in path] == [
        ("the machine goes on", "machine"),
        ("GetMultiple emits getUsers", "machine"),
        ("getUsers on its way to getMultiple", "queue wait"),
        ("getMultiple starts cold", "cold start"),
        ("getMultiple works", "work"),
        ("StepFinisher hands the token back", "hand-back"),
        ("the machine goes on", "machine"),
    ]


def test_each_try_of_a_function_works_by_itself_and_between_them_is_the_back_off() -> None:
    recording = Recording("waiting")
    story = recording.tell()
    item = critical_path(story)[-1].item
    handled = next(one for one in story.events if one.type == "getUserCookies" and story.item_of(one) == item)
    request = next(one for one in story.invocations_by_event[handled.id] if one.error).request_id
    recording.add_invocation_failure(handled.body, "postProcessSingle", request, later=60_000)
    whats = [(one.what, one.kind) for one in critical_path(recording.tell()) if one.item == item]
    tries = [what for what in whats if what[0].startswith("postProcessSingle")]
    again = [("postProcessSingle waits to be tried again", "back-off"), ("postProcessSingle works", "work")]
    assert tries[-5:] == [("postProcessSingle works", "work"), *again, *again]
    assert ("getUserCookies on its way to postProcessSingle", "queue wait") in whats


def test_people_who_made_room_for_each_other_follow_each_other() -> None:
    recording = Recording("succeeded")
    # As with one at a time: each turn begins when the one before is over.
    people = [state for state in recording.tell().states.runs if state.item]
    first, second = sorted(people, key=lambda state: str(state.exited))[0], people[-1]
    entry = next(event for event in recording.history if event["id"] == second.id)
    turn = next(event for event in recording.history if event["id"] == entry["previousEventId"])
    assert first.exited
    ended = next(item.ended for item in recording.tell().states.items if item.label == first.item)
    entry["timestamp"] = turn["timestamp"] = ended
    order = dict.fromkeys(segment.item for segment in critical_path(recording.tell()) if segment.item)
    assert list(order) == [first.item, second.item]


def test_each_try_of_a_map_has_its_part_of_the_path(story: Story) -> None:
    states = read_states(load_history("retried_map"), load_definition("retried_map"), "item")
    (each,) = states.maps("Each")
    execution = replace(story.execution, started=each.entered, stopped=each.exited)
    path = critical_path(replace(story, execution=execution, states=states, events=(), invocations=()))
    entered = [states.by_id[number] for number in dict.fromkeys(segment.state_id for segment in path)]
    assert [(run.attempt, run.item) for run in entered] == [(1, "a"), (1, "c"), (2, "a"), (2, "c")]
    assert all(segment.seconds > 0 for segment in path)


def test_what_no_answer_came_to_is_told() -> None:
    path = critical_path(Recording("waiting").tell())
    assert path[-1].what == "no answer"
    assert path[-1].seconds > 5


def test_an_answer_that_is_a_failure_is_handed_back_as_well() -> None:
    recording = Recording("succeeded")
    answer = next(event for event in recording.history if event["type"] == "TaskSucceeded")
    answer["type"], answer["taskFailedEventDetails"] = "TaskFailed", {"error": "An.Error"}
    whats = [segment.what for segment in critical_path(recording.tell()) if segment.state == "GetMultiple"]
    assert whats[-2:] == ["StepFinisher hands the token back", "the machine goes on"]


def test_a_path_is_summed_up_in_its_order(story: Story) -> None:
    path = critical_path(story)
    sums = spent(path)
    assert sum(seconds for _times, seconds in sums.values()) == pytest.approx(sum(one.seconds for one in path))
    assert sum(times for times, _seconds in sums.values()) == len(path)
    assert next(iter(sums)) == (path[0].state, path[0].what)
