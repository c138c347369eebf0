"""Histories: their length, their pages, their data."""

from typing import Any

import pytest

from tests.emulator.repairs.states.conftest import Machines, code, program

PASS = {"Type": "Pass", "End": True}
# Each item writes four events.
TOO_MANY_ITEMS = 6300


@pytest.fixture
def execution(patched_machines: Machines) -> str:
    """An execution with 126 events."""
    map_state = {"Type": "Map", "ItemProcessor": program(PASS, names="P"), "MaxConcurrency": 1, "End": True}
    arn: str = patched_machines.run(map_state, given=list(range(30)))["executionArn"]
    return arn


def page(machines: Machines, execution: str, **more: Any) -> tuple[list[int], str | None]:
    answer: Any = machines.api.get_execution_history(executionArn=execution, **more)
    return [event["id"] for event in answer["events"]], answer.get("nextToken")


def test_a_page_has_a_hundred_events_or_as_many_as_are_asked_for(patched_machines: Machines, execution: str) -> None:
    first, token = page(patched_machines, execution)
    second, last = page(patched_machines, execution, nextToken=token)
    assert (first, second, last) == ([*range(1, 101)], [*range(101, 127)], None)
    few, token = page(patched_machines, execution, maxResults=2)
    more, _token = page(patched_machines, execution, maxResults=2, nextToken=token)
    assert few + more == [1, 2, 3, 4]
    assert page(patched_machines, execution, maxResults=126) == ([*range(1, 127)], None)


def test_the_newest_come_first_when_that_is_asked_for(patched_machines: Machines, execution: str) -> None:
    first, token = page(patched_machines, execution, reverseOrder=True)
    second, last = page(patched_machines, execution, reverseOrder=True, nextToken=token)
    assert (first, second, last) == ([*range(126, 26, -1)], [*range(26, 0, -1)], None)
    assert page(patched_machines, execution, reverseOrder=True, maxResults=1)[0] == [126]


def test_a_token_that_was_not_given_out_is_refused(patched_machines: Machines, execution: str) -> None:
    ask = patched_machines.api.get_execution_history
    _events, token = page(patched_machines, execution)
    assert code(ask, executionArn=execution, nextToken="no token") == "InvalidToken"
    assert code(ask, executionArn=execution, nextToken=token, reverseOrder=True) == "InvalidToken"
    assert code(ask, executionArn=execution, maxResults=1001) == "ValidationException"


def test_data_is_left_out_when_that_is_asked_for(patched_machines: Machines, execution: str) -> None:
    ask = patched_machines.api.get_execution_history
    with_data = ask(executionArn=execution)["events"][0]["executionStartedEventDetails"]
    without = ask(executionArn=execution, includeExecutionData=False)["events"][0]["executionStartedEventDetails"]
    assert (set(with_data) - set(without), set(without)) == ({"input", "inputDetails"}, {"roleArn"})


def test_the_25000th_event_says_that_the_history_is_full(patched_machines: Machines) -> None:
    map_state = {"Type": "Map", "ItemProcessor": program(PASS, names="P"), "End": True, "ResultPath": None}
    ended = patched_machines.run(map_state, given=list(range(TOO_MANY_ITEMS)))
    assert (ended["status"], ended["error"]) == ("FAILED", "States.Runtime")
    assert ended["cause"] == "The execution reached the maximum number of history events (25000)."
    newest = patched_machines.api.get_execution_history(
        executionArn=ended["executionArn"], reverseOrder=True, maxResults=1
    )
    assert [(event["id"], event["type"]) for event in newest["events"]] == [(25_000, "ExecutionFailed")]
    assert (ended["redriveStatus"], ended["redriveStatusReason"]) == (
        "NOT_REDRIVABLE",
        "Execution history event limit exceeded",
    )
