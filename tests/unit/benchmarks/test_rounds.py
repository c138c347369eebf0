from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from benchmarks import rounds
from benchmarks.account import Run
from benchmarks.errors import BenchmarkError
from benchmarks.results import Results
from benchmarks.rounds import run_rounds
from benchmarks.subjects import SANDBOX, STOCK
from benchmarks.works import (
    AGAIN,
    EDIT,
    START,
    Group,
    Plan,
    first_at_a_time,
    first_run,
    memory_after,
    step_of,
    warm_run,
)

GROUPS = (
    Group(2, first=5, warm=(5, 5)),
    Group(40, first=50, warm=(20,), with_stock=False, with_memory=True),
)
OTHER = "other"


class FakeSubject:
    def __init__(self, name: str, log: list[str]) -> None:
        self.name = self.endpoint_url = name
        self.runs = False
        self._log = log

    def start(self) -> None:
        self.runs = True
        self._log.append(f"{self.name} start")

    def process(self) -> psutil.Process | None:
        return psutil.Process() if self.runs else None

    def stop(self) -> None:
        self.runs = False


class FakeAccount:
    """Does everything at once; *fail* may raise in place of it."""

    def __init__(self, name: str, log: list[str], fail: Callable[[str], None]) -> None:
        self._name = name
        self._log = log
        self._fail = fail

    def bootstrap(self, at_a_time: int) -> float:
        self._do(f"bootstrap {at_a_time}")
        return 0.5

    def run(self, people: int) -> Run:
        self._do(f"run {people}")
        return Run("an execution", float(people), 0)

    def steps(self, run: Run) -> dict[str, float]:
        return {"GetMultiple": run.seconds / 2}

    def _do(self, what: str) -> None:
        self._log.append(f"{self._name} {what}")
        self._fail(self._log[-1])


class Bench:
    """Rounds with three fake subjects, and the log of what they did."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.log: list[str] = []
        self.fail: Callable[[str], None] = lambda _what: None
        self.subjects = [FakeSubject(name, self.log) for name in (SANDBOX, STOCK, OTHER)]
        self.results = Results((SANDBOX, STOCK, OTHER), {})
        monkeypatch.setattr(rounds, "Account", lambda name: FakeAccount(name, self.log, self._fail))
        monkeypatch.setattr(rounds, "measure_edit", lambda *_arguments: 0.25)

    def run(self, number: int = 1, minutes: float = 10) -> int:
        """Do the rounds; every subject must be stopped then."""
        try:
            return run_rounds(Plan(number, minutes, GROUPS), self.subjects, self.results, Path(), lambda _text: None)
        finally:
            assert not [subject.name for subject in self.subjects if subject.runs]

    def _fail(self, what: str) -> None:
        self.fail(what)


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    return Bench(monkeypatch)


def raise_at(place: str, error: BaseException) -> Callable[[str], None]:
    def fail(what: str) -> None:
        if what == place:
            raise error

    return fail


def test_every_subject_does_all_of_its_work(bench: Bench) -> None:
    assert bench.run() == 1
    counts = {work: {name: len(values) for name, values in by.items()} for work, by in bench.results.values.items()}
    everyone, without_stock = dict.fromkeys((SANDBOX, STOCK, OTHER), 1), dict.fromkeys((SANDBOX, OTHER), 1)
    for work in (START, AGAIN, EDIT, first_run(5, 2)):
        assert counts[work] == everyone
    assert counts[warm_run(5, 2)] == dict.fromkeys(everyone, 2)
    for work in (first_at_a_time(50, 40), warm_run(20, 40), memory_after(20, 40)):
        assert counts[work] == without_stock
    assert bench.results.median(warm_run(20, 40), SANDBOX) == 20.0
    assert bench.results.median(step_of(warm_run(20, 40), "GetMultiple"), SANDBOX) == 10.0
    assert bench.results.failures == []


def test_subjects_take_turns_and_the_first_is_another_each_round(bench: Bench) -> None:
    bench.run(number=3)
    runs = [line.removesuffix(" run 5") for line in bench.log if line.endswith(" run 5")]
    turns = [runs[start : start + 3] for start in range(0, len(runs), 3)]
    assert turns == [[SANDBOX, STOCK, OTHER]] * 3 + [[STOCK, OTHER, SANDBOX]] * 3 + [[OTHER, SANDBOX, STOCK]] * 3


def test_a_failing_subject_is_noted_and_the_others_go_on(bench: Bench) -> None:
    bench.fail = raise_at(f"{OTHER} run 50", BenchmarkError("it died"))
    bench.run(number=2)
    assert [(failure.subject, failure.error) for failure in bench.results.failures] == [(OTHER, "it died")] * 2
    assert bench.results.median(warm_run(20, 40), OTHER) is None
    assert len(bench.results.values[warm_run(20, 40)][SANDBOX]) == 2
    assert len(bench.results.values[START][OTHER]) == 2


@pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeError("a bug")])
def test_everything_is_stopped_whatever_happens(bench: Bench, error: BaseException) -> None:
    bench.fail = raise_at(f"{STOCK} bootstrap 2", error)
    with pytest.raises(type(error)):
        bench.run()


def test_no_round_begins_that_would_end_too_late(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    # Each look at the clock is a minute later; a round looks eight times.
    monkeypatch.setattr(rounds, "time", SimpleNamespace(monotonic=partial(next, count(step=60))))
    assert bench.run(number=5, minutes=20) == 2
