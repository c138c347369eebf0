"""The story of a run: all sources joined, exactly."""

import json
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from handlers.shared.detail_types import INVOCATION_FAILED
from observatory.diagrams.mermaid import flowchart
from observatory.errors import UnknownRunError
from observatory.records.states import Item, StateRun, States, Try
from observatory.story.explanation import explain
from observatory.story.story import Story
from tests.unit.observatory.recordings import Recording

HOURS_MILLISECONDS = 5 * 60 * 60 * 1000


@pytest.fixture
def recording() -> Recording:
    return Recording("succeeded")


@pytest.fixture
def story(recording: Recording) -> Story:
    return recording.tell()


def test_every_event_but_the_start_has_one_origin(story: Story) -> None:
    by_states = set(story.state_by_event)
    by_handlers = {event.id for event in story.events if story.emitter(event)}
    assert by_states | by_handlers == story.event_by_id.keys() - {story.job}
    assert not by_states & by_handlers


def test_every_cause_is_in_the_story(story: Story) -> None:
    assert set(story.effects) <= story.event_by_id.keys()


def test_every_invocation_has_the_event_it_handled(story: Story) -> None:
    handled = Counter(story.event_by_id[one.event_id or ""].type for one in story.invocations)
    assert handled == {"getUsers": 1, "getUserProfile": 3, "getUserCookies": 6, "generateReport": 1}


def test_an_effect_never_comes_before_its_cause(story: Story) -> None:
    for event in story.events:
        if (emitter := story.emitter(event)) and emitter.event_id:
            assert story.event_by_id[emitter.event_id].emitted <= emitter.started <= event.emitted


def test_the_start_event_comes_first_though_the_ledger_heard_of_it_late(recording: Recording) -> None:
    assert recording.ledger
    recording.ledger[0] |= {"timestamp": recording.ledger[-1]["timestamp"]}
    story = recording.tell()
    assert story.events[0].id == story.job
    assert story.events[0].emitted == story.execution.started


def test_a_person_is_told_from_the_others(story: Story) -> None:
    people = [state for state in story.states.runs if state.item]
    assert len({state.item for state in people}) == len(people) == 3
    for state in people:
        assert {story.item_of(event) for event in story.chain(state)} == {state.item}
        assert Counter(event.type for event in story.chain(state)) == {
            "getUserProfile": 1,
            "getUserCookies": 1,
            "done": 1,
            "async.done": 1,
        }


def test_states_are_entered_answered_and_left_in_this_order(story: Story) -> None:
    assert [state.name for state in story.states.inside[None]] == [
        "GetMultiple",
        "ProcessMultiple",
        "PostProcessAll",
        "Success",
    ]
    for state in story.states.runs:
        moments = [state.entered, state.emitted, state.answered, state.exited]
        known = [moment for moment in moments if moment]
        assert known == sorted(known)
        assert not state.is_open


def test_what_was_aborted_ended_with_that_try_of_what_it_is_in(story: Story) -> None:
    noon = story.execution.started

    def later(seconds: int) -> datetime:
        return noon + timedelta(seconds=seconds)

    first = Try(noon, later(2), "E: why")
    map_ = StateRun(1, "Each", "Map", noon, status="FAILED", tries=2, tried=(first,), failed=later(5))
    aborted = [StateRun(10 + number, "Ask", "Task", later(number), 1, 0, status="ABORTED") for number in (1, 4)]
    items = [Item(1, 0, later(number), status="ABORTED") for number in (1, 4)]
    story = replace(story, states=States((map_, *aborted), tuple(items)))
    assert [story.end_of(one) for one in aborted] == [later(2), later(5)]
    assert [story.end_of_item(one) for one in items] == [later(2), later(5)]


def test_the_objects_of_the_run_are_there(story: Story) -> None:
    names = Counter(found.key.rpartition("/")[2].partition("-")[0] for found in story.objects)
    assert names == {"0": 1, "basic": 3, "final": 3}


def test_a_consumer_that_emits_nothing_is_there_with_each_of_its_tries() -> None:
    story = Recording("waiting").tell()
    tries = Counter(one.event_id for one in story.invocations if one.function == "postProcessSingle")
    assert sorted(tries.values()) == [3, 3, 3]
    assert not set(tries) & {event.meta["causationId"] for event in story.events if event.type == "done"}


def test_an_invocation_of_another_run_is_left_out(recording: Recording) -> None:
    said = json.dumps({"message": "handling", "requestId": "r1", "eventId": "of another run"})
    recording.add_log("sideEffect", "START RequestId: r1 Version: 1", said)
    assert len(recording.tell().invocations) == 11


def test_an_invocation_that_did_not_reach_its_handler_is_kept_without_an_event(recording: Recording) -> None:
    recording.add_log("sideEffect", "START RequestId: r1 Version: 1", "[ERROR] Runtime.ImportModuleError: no")
    (lost,) = recording.tell().invocations_by_event[None]
    assert lost.error == "Runtime.ImportModuleError: no"


