"""When a state is tried again, and when it times out."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from observatory.records.states import StateRun, Try
from observatory.story.retrying import deadline, next_try
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
