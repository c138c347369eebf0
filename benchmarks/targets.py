"""What this sandbox is to reach, and whether it does."""

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks import ministack
from benchmarks.results import Results, divided
from benchmarks.subjects import OPEN, SANDBOX, STOCK
from benchmarks.works import AGAIN, EDIT, START, Work, first_run, memory_after, warm_run

Measure = Callable[[Results], float | None]

FEW, SOME, MANY = warm_run(5, 2), warm_run(50, 10), warm_run(500, 40)


@dataclass(frozen=True)
class Target:
    """A number that must not be exceeded.

    Args:
        work: What it is about.
        measure: How the number comes about.
        most: The largest that is good.
        unit: What it is a multiple of.
    """

    work: str
    measure: Measure
    most: float
    unit: str


@dataclass(frozen=True)
class Outcome:
    """What came of a target; *met* is None where it was not measured."""

    target: Target
    value: float | None

    @property
    def met(self) -> bool | None:
        """Whether the target is reached."""
        return None if self.value is None else self.value <= self.target.most


def _in_relation_to(other: str, work: Work) -> Measure:
    return lambda results: results.ratio(work, SANDBOX, other)


def _seconds(work: Work) -> Measure:
    return lambda results: results.median(work, SANDBOX)


def _per_person_in_relation(work: Work, to: Work) -> Measure:
    def measure(results: Results) -> float | None:
        ratio = divided(results.median(work, SANDBOX), results.median(to, SANDBOX))
        return divided(ratio, work.people / to.people)

    return measure


def _times_ministack(work: Work, most: float) -> Target:
    return Target(str(work), _in_relation_to(ministack.NAME, work), most, f"x {ministack.NAME}")


def _cost_of_permissions(work: Work) -> Target:
    return Target(f"{work}: with permissions", _in_relation_to(OPEN, work), 1.03, f"x {OPEN}")


TARGETS = (
    _times_ministack(FEW, 0.14),
    _times_ministack(SOME, 0.5),
    Target(str(SOME), _in_relation_to(STOCK, SOME), 1 / 9, f"x {STOCK}"),
    _times_ministack(MANY, 0.9),
    Target(f"{MANY}: time per person", _per_person_in_relation(MANY, SOME), 1.2, f"x that of {SOME.people} people"),
    _cost_of_permissions(SOME),
    _cost_of_permissions(MANY),
    _times_ministack(first_run(5, 2), 0.5),
    _times_ministack(START, 1),
    _times_ministack(AGAIN, 1),
    Target(str(EDIT), _seconds(EDIT), 1, "s"),
    _times_ministack(memory_after(500, 40), 1),
)


def outcomes(results: Results) -> list[Outcome]:
    """Hold the results against every target."""
    return [Outcome(target, target.measure(results)) for target in TARGETS]


def as_json(outcome: Outcome) -> dict[str, object]:
    """An outcome for results.json."""
    target = outcome.target
    return {
        "work": target.work,
        "target": target.most,
        "unit": target.unit,
        "value": outcome.value,
        "met": outcome.met,
    }
