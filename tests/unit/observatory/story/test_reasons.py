"""Why a state waits: how far its event has come, and what became of it there."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from observatory.records.denials import Denial
from observatory.records.functions import Readiness
from observatory.story.reasons import Wait, waits
from observatory.story.story import Story
from tests.unit.observatory.recordings import Recording

ADVICE = 'so nothing can bring it back: add "TaskToken.$": "$$.Task.Token" to its Detail'


def waiting_for_names(
    change: Callable[[dict[str, Any]], dict[str, Any]] = lambda event: event, *, answered: bool = True
) -> Recording:
    """A run whose first state waits; its events are changed, and what its function emitted may be missing."""
    recording = Recording("succeeded")
    recording.execution["status"] = "RUNNING"
    end = next(event["id"] for event in recording.history if event["type"] == "TaskSucceeded")
    recording.history = recording.history[: end - 1]
    events = [(line, json.loads(line["message"])) for line in recording.ledger or ()]
    kinds = {"start", "getUsers"} | ({"done"} if answered else set())
    first = [(line, event) for line, event in events if event["detail"].get("stateName") in {None, "GetMultiple"}]
    recording.ledger = [
        {**line, "message": json.dumps(change(event))} for line, event in first if event["detail-type"] in kinds
    ]
    if not answered:
        recording.logs["getMultiple"] = [
            line for line in recording.logs["getMultiple"] if "emitted" not in line["message"]
        ]
    return recording


def only_wait(story: Story) -> Wait:
    (wait,) = waits(story)
    return wait


def changed(kind: str, **detail: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Change the detail of the events of a kind; what is to be None is taken away."""

    def change(event: dict[str, Any]) -> dict[str, Any]:
        if event["detail-type"] != kind:
            return event
        new = {key: value for key, value in {**event["detail"], **detail}.items() if value is not None}
        return {**event, "detail": new}

    return change


def renamed(kind: str, new: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda event: {**event, "detail-type": new} if event["detail-type"] == kind else event


@pytest.mark.parametrize(
    ("recording", "why"),
    [
        (waiting_for_names(), "StepFinisher has not handed the token back"),
        (waiting_for_names(answered=False), "getMultiple ended and emitted nothing"),
        (waiting_for_names(changed("getUsers", TaskToken=None)), f"getUsers carries no task token, {ADVICE}"),
        (waiting_for_names(changed("done", TaskToken=None)), "getMultiple emitted done without the task token"),
        (waiting_for_names(changed("done", TaskToken="other")), "getMultiple emitted done with another task token"),
        (
            waiting_for_names(renamed("done", "async.done")),
            "getMultiple emitted async.done: no rule sends async.done to anyone, "
            "and StepFinisher takes done and failed",
        ),
        (waiting_for_names(renamed("getUsers", "getUser")), "no rule sends getUser to anyone: did you mean getUsers?"),
    ],
)
def test_it_is_said_what_became_of_the_event(recording: Recording, why: str) -> None:
    assert only_wait(recording.tell()).why == why


@pytest.fixture
def unheard() -> Story:
    """A run that waits for a function that is not heard of."""
    recording = waiting_for_names(answered=False)
    recording.logs["getMultiple"] = []
    return recording.tell()


def denial(story: Story, action: str, resource: str, source: str | None = None) -> Denial:
    return Denial(story.execution.started + timedelta(seconds=1), action, resource, "who", source, "not allowed", "")


def test_a_function_that_a_rule_may_not_invoke_is_told(unheard: Story) -> None:
    function, rule = "arn:aws:lambda:r:1:function:getMultiple", "arn:aws:events:r:1:rule/getMultipleRule"
    story = replace(unheard, denials=(denial(unheard, "lambda:InvokeFunction", function, rule),))
    assert only_wait(story).why == "getMultipleRule was not permitted to invoke getMultiple: not allowed"


def test_a_function_that_is_gone_is_told(unheard: Story) -> None:
    story = replace(unheard, readiness={"getMultiple": Readiness(exists=False)})
    assert only_wait(story).why == "getMultipleRule sends it to getMultiple, and there is no such function"


def test_a_function_that_may_be_throttled_is_told(unheard: Story) -> None:
    story = replace(unheard, readiness={"getMultiple": Readiness(concurrency=2)})
    assert (
        only_wait(story).why == "getMultiple has not begun: it may handle 2 at once, and is throttled while so many are"
    )


def test_a_finisher_that_may_not_be_started_or_may_not_hand_back_is_told() -> None:
    told = waiting_for_names().tell()
    starting = denial(told, "states:StartExecution", "arn:aws:states:r:1:stateMachine:StepFinisher")
    handing = denial(told, "states:SendTaskSuccess", "arn:aws:states:r:1:stateMachine:EventdrivenMachine")
    said = [only_wait(replace(told, denials=(one,))).why for one in (starting, handing)]
    assert said == [
        "FinisherRule was not permitted to start StepFinisher: not allowed",
        "StepFinisher was not permitted to hand the token back: not allowed",
    ]


def test_a_finisher_that_failed_is_told_with_what_it_said() -> None:
    recording = waiting_for_names()
    assert recording.ledger
    done = json.loads(recording.ledger[-1]["message"])
    body = {
        "id": "why-not",
        "detail-type": "notHandedBack",
        "detail": {"meta": {"causationId": done["id"]}, "why": {"Error": "Sfn.Odd", "Cause": "it is odd"}},
    }
    recording.ledger.append({**recording.ledger[-1], "message": json.dumps(body)})
    told = recording.tell()
    assert only_wait(told).why == "StepFinisher failed: Sfn.Odd: it is odd"
    handing = denial(told, "states:SendTaskSuccess", "arn:aws:states:r:1:stateMachine:EventdrivenMachine")
    why = only_wait(replace(told, denials=(handing,))).why
    assert why == "StepFinisher was not permitted to hand the token back: not allowed"


def test_an_event_of_another_source_is_told() -> None:
    recording = waiting_for_names()
    recording.ledger = []
    story = recording.tell()
    state = json.loads(json.dumps(story.definition["States"]["GetMultiple"]).replace('"project"', '"other"'))
    states = {**story.definition["States"], "GetMultiple": state}
    story = replace(story, definition={**story.definition, "States": states})
    assert only_wait(story).why == "its event has the source other, and the rules take those of project only"


def test_the_next_try_is_told_with_its_time() -> None:
    recording = Recording("waiting")
    story = recording.tell()
    assert all(wait.why.endswith("(try 3 of 3)") for wait in waits(story))
    tried = [one for one in story.invocations if one.function == "postProcessSingle"]
    first = {one.request_id: one for one in reversed(tried)}
    others = [one for one in story.invocations if one.function != "postProcessSingle"]
    story = replace(
        story,
        invocations=(*others, *first.values()),
        first_retry=60.0,
        told=max(one.ended for one in first.values() if one.ended) + timedelta(seconds=10),
    )
    assert all("(try 1 of 3, next in about " in wait.why for wait in waits(story))
    assert not any("next in" in wait.lasting for wait in waits(story))
