"""getMultiple: the names of a run."""

import pytest

from handlers.get_multiple import lambda_handler
from tests.unit.handlers.fakes import FakeBus
from tests.unit.handlers.samples import CONTEXT, sample


def names_of(bus: FakeBus, execution: str = "an execution", **start: object) -> list[str]:
    """The names that getMultiple emits for a start event."""
    lambda_handler(sample("get_users", execution=execution, start=start), CONTEXT)
    assert bus.entries[-1]["DetailType"] == "done"
    names: list[str] = bus.details[-1]["names"]
    return names


@pytest.mark.parametrize("people", [0, 1, 20, 2500])
def test_there_are_as_many_names_as_people_asked_for_and_no_two_alike(bus: FakeBus, people: int) -> None:
    names = names_of(bus, people=people)
    assert len(names) == len(set(names)) == people


def test_without_a_number_there_are_0_to_19_people(bus: FakeBus) -> None:
    numbers = {len(names_of(bus, execution=str(number))) for number in range(200)}
    assert numbers == set(range(20))


def test_no_number_and_null_are_the_same(bus: FakeBus) -> None:
    assert names_of(bus, people=None) == names_of(bus)


def test_the_same_event_gives_the_same_names_again(bus: FakeBus) -> None:
    assert names_of(bus) == names_of(bus)
    assert names_of(bus, people=20) == names_of(bus, people=20)


def test_another_execution_has_other_names(bus: FakeBus) -> None:
    assert names_of(bus, "one", people=20) != names_of(bus, "other", people=20)


def test_the_same_seed_gives_the_same_people_in_another_execution(bus: FakeBus) -> None:
    assert names_of(bus, "one", seed=7) == names_of(bus, "other", seed=7)
    assert names_of(bus, "one", seed=7, people=20) == names_of(bus, "other", seed=7, people=20)


@pytest.mark.parametrize("people", [-1, 2501, 1_000_000, 2.5, 3.0, True, False, "3", "", [3], {}])
def test_any_other_number_is_an_error_that_shows_it_and_the_range(bus: FakeBus, people: object) -> None:
    lambda_handler(sample("get_users", start={"people": people}), CONTEXT)
    assert bus.failure["error"] == "PeopleError"
    assert f"is {people!r}: give a whole number from 0 to 2500" in bus.failure["message"]
