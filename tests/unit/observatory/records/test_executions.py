"""A run is found by its whole id, else by a beginning that is that of no other run."""

from dataclasses import replace

import pytest

from bootstrap.description import MachineSpec, StartSpec
from observatory.errors import AmbiguousRunError, UnknownRunError
from observatory.records import executions
from observatory.records.executions import choose_execution, find_execution, run_id
from tests.unit.observatory.recordings import STACK, Recording

EVENT = "151dfe08-c860-4e87-8cad-f637181de11e"
ARNS = [
    f"arn:aws:states:us-east-1:000000000000:execution:{name}"
    for name in ("A:order-10", "A:order-1", "A:order-2", "A:2x", f"A:{EVENT}_5c1d", "A:both", "B:both", "B:other")
]
OTHER = MachineSpec("Other", "other.asl.json", (StartSpec("start", "OtherRule"),))
TWO_MACHINES = replace(STACK, machines=(*STACK.machines, OTHER))


@pytest.fixture
def recording() -> Recording:
    return Recording("succeeded")


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("order-1", "A:order-1"),
        ("order-10", "A:order-10"),
        ("order-2", "A:order-2"),
        ("2", "A:2x"),
        (EVENT, f"A:{EVENT}_5c1d"),
        (EVENT[:8], f"A:{EVENT}_5c1d"),
        ("A:both", "A:both"),
        ("B:bo", "B:both"),
        ("B:order-1", None),
        ("nope", None),
    ],
)
def test_a_whole_name_goes_before_those_that_begin_with_it(wanted: str, found: str | None) -> None:
    arn = choose_execution(wanted, ARNS)
    assert (arn and arn.split(":execution:")[1]) == found


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("order", "'order' may be any of 3 runs: give one of A:order-10, A:order-1, A:order-2"),
        ("both", "'both' may be any of 2 runs: give one of A:both, B:both"),
        ("A:", "'A:' may be any of 6 runs: give one of A:order-10, A:order-1, A:order-2 ..."),
    ],
)
def test_where_several_could_be_meant_some_are_named(wanted: str, said: str) -> None:
    with pytest.raises(AmbiguousRunError) as refused:
        choose_execution(wanted, ARNS)
    assert str(refused.value) == said


def test_where_nothing_is_wanted_that_is_said() -> None:
    with pytest.raises(UnknownRunError, match="the id of the run is empty: give one, the beginning of it, or latest"):
        choose_execution("", ARNS)


def test_a_beginning_is_held_against_older_runs_too(recording: Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executions, "LARGEST_PAGE_EXECUTIONS", 1)
    arns = [recording.add_execution(name) for name in ("order-10", "order-1")]
    assert [find_execution(recording.clients, STACK, name).arn for name in ("order-10", "order-1")] == arns
    with pytest.raises(AmbiguousRunError):
        find_execution(recording.clients, STACK, "order")


def test_of_two_machines_that_one_event_starts_each_run_is_found(recording: Recording) -> None:
    arn = recording.add_execution(recording.job, "Other")
    assert find_execution(recording.clients, TWO_MACHINES, f"Other:{recording.job}").arn == arn
    with pytest.raises(AmbiguousRunError, match=f"Other:{recording.job}"):
        find_execution(recording.clients, TWO_MACHINES, recording.job)


def test_only_a_run_whose_event_starts_other_machines_is_asked_for_with_its_own() -> None:
    assert run_id(STACK, STACK.machines[0], "a") == "a"
    assert run_id(TWO_MACHINES, OTHER, "a") == "Other:a"
