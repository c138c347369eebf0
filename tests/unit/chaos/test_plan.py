"""What happens to a run is a function of its seed."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.chaos.plan import DEATHS, PUTS, RATES, STORAGE, Fault, Plan, Thing

SEEDS = st.integers(0, 10_000)
TEXTS = st.text(max_size=20)
THINGS = st.builds(Thing, TEXTS, TEXTS, TEXTS, TEXTS, st.integers(0, 100))
MANY_SEEDS = range(1, 201)

at_any_speed = settings(deadline=None)


def decisions(plan: Plan, thing: Thing) -> list[object]:
    return [plan.delivery(thing), plan.put(thing), plan.death(thing), plan.throttled(thing), plan.storage(thing)]


@at_any_speed
@given(SEEDS, st.lists(THINGS, max_size=5))
def test_a_seed_decides_the_same_whatever_else_it_has_decided_before(seed: int, others: list[Thing]) -> None:
    thing = Thing("FinisherRule", "done", "Ann Lee", "ProcessSingle", 0)
    used = Plan(seed)
    for other in others:
        decisions(used, other)
    assert decisions(used, thing) == decisions(Plan(seed), thing)
    assert used.start_detail == Plan(seed).start_detail


@at_any_speed
@given(SEEDS, THINGS)
def test_an_event_is_delivered_once_or_twice_unless_it_is_dropped(seed: int, thing: Thing) -> None:
    faults, seconds = Plan(seed).delivery(thing)
    assert len(seconds) == (0 if Fault.DROPPED in faults else 2 if Fault.DUPLICATED in faults else 1)
    assert all(0 <= delay <= 2 for delay in seconds)
    assert any(seconds) <= bool({Fault.DELAYED, Fault.REORDERED} & set(faults))


@at_any_speed
@given(SEEDS, THINGS)
def test_nothing_happens_that_is_not_among_the_seeds_faults(seed: int, thing: Thing) -> None:
    plan = Plan(seed)
    happened = {*plan.delivery(thing)[0], plan.put(thing), plan.death(thing)[0], plan.storage(thing)[0]} - {None}
    assert happened <= plan.rates.keys()
    assert plan.throttled(thing) <= (Fault.THROTTLED in plan.rates)


def test_one_seed_of_ten_is_calm_and_every_fault_is_the_only_one_of_another() -> None:
    rates = [Plan(seed).rates for seed in MANY_SEEDS]
    assert sum(not rate for rate in rates) == len(rates) / 10
    assert {fault for rate in rates if len(rate) == 1 for fault in rate} == set(Fault)
    assert max(map(len, rates)) > 5


def test_things_that_differ_in_anything_meet_different_faults() -> None:
    plan = next(Plan(seed) for seed in MANY_SEEDS if Plan(seed).rates.keys() == {Fault.KILLED})
    place, what, person, state = "bus", "done", "Ann Lee", "ProcessSingle"
    for varied in (
        [Thing(f"{place}{n}", what, person, state, 0) for n in range(100)],
        [Thing(place, what, f"{person}{n}", state, 0) for n in range(100)],
        [Thing(place, what, person, state, n) for n in range(100)],
    ):
        assert {plan.death(thing)[0] for thing in varied} == {None, Fault.KILLED}


def test_every_fault_has_a_rate_and_a_place() -> None:
    delivery = {Fault.DROPPED, Fault.DELAYED, Fault.REORDERED, Fault.DUPLICATED}
    assert RATES.keys() == set(Fault) == {*delivery, *PUTS, *DEATHS, *STORAGE, Fault.THROTTLED}
