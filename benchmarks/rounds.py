"""Start every subject, let all do the same work in turns, and stop them."""

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import psutil

from benchmarks.account import Account
from benchmarks.editing import measure_edit
from benchmarks.errors import BenchmarkError
from benchmarks.memory import proportional_mebibytes
from benchmarks.results import Failure, Results
from benchmarks.subjects import STOCK, Subject
from benchmarks.works import (
    AGAIN,
    EDIT,
    START,
    Group,
    Plan,
    Work,
    first_at_a_time,
    first_run,
    memory_after,
    step_of,
    warm_run,
)
from bootstrap.errors import BootstrapError
from emulator.ports import ServerError

Show = Callable[[str], object]
Do = Callable[[Subject], float]


def run_rounds(plan: Plan, subjects: Sequence[Subject], results: Results, folder: Path, show: Show) -> int:
    """Do round after round, as many as the plan has and its time allows.

    Args:
        plan: How much of everything.
        subjects: What is compared.
        results: Gets what is measured.
        folder: For files of the benchmark's own.
        show: Told what comes next.

    Returns:
        How many rounds were done.
    """
    began = time.monotonic()
    longest = 0.0
    for number in range(plan.rounds):
        round_began = time.monotonic()
        if round_began - began + longest > plan.minutes * 60:
            return number
        # Who comes first is not the same each time.
        first = number % len(subjects)
        order = (*subjects[first:], *subjects[:first])
        show_round = partial(_show_round, show, f"round {number + 1} of {plan.rounds}")
        Round(order, results, folder, show_round).run(plan.groups)
        longest = max(longest, time.monotonic() - round_began)
    return plan.rounds


def warm_disk_cache(subjects: Sequence[Subject], show: Show) -> None:
    """Start every subject once: an installation's very first start compiles what it imports.

    Args:
        subjects: What is compared.
        show: Told what comes next.

    Raises:
        BenchmarkError: One does not start.
    """
    for subject in subjects:
        show(f"{subject.name}: first start")
        try:
            subject.start()
        except ServerError as error:
            raise BenchmarkError(str(error)) from error
        finally:
            subject.stop()


def _show_round(show: Show, number: str, what: str) -> None:
    show(f"{number}: {what}")


class Round:
    """One time all of it.

    A subject that fails gets no more to do.

    Args:
        subjects: What is compared, in the order of their turns.
        results: Gets what is measured.
        folder: For files of the benchmark's own.
        show: Told what comes next.
    """

    def __init__(self, subjects: Sequence[Subject], results: Results, folder: Path, show: Show) -> None:
        self._subjects = list(subjects)
        self._results = results
        self._folder = folder
        self._show = show
        self._accounts = {subject.name: Account(subject.endpoint_url) for subject in subjects}

    def run(self, groups: Sequence[Group]) -> None:
        """Do everything, and stop all subjects whatever happens."""
        with ExitStack() as stack:
            for subject in self._subjects:
                stack.callback(subject.stop)
            first, *others = groups
            self._measure(START, lambda subject: self._start(subject, first.at_a_time))
            self._run(first_run(first.first, first.at_a_time))
            self._measure(AGAIN, lambda subject: self._account(subject).bootstrap(first.at_a_time))
            self._run_warm(first)
            # Not before the warm runs, for what is redeployed starts cold.
            self._measure(EDIT, lambda subject: measure_edit(self._account(subject), self._folder / "edited"))
            for group in others:
                self._run_group(group)

    def _run_group(self, group: Group) -> None:
        if not group.with_stock:
            self._leave_out(STOCK)
        at_a_time = group.at_a_time
        self._each(f"bootstrap, {at_a_time} at a time", lambda subject: self._account(subject).bootstrap(at_a_time))
        self._run(first_at_a_time(group.first, at_a_time))
        self._run_warm(group)

    def _run_warm(self, group: Group) -> None:
        for people in group.warm:
            self._run(warm_run(people, group.at_a_time), with_memory=group.with_memory)

    def _start(self, subject: Subject, at_a_time: int) -> float:
        began = time.monotonic()
        subject.start()
        self._account(subject).bootstrap(at_a_time)
        return time.monotonic() - began

    def _run(self, work: Work, *, with_memory: bool = False) -> None:
        def do(subject: Subject) -> None:
            run = self._account(subject).run(work.people)
            self._results.add(work, subject.name, run.seconds)
            process = subject.process()
            if with_memory and process:
                memory = memory_after(work.people, work.at_a_time)
                self._results.add(memory, subject.name, proportional_mebibytes(process))
            for step, seconds in self._account(subject).steps(run).items():
                self._results.add(step_of(work, step), subject.name, seconds)

        self._each(str(work), do)

    def _measure(self, work: Work, do: Do) -> None:
        self._each(str(work), lambda subject: self._results.add(work, subject.name, do(subject)))

    def _each(self, what: str, do: Callable[[Subject], object]) -> None:
        for subject in self._subjects.copy():
            self._show(f"{subject.name}: {what}")
            try:
                do(subject)
            except (BenchmarkError, BootstrapError, ServerError, psutil.Error) as error:
                self._results.failures.append(Failure(subject.name, what, str(error)))
                self._leave_out(subject.name)

    def _leave_out(self, name: str) -> None:
        for subject in self._subjects.copy():
            if subject.name == name:
                subject.stop()
                self._subjects.remove(subject)

    def _account(self, subject: Subject) -> Account:
        return self._accounts[subject.name]
