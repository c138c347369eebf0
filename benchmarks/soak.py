"""The command `python -m benchmarks.soak`: runs one after another and at once, start events, loads of the HTTP front.

Every report is checked. Memory, threads and open files of the sandbox are taken between the runs: what grows with each
run is a leak, apart from what LocalStack keeps of it (history, logs, objects). Of each load the peak is shown.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import psutil
from rich.console import Console
from rich.progress import track
from rich.table import Table
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from benchmarks.account import Account
from benchmarks.errors import BenchmarkError
from benchmarks.load import Peak, load, watched
from benchmarks.memory import proportional_mebibytes
from bootstrap.settings import load_settings
from emulator.options import options_of
from emulator.ports import ServerError
from emulator.server import Server

RUNS = 200
PEOPLE = 3
MEASURE_EVERY = 50
AT_ONCE = 20
PEOPLE_AT_ONCE = 50
STARTS = 5000
AT_A_TIME = 2
STATUS_FAILED = 1

SETTLE_TIMEOUT_SECONDS = 10
SETTLE_POLL_SECONDS = 0.5

console = Console(stderr=True, highlight=False)


@dataclass(frozen=True)
class Figures:
    """What the sandbox takes after something: the PSS of all processes, and threads and files of LocalStack itself."""

    after: str
    mebibytes: float
    threads: int
    open_files: int


def measure(process: psutil.Process, after: str) -> Figures:
    """Measure when what the last run started has come to its end.

    Args:
        process: LocalStack.
        after: What there was before.
    """
    threads: list[int] = []

    def is_settled() -> bool:
        threads.append(process.num_threads())
        return len(threads) > 1 and threads[-1] >= threads[-2]

    settling = Retrying(
        retry=retry_if_result(lambda settled: not settled),
        stop=stop_after_delay(SETTLE_TIMEOUT_SECONDS),
        wait=wait_fixed(SETTLE_POLL_SECONDS),
        retry_error_callback=lambda _state: None,
    )
    settling(is_settled)
    return Figures(after, proportional_mebibytes(process), min(threads), process.num_fds())


def run_in_turn(account: Account, process: psutil.Process, runs: Iterable[int], every: int) -> Iterator[Figures]:
    """Do runs one after another.

    Args:
        account: Where.
        process: LocalStack, which is measured.
        runs: Their numbers, from 1.
        every: After how many runs to measure.

    Raises:
        BenchmarkError: A run failed, or its report is wrong.
    """
    for number in runs:
        account.run(PEOPLE)
        if number % every == 0:
            yield measure(process, f"{number} runs")


def run_at_once(account: Account, runs: int, people: int) -> None:
    """Do runs at the same time.

    Args:
        account: Where.
        runs: How many.
        people: Of how many people each.

    Raises:
        BenchmarkError: A run failed, or its report is wrong.
    """
    with ThreadPoolExecutor(runs) as pool:
        for run in [pool.submit(account.run, people) for _ in range(runs)]:
            run.result()


def soak(show: Callable[[Figures], None]) -> None:
    """Start a sandbox, let it do all that, and stop it.

    Args:
        show: Told each time that was measured.

    Raises:
        BenchmarkError: A run failed, or its report is wrong.
        ServerError: LocalStack did not start.
    """
    settings = load_settings()
    with (
        tempfile.TemporaryDirectory() as folder,
        Server(Path(folder), settings.port).running(options_of(settings)) as server,
    ):
        process = server.process()
        if process is None:
            raise BenchmarkError(f"LocalStack ended: see {server.log}")
        account = Account(server.endpoint_url)
        account.bootstrap(AT_A_TIME)
        numbers = track(range(1, RUNS + 1), f"{RUNS} runs in turn", console=console)
        for figures in run_in_turn(account, process, numbers, MEASURE_EVERY):
            show(figures)
        with console.status(f"{AT_ONCE} runs of {PEOPLE_AT_ONCE} people at once"):
            run_at_once(account, AT_ONCE, PEOPLE_AT_ONCE)
        show(measure(process, f"{RUNS + AT_ONCE} runs"))
        with (
            console.status(f"{STARTS:,} start events"),
            watched(f"{STARTS:,} start events", process, lambda peak: show(_of_peak(peak))),
        ):
            account.start(STARTS)
        show(measure(process, f"{RUNS + AT_ONCE + STARTS:,} runs"))
        with console.status("loads of the HTTP front"):
            load(server.port, process, lambda peak: show(_of_peak(peak)))
        show(measure(process, "all of it"))


def _of_peak(peak: Peak) -> Figures:
    return Figures(f"within {peak.load}, {peak.seconds:.1f} s", peak.mebibytes, peak.threads, peak.open_files)


def main(arguments: Sequence[str] | None = None) -> int:
    """Take no arguments, and return the exit status: 0 when every report was right."""
    argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__).parse_args(arguments)
    table = Table("after", "MiB", "threads", "open files")

    def show(figures: Figures) -> None:
        row = (figures.after, f"{figures.mebibytes:.0f}", str(figures.threads), str(figures.open_files))
        console.print("  ".join(row))
        table.add_row(*row)

    try:
        soak(show)
    except (BenchmarkError, ServerError) as error:
        console.print(str(error), markup=False)
        return STATUS_FAILED
    Console().print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
