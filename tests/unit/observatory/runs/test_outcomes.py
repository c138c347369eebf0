"""How many things failed for good, by what the history of a run says."""

from datetime import UTC, datetime

import pytest

from observatory.records.reading_states import read_states
from observatory.records.states import StateRun, States
from observatory.runs.outcomes import count_failures
from tests.unit.observatory.fakes import load_definition, load_history

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("history", "machine", "status", "count"),
    [
        ("succeeded", None, "SUCCEEDED", 0),
        # Two people, of whom the first has failed the Map, and with it the run.
        ("failed", None, "FAILED", 2),
        # One person, whom the machine has written down and gone on without.
        ("tolerated", None, "SUCCEEDED", 1),
        ("failing_map", "failing_map", "FAILED", 1),
        ("waits_timed_out", "waits", "FAILED", 2),
        # A branch that was caught; what was tried again until it went well is none.
        ("parallel_caught", "parallel", "SUCCEEDED", 1),
        ("retries", "retries", "SUCCEEDED", 1),
        # Nothing in it failed, but it has not come to its end.
        ("waiting_in_map", None, "ABORTED", 1),
        ("waiting_in_map", None, "RUNNING", 0),
    ],
)
def test_each_item_branch_or_step_that_failed_for_good_is_one(
    history: str, machine: str | None, status: str, count: int
) -> None:
    definition = load_definition(machine)
    states = read_states(load_history(history), definition, "item" if machine else "name")
    assert count_failures(states, status) == count


def test_of_a_map_that_was_tried_again_what_failed_in_its_last_try_failed_for_good() -> None:
    map_ = StateRun(1, "Each", "Map", NOON, tries=2, failed=NOON, exited=NOON, caught_by=1)
    first, last = (StateRun(10 + n, "Ask", "Task", NOON, 1, n, attempt=n, failed=NOON, caught_by=1) for n in (1, 2))
    assert count_failures(States((map_, first, last)), "SUCCEEDED") == 1
