"""Start a run: fire the start event, follow its execution, and print the report and where it is."""

import argparse
import json
import math
import sys
from collections.abc import Sequence

from rich.console import Console

from bootstrap.checkout import require_own_sandbox
from bootstrap.clients import Clients
from bootstrap.errors import BootstrapError, UnreachableError
from bootstrap.settings import SettingsError, load_settings
from observatory.clock import Clock
from observatory.errors import DeadlinePassedError, NotBootstrappedError, RunError, RunFailedError
from observatory.records.reports import read_report
from observatory.runs.failures import describe_failure
from observatory.runs.following import Follower, Snapshot
from observatory.runs.starting import MAX_PEOPLE, ExecutionFinder, check_start_rule, fire, read_people
from observatory.runs.summary import RunSummary
from observatory.runs.waiting import describe_waiting
from observatory.terminal.display import open_display
from observatory.terminal.tables import people_table, printable, report_line, steps_table

EXIT_SUCCEEDED = 0
EXIT_FAILED = 1
EXIT_NOT_STARTED = 2  # argparse's own for wrong usage
EXIT_TIMEOUT = 3
EXIT_INTERRUPTED = 130
EXIT_STATUS_HELP = "exit status: 0 the run succeeded, 1 it failed, 2 nothing could be started, 3 the timeout passed"

# Twice what a state waits for its answer: by then, a run that hangs has ended by itself and can say why.
DEFAULT_TIMEOUT_SECS = 600.0
# A sandbox that is there but does nothing is given up after three times as long; one that is gone, at once.
READ_TIMEOUT_SECS = 15.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks for, and return the exit status."""
    options = parse_options(arguments)
    try:
        clients = Clients(require_own_sandbox(load_settings()), READ_TIMEOUT_SECS)
    except SettingsError as error:
        complain(str(error))
        return EXIT_NOT_STARTED
    return StartRun(options, clients, Clock()).execute()


def parse_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line; wrong usage ends the program."""
    parser = argparse.ArgumentParser(prog="start_run.py", description=__doc__, epilog=EXIT_STATUS_HELP)
    parser.add_argument("--people", type=people, metavar="N", help=f"0 to {MAX_PEOPLE} (default: 0 to 19 at random)")
    parser.add_argument("--seed", metavar="S", help="the same seed gives the same names and cookies")
    parser.add_argument(
        "--timeout", type=seconds, metavar="SECONDS", default=DEFAULT_TIMEOUT_SECS, help="(default: %(default)g)"
    )
    parser.add_argument("--no-wait", action="store_true", help="do not follow the run once it has started")
    parser.add_argument("--json", action="store_true", help="print one JSON object at the end, and nothing else")
    return parser.parse_args(arguments)


def people(text: str) -> int:
    """Read how many people a run is to have."""
    try:
        return read_people(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def seconds(text: str) -> float:
    """Read a time to wait."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive number of seconds")
    return value


class StartRun:
    """The command; at any moment it knows what there is to say about its run."""

    def __init__(self, options: argparse.Namespace, clients: Clients, clock: Clock) -> None:
        self._options = options
        self._clients = clients
        self._clock = clock
        self._output = Console(highlight=False, quiet=options.json)
        self._run = RunSummary()

    def execute(self) -> int:
        """Start the run, follow it, and return the exit status."""
        try:
            self._start_and_follow()
        except KeyboardInterrupt:
            complain(self._interruption())
            return EXIT_INTERRUPTED
        except (BootstrapError, RunError) as error:
            return self._give_up(error)
        finally:
            if self._options.json and self._run.job:
                sys.stdout.write(json.dumps(self._run.to_json_object()) + "\n")
        return EXIT_SUCCEEDED

    def _start_and_follow(self) -> None:
        check_start_rule(self._clients)
        finder = ExecutionFinder(self._clients, self._clock)
        deadline = self._clock.now() + self._options.timeout
        self._run.job = job = fire(self._clients, start_detail(self._options))
        self._run.execution = execution = finder.find(job, deadline)
        self._output.print(f"run {job}, execution {execution}", soft_wrap=True)
        follower = Follower(self._clients, execution, self._clock)
        if self._options.no_wait:
            self._run.snapshot = follower.describe()
        else:
            self._conclude(self._follow(follower, deadline))

    def _follow(self, follower: Follower, deadline: float) -> Snapshot:
        with open_display(self._output) as show:
            for snapshot in follower.snapshots(deadline, in_detail=not self._options.json):
                self._run.snapshot = snapshot
                show(snapshot)
        return snapshot

    def _conclude(self, snapshot: Snapshot) -> None:
        self._output.print(steps_table(snapshot, with_bar=False))
        if snapshot.running:
            raise DeadlinePassedError(f"{self._options.timeout:g} s have passed: {describe_waiting(snapshot)}")
        if not snapshot.succeeded:
            raise RunFailedError(f"{snapshot.status}: {self._why(snapshot)}")
        self._run.report_uri, self._run.report = uri, report = read_report(self._clients, snapshot.output)
        if snapshot.timeline.people:
            self._output.print(people_table(snapshot.timeline))
        self._output.print(report_line(report), soft_wrap=True)
        self._output.print(uri, soft_wrap=True)

    def _why(self, snapshot: Snapshot) -> str:
        if snapshot.failure is None or self._run.execution is None:
            return "no cause is known"
        return describe_failure(self._clients, self._run.execution, snapshot.started, snapshot.failure, self._clock)

    def _interruption(self) -> str:
        if self._run.job is None:
            return "interrupted; no run is known to have been started"
        return f"interrupted; the run goes on: {self._run.execution or self._run.job}"

    def _give_up(self, error: BootstrapError | RunError) -> int:
        """Say what went wrong, and return the exit status that fits it."""
        lost = "the sandbox stopped answering: " if isinstance(error, UnreachableError) else ""
        complain(f"run {self._run.job}: {lost}{error}" if self._run.job else str(error))
        if isinstance(error, DeadlinePassedError):
            return EXIT_TIMEOUT
        if self._run.job is None and isinstance(error, NotBootstrappedError | UnreachableError):
            return EXIT_NOT_STARTED
        return EXIT_FAILED


def start_detail(options: argparse.Namespace) -> dict[str, object]:
    """The detail of the start event: only what was asked for."""
    asked = {"people": options.people, "seed": options.seed}
    return {key: value for key, value in asked.items() if value is not None}


def complain(message: str) -> None:
    """Say on the error output what went wrong."""
    Console(stderr=True, highlight=False).print(printable(f"start_run: {message}"), soft_wrap=True)


if __name__ == "__main__":
    sys.exit(main())
