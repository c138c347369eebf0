"""When a state is tried again, and when it times out."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from observatory.records.states import StateRun, Try
from observatory.story.retrying import deadline, heartbeat, next_invocation, next_try
from observatory.story.story import Story
from tests.unit.observatory.recordings import Recording

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
FAILED = BEGAN + timedelta(seconds=10)
RETRY = {"ErrorEquals": ["E"], "IntervalSeconds": 2, "BackoffRate": 3, "MaxAttempts": 2}


def story(status: str = "RUNNING", machine: Mapping[str, Any] | None = None, **said: Any) -> Story:
    told = Recording("succeeded").tell()
    definition = {"StartAt": "A", "States": {"A": {"Type": "Task", **said}}, **(machine or {})}
    return replace(told, definition=definition, execution=replace(told.execution, status=status, started=BEGAN))


def failed(tries: int = 1, error: str = "E", **changed: Any) -> StateRun:
    tried = tuple(Try(BEGAN, BEGAN, f"{error}: why") for _time in range(tries - 1))
    state = StateRun(1, "A", "Task", BEGAN, status="FAILED", tries=tries, tried=tried, failed=FAILED, error=error)
    return replace(state, **changed)


@pytest.mark.parametrize(
    ("retry", "tries", "seconds"),
    [
        (RETRY, 1, 2),
        (RETRY, 2, 6),
        (RETRY, 3, None),
        (RETRY | {"MaxDelaySeconds": 5}, 2, 5),
        ({"ErrorEquals": ["States.ALL"]}, 1, 1),
        ({"ErrorEquals": ["States.TaskFailed"]}, 3, 4),
        ({"ErrorEquals": ["Other"]}, 1, None),
    ],
)
def test_it_is_tried_again_as_its_retrier_says(retry: dict[str, Any], tries: int, seconds: int | None) -> None:
    due = next_try(story(Retry=[retry]), failed(tries))
    assert due == (None if seconds is None else FAILED + timedelta(seconds=seconds))


def test_tries_that_another_retrier_took_do_not_count() -> None:
    state = failed(tried=(Try(BEGAN, BEGAN, "Other: why"),), tries=2)
    due = next_try(story(Retry=[RETRY, {"ErrorEquals": ["Other"]}]), state)
    assert due == FAILED + timedelta(seconds=2)


@pytest.mark.parametrize(
    ("status", "changed"), [("FAILED", {}), ("RUNNING", {"caught_by": 1}), ("RUNNING", {"failed": None})]
)
def test_what_has_ended_or_was_caught_is_not(status: str, changed: dict[str, Any]) -> None:
    assert next_try(story(status, Retry=[RETRY]), failed(**changed)) is None


@pytest.mark.parametrize(
    ("said", "machine", "seconds"),
    [
        ({"TimeoutSeconds": 7}, {}, 7),
        ({"TimeoutSeconds": 7}, {"TimeoutSeconds": 5}, 5),
        ({}, {"TimeoutSeconds": 5}, 5),
        ({"TimeoutSecondsPath": "$.limits.longest"}, {}, 9),
        ({"TimeoutSecondsPath": "$.nothing"}, {}, None),
        ({"TimeoutSeconds": "{% 7 %}"}, {}, None),
        ({}, {}, None),
    ],
)
def test_what_goes_on_times_out_when_its_definition_says_or_the_machine_s(
    said: dict[str, Any], machine: dict[str, Any], seconds: int | None
) -> None:
    state = StateRun(1, "A", "Task", BEGAN, begun=BEGAN, given='{"limits": {"longest": 9}}')
    due = deadline(story(machine=machine, **said), state)
    assert due == (None if seconds is None else BEGAN + timedelta(seconds=seconds))
    assert deadline(story(machine=machine, **said), replace(state, status="SUCCEEDED")) is None


def test_the_time_of_a_machine_begins_anew_with_a_redrive() -> None:
    told = story(machine={"TimeoutSeconds": 5})
    redriven = replace(told, states=replace(told.states, redriven=FAILED))
    assert deadline(redriven, StateRun(1, "A", "Task", BEGAN, begun=FAILED)) == FAILED + timedelta(seconds=5)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [({"HeartbeatSeconds": 7}, 7), ({"HeartbeatSecondsPath": "$.limits.longest"}, 9), ({"TimeoutSeconds": 7}, None)],
)
def test_a_heartbeat_is_due_as_often_as_the_definition_says(said: dict[str, Any], seconds: int | None) -> None:
    state = StateRun(1, "A", "Task", BEGAN, begun=BEGAN, given='{"limits": {"longest": 9}}')
    assert heartbeat(story(**said), state) == seconds


@pytest.mark.parametrize(("number", "pause"), [(1, 60), (2, 120), (3, None)])
def test_lambda_tries_again_after_a_pause_that_grows_and_three_times_in_all(number: int, pause: int | None) -> None:
    told = Recording("waiting").tell()
    request = next(one.request_id for one in told.invocations if one.function == "postProcessSingle" and one.error)
    tries = [one for one in told.invocations if one.request_id == request][:number]
    ended = tries[-1].ended
    assert ended
    told = replace(told, told=ended, first_retry=60.0)
    assert next_invocation(told, tries) == (pause and ended + timedelta(seconds=pause))


def test_lambda_does_not_try_again_what_was_answered_with_failed_or_went_well_or_is_long_overdue() -> None:
    told = Recording("waiting").tell()
    tries = [one for one in told.invocations if one.function == "postProcessSingle" and one.error][:1]
    ended, event_id = tries[0].ended, tries[0].event_id
    assert ended and event_id
    told = replace(told, told=ended)
    assert next_invocation(told, tries)
    assert next_invocation(told, [replace(tries[0], error=None)]) is None
    assert next_invocation(replace(told, told=ended + timedelta(minutes=9)), tries) is None
    meta = {"fn": "postProcessSingle", "causationId": event_id}
    answer = replace(told.events[0], id="new", type="failed", body={"detail": {"meta": meta}})
    assert next_invocation(replace(told, events=(*told.events, answer)), tries) is None
