import pytest

from benchmarks import ministack
from benchmarks.results import Results
from benchmarks.subjects import OPEN, SANDBOX, STOCK
from benchmarks.targets import FEW, MANY, SOME, TARGETS, Outcome, as_json, outcomes
from benchmarks.works import AGAIN, EDIT, START, Work, first_run, memory_after

EXPECTED: dict[str, tuple[Work, str, float]] = {
    str(work): (work, to, most)
    for work, to, most in (
        (FEW, ministack.NAME, 0.14),
        (MANY, ministack.NAME, 0.9),
        (first_run(5, 2), ministack.NAME, 0.5),
        (START, ministack.NAME, 1),
        (AGAIN, ministack.NAME, 1),
        (memory_after(500, 40), ministack.NAME, 1),
    )
}


def outcomes_of(*values: tuple[Work, str, float]) -> list[Outcome]:
    """What comes of the targets when just these values were measured."""
    results = Results((SANDBOX, STOCK, ministack.NAME), {})
    for work, subject, value in values:
        results.add(work, subject, value)
    return [outcome for outcome in outcomes(results) if outcome.met is not None]


@pytest.mark.parametrize("name", EXPECTED)
def test_a_target_in_relation_is_met_up_to_its_limit(name: str) -> None:
    work, other, most = EXPECTED[name]
    (at_limit,) = outcomes_of((work, SANDBOX, 10 * most), (work, other, 10))
    assert (at_limit.target.work, at_limit.value, at_limit.met) == (name, most, True)
    (above,) = outcomes_of((work, SANDBOX, 10.1 * most), (work, other, 10))
    assert above.met is False


def test_fifty_people_are_held_against_both_others() -> None:
    reached = outcomes_of((SOME, SANDBOX, 2.2), (SOME, ministack.NAME, 4.0), (SOME, STOCK, 20.0))
    assert [(outcome.target.unit, outcome.met) for outcome in reached] == [
        ("x MiniStack", False),
        ("x LocalStack", True),
    ]
    (against_stock,) = outcomes_of((SOME, SANDBOX, 2.3), (SOME, STOCK, 20.0))
    assert against_stock.met is False


@pytest.mark.parametrize(("seconds", "met"), [(24.0, True), (24.1, False)])
def test_five_hundred_people_may_take_a_fifth_more_each_than_fifty(seconds: float, met: bool) -> None:
    (outcome,) = outcomes_of((SOME, SANDBOX, 2.0), (MANY, SANDBOX, seconds))
    assert outcome.value == pytest.approx(seconds / 20)
    assert outcome.met is met


@pytest.mark.parametrize("work", [SOME, MANY])
def test_permissions_may_cost_three_percent(work: Work) -> None:
    (good,) = outcomes_of((work, SANDBOX, 2.05), (work, OPEN, 2.0))
    (bad,) = outcomes_of((work, SANDBOX, 2.07), (work, OPEN, 2.0))
    assert (good.target.work, good.met, bad.met) == (f"{work}: with permissions", True, False)


def test_an_edit_takes_a_second_at_most() -> None:
    (good,) = outcomes_of((EDIT, SANDBOX, 1.0))
    (bad,) = outcomes_of((EDIT, SANDBOX, 1.01))
    assert (good.met, bad.met) == (True, False)


def test_what_was_not_measured_is_neither_met_nor_missed() -> None:
    unmeasured = outcomes(Results((SANDBOX,), {}))
    assert len(unmeasured) == len(TARGETS)
    assert {outcome.met for outcome in unmeasured} == {None}


def test_an_outcome_is_written_with_its_limit() -> None:
    (outcome,) = outcomes_of((EDIT, SANDBOX, 0.4))
    assert as_json(outcome) == {"work": str(EDIT), "target": 1, "unit": "s", "value": 0.4, "met": True}
