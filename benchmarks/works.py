"""What is measured, and how much of it in one go."""

from dataclasses import dataclass, replace

SECONDS = "s"
MEBIBYTES = "MiB"


@dataclass(frozen=True, order=True)
class Work:
    """Something that takes time or memory.

    Args:
        name: What it is.
        people: How many people a run has.
        at_a_time: How many of them the Map works on at the same time.
        unit: What it is measured in.
        step: The part of it that is meant, if it is not all.
    """

    name: str
    people: int = 0
    at_a_time: int = 0
    unit: str = SECONDS
    step: str = ""

    def __str__(self) -> str:
        size = f", {self.people} people, {self.at_a_time} at a time" if self.people else ""
        return f"{self.name}{size}"


WARM_RUN = "warm run"
MEMORY = "memory of all processes after a run"

START = Work("start to bootstrapped")
AGAIN = Work("bootstrap again, nothing changed")
EDIT = Work("edit a handler, until the next run uses it")


def first_run(people: int, at_a_time: int) -> Work:
    """The very first run of a system, which has to start what executes handlers."""
    return Work("first run after start", people, at_a_time)


def first_at_a_time(people: int, at_a_time: int) -> Work:
    """The first run in which so many handlers execute at the same time."""
    return Work("first run with so many at a time", people, at_a_time)


def warm_run(people: int, at_a_time: int) -> Work:
    """A run after one that was as wide."""
    return Work(WARM_RUN, people, at_a_time)


def memory_after(people: int, at_a_time: int) -> Work:
    """The memory of the emulator with all processes that it started, as PSS."""
    return Work(MEMORY, people, at_a_time, MEBIBYTES)


def step_of(run: Work, step: str) -> Work:
    """The part of a run that is spent in one state of the machine."""
    return replace(run, step=step)


@dataclass(frozen=True)
class Group:
    """Runs with the same number of people at a time.

    Args:
        at_a_time: How many.
        first: The people of the first of these runs, which is not warm.
        warm: The people of each warm run, in their order.
        with_stock: Whether stock LocalStack takes part; its wide runs would take minutes.
        with_memory: Whether memory is measured after each run.
    """

    at_a_time: int
    first: int
    warm: tuple[int, ...]
    with_stock: bool = True
    with_memory: bool = False


@dataclass(frozen=True)
class Plan:
    """How much of everything.

    Args:
        rounds: How often all is started anew.
        minutes: No round begins that would end later, going by the longest so far.
        groups: The runs of a round; its very first one is the first of these.
    """

    rounds: int
    minutes: float
    groups: tuple[Group, ...]


FULL = Plan(
    rounds=5,
    minutes=40,
    groups=(
        Group(2, first=5, warm=(5, 5, 5)),
        Group(10, first=20, warm=(50,)),
        Group(40, first=50, warm=(5, 20, 50, 200, 500), with_stock=False, with_memory=True),
    ),
)
QUICK = Plan(
    rounds=1,
    minutes=3,
    groups=(Group(2, first=5, warm=(5, 5, 5)), Group(10, first=20, warm=(50, 50, 50), with_stock=False)),
)