def test_what_lambda_says_of_a_crash_joins_the_invocation_with_its_event(recording: Recording) -> None:
    handled = next(one for one in recording.tell().events if one.type == "getUserCookies")
    recording.add_invocation_failure(handled.body, "processSingle", "r1")
    recording.add_log("processSingle", "START RequestId: r1 Version: 1", "[ERROR] Runtime.ImportModuleError: no")
    story = recording.tell()
    said = next(event for event in story.events if event.type == INVOCATION_FAILED)
    assert (said.job, said.cause_id, said.token) == (recording.job, handled.id, handled.token)
    assert story.emitter(said) in story.invocations_by_event[handled.id]
    assert story.invocations_by_event.get(None) is None
    assert said in story.chain(next(one for one in story.states.runs if one.item == story.item_of(handled)))
    assert [one.name for one in story.consumers_of(said)] == ["StepFinisher"]


def test_a_crash_of_another_run_at_the_same_time_is_left_out(recording: Recording) -> None:
    recording.add_invocation_failure({"id": "theirs", "detail": {"job": "another"}}, "processSingle", "r1")
    recording.add_log("processSingle", "START RequestId: r1 Version: 1", "[ERROR] Runtime.ImportModuleError: no")
    assert len(recording.tell().invocations) == 11


def test_what_came_of_an_event_that_was_sent_again_hours_later_is_told(recording: Recording) -> None:
    assert recording.ledger
    again = json.loads(recording.ledger[-1]["message"])
    again = {**again, "id": "again", "detail": {**again["detail"], "meta": {"replayOf": again["id"]}}}
    late = recording.ledger[-1]["timestamp"] + HOURS_MILLISECONDS
    recording.ledger.append({"timestamp": late, "message": json.dumps(again)})
    said = json.dumps({"message": "handling", "requestId": "r1", "eventId": "again"})
    for line in ("START RequestId: r1 Version: 1", said):
        recording.logs["sideEffect"].append({"logStreamName": "late", "timestamp": late + 9, "message": line})
    assert [one.function for one in recording.tell().invocations_by_event["again"]] == ["sideEffect"]


def test_a_function_that_others_hang_on_an_event_is_a_side_effect(recording: Recording) -> None:
    target = {"Id": "1", "Arn": "arn:aws:lambda:us-east-1:000000000000:function:mine"}
    pattern = json.dumps({"source": ["project"], "detail-type": ["done"]})
    recording.rules.append({"Name": "mineRule", "EventPattern": pattern, "Targets": [target]})
    found = {consumer.name: consumer.is_side_effect for consumer in recording.tell().consumers}
    assert found == {
        "EventdrivenMachine": False,
        "StepFinisher": False,
        "/aws/events/eventdriven-sandbox": True,
        "getMultiple": False,
        "processSingle": False,
        "postProcessSingle": False,
        "postProcessAll": False,
        "sideEffect": True,
        "mine": True,
    }


@pytest.mark.parametrize("pattern", [{"source": ["aws.s3"]}, {"detail-type": [{"prefix": "get"}]}])
def test_a_rule_that_cannot_be_understood_consumes_nothing(recording: Recording, pattern: dict[str, Any]) -> None:
    recording.rules[:] = [{"Name": "odd", "EventPattern": json.dumps(pattern), "Targets": [{"Id": "1", "Arn": "x"}]}]
    assert recording.tell().consumers == ()


@pytest.mark.parametrize("odd", [{"TaskToken": []}, {"name": {}}, {"meta": {"fn": [], "causationId": {}}}, {"meta": 7}])
def test_an_event_that_anyone_may_have_put_does_the_story_no_harm(recording: Recording, odd: dict[str, Any]) -> None:
    assert recording.ledger
    body = {"id": "odd", "detail-type": "done", "source": "project", "detail": {"job": recording.job, **odd}}
    recording.ledger.append({**recording.ledger[-1], "message": json.dumps(body)})
    story = recording.tell()
    assert len(story.events) == 18
    assert json.dumps(explain(story))
    assert flowchart(story)


def test_a_run_is_found_by_the_beginning_of_its_id(recording: Recording) -> None:
    assert recording.tell(recording.job[:8]).job == recording.job


def test_a_run_that_is_not_there_is_an_error_that_says_where(recording: Recording) -> None:
    with pytest.raises(UnknownRunError, match=r"http://127\.0\.0\.1:4566 has no run 'nope'"):
        recording.tell("nope")


def test_the_explanation_is_json_with_every_part(story: Story) -> None:
    said = json.loads(json.dumps(explain(story)))
    assert said["job"] == story.job
    assert [len(said[part]) for part in ("events", "invocations", "states", "objects")] == [17, 11, 7, 7]
    assert said["failures"] == said["waiting"] == said["unhandled"] == []
    assert {invocation["eventId"] for invocation in said["invocations"]} <= {event["id"] for event in said["events"]}
