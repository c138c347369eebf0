"""The command `python -m benchmarks`: measure, and write results.json, results.md and two charts."""

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markdown import Markdown

from benchmarks.charts import draw_people, draw_steps
from benchmarks.errors import BenchmarkError
from benchmarks.machine import describe_machine
from benchmarks.results import Results
from benchmarks.rounds import run_rounds, warm_disk_cache
from benchmarks.subjects import install_subjects
from benchmarks.tables import render
from benchmarks.targets import as_json, outcomes
from benchmarks.works import FULL, QUICK

RESULTS_FOLDER = Path(__file__).parent
STATE_FOLDER = RESULTS_FOLDER.parent / ".sandbox" / "benchmarks"

STATUS_FAILED = 1
STATUS_INTERRUPTED = 130

console = Console(stderr=True, highlight=False)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark, and return the exit status: 0 when all that was planned could be measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help=f"a small form; its results go to {STATE_FOLDER}")
    options = parser.parse_args(arguments)
    # So that everything is stopped then as well.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        results = measure(quick=options.quick)
    except BenchmarkError as error:
        console.print(str(error), markup=False)
        return STATUS_FAILED
    except KeyboardInterrupt:
        return STATUS_INTERRUPTED
    return STATUS_FAILED if results.failures else 0


def measure(*, quick: bool) -> Results:
    """Measure everything, and write and show what came of it.

    Args:
        quick: In the small form.

    Raises:
        BenchmarkError: Something that is compared cannot even be started.
    """
    STATE_FOLDER.mkdir(parents=True, exist_ok=True)
    with console.status("installing MiniStack") as status:
        show = status.update if console.is_interactive else console.print
        subjects = install_subjects(STATE_FOLDER)
        results = Results(tuple(subject.name for subject in subjects), describe_machine())
        warm_disk_cache(subjects, show)
        run_rounds(QUICK if quick else FULL, subjects, results, STATE_FOLDER, show)
    write(results, STATE_FOLDER if quick else RESULTS_FOLDER)
    return results


def write(results: Results, folder: Path) -> None:
    """Write the results as JSON, Markdown and charts, and show the Markdown.

    Args:
        results: What was measured.
        folder: Where to.
    """
    reached = outcomes(results)
    results.write(folder / "results.json", [as_json(outcome) for outcome in reached])
    markdown = render(results, reached)
    (folder / "results.md").write_text(markdown)
    draw_people(results, folder / "people.svg")
    draw_steps(results, folder / "steps.svg")
    Console().print(Markdown(markdown))
    console.print(f"written to {folder}")


if __name__ == "__main__":
    sys.exit(main())
