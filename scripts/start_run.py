"""Start a run: fire the start event, follow its execution, and print what it came to and where that is."""

import argparse
import json
import math
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from bootstrap.checkout import require_own_sandbox
from bootstrap.clients import Clients
from bootstrap.description import MachineSpec, OptionSpec, Stack, StartSpec
from bootstrap.errors import BootstrapError, UnreachableError
from bootstrap.loading import load_stack
from bootstrap.settings import SettingsError, load_settings
from observatory.clock import Clock
from observatory.errors import DeadlinePassedError, NotBootstrappedError, RunError, RunFailedError, StartError
from observatory.records.executions import run_id
from observatory.records.json_values import read_given_json, read_json
from observatory.records.reports import read_report
from observatory.runs.following import Follower, Snapshot
from observatory.runs.starting import (
    ExecutionFinder,
    check_start_rule,
    find_machine,
    find_start,
    fire,
    read_option,
    same_start,
    startable_machines,
)
from observatory.runs.summary import RunSummary
from observatory.runs.waiting import describe_waiting
from observatory.story.asking_why import Why
from observatory.story.failure_card import FailureCard
from observatory.terminal.display import WAITS_SHOWN, open_display
from observatory.terminal.failure_card import card_lines
from observatory.terminal.tables import items_tables, json_line, printable, steps_table

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
OPTION_PREFIX = "option "


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks for, and return the exit status."""
    try:
        settings = load_settings()
        stack = load_stack(settings.stack)
        options = parse_options(stack, arguments)
        clients = Clients(require_own_sandbox(settings), READ_TIMEOUT_SECS)
        if options.like is not None:
            take_like(clients, stack, options)
    except (SettingsError, BootstrapError, RunError, ValueError) as error:
        complain(str(error))
        return EXIT_NOT_STARTED
    return StartRun(options, stack, clients, Clock()).execute()


def parse_options(stack: Stack, arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line; wrong usage ends the program.

    Returns:
        What was asked for, with the `spec` of the machine, its `start`, and the `given` detail of the start event,
        unless it shall be like another run's.
    """
    parser = argparse.ArgumentParser(prog="start_run.py", description=__doc__, epilog=EXIT_STATUS_HELP)
    machines = startable_machines(stack)
    names = [machine.name for machine in machines]
    parser.add_argument(
        "machine", nargs="?", metavar="MACHINE", help=f"{', '.join(names)} (default: {''.join(names[:1])})"
    )
    parser.add_argument("--event", metavar="NAME", help="which event starts it (default: the machine's first)")
    parser.add_argument("--detail", metavar="JSON", help="the start event's detail, or @FILE to read it from there")
    parser.add_argument("--like", metavar="JOB", help="what started that run, except for what else is given")
    for option in {option.name: option for machine in machines for option in machine.options}.values():
        add_option(parser, option)
    parser.add_argument(
        "--timeout", type=seconds, metavar="SECONDS", default=DEFAULT_TIMEOUT_SECS, help="(default: %(default)g)"
    )
    parser.add_argument("--no-wait", action="store_true", help="do not follow the run once it has started")
    parser.add_argument("--json", action="store_true", help="print one JSON object at the end, and nothing else")
    options = parser.parse_args(arguments)
    if options.like is not None:
        if options.machine or options.event:
            parser.error("argument --like: not with MACHINE or --event, which that run has")
        return options
    try:
        options.spec = find_machine(stack, options.machine)
        options.start = find_start(options.spec, options.event)
        options.given = start_detail(options.spec, options)
    except (StartError, ValueError) as error:
        parser.error(str(error))
    return options


def take_like(clients: Clients, stack: Stack, options: argparse.Namespace) -> None:
    """Start what another run was of, with what started that one; what else was asked for goes before.

    Raises:
        RunError: There is no such run, or nothing that would start it again.
        ValueError: What else was asked for cannot be used.
    """
    options.spec, options.start, given = same_start(clients, stack, options.like)
    options.given = given | start_detail(options.spec, options)


def add_option(parser: argparse.ArgumentParser, option: OptionSpec) -> None:
    """Let a machine's own option be given; what it takes is looked at once the machine is known."""
    is_number = option.maximum is not None
    limits = f"0 to {option.maximum}: " if is_number else ""
    parser.add_argument(
        f"--{option.name}",
        dest=OPTION_PREFIX + option.name,
        metavar="N" if is_number else option.name[:1].upper(),
        help=(limits + option.help).replace("%", "%%"),
    )


def seconds(text: str) -> float:
    """Read a time to wait."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive number of seconds")
    return value


def start_detail(machine: MachineSpec, options: argparse.Namespace) -> dict[str, object]:
    """The detail of the start event: only what was asked for.

    Raises:
        ValueError: It cannot be used; the message says what is wrong.
    """
    detail = read_detail(options.detail) if options.detail is not None else {}
    known = {option.name: option for option in machine.options}
    for name, text in vars(options).items():
        if not name.startswith(OPTION_PREFIX) or text is None:
            continue
        name = name.removeprefix(OPTION_PREFIX)
        if name not in known:
            raise ValueError(f"argument --{name}: {machine.name} has no such option")
        try:
            detail[name] = read_option(known[name], text)
        except ValueError as error:
            raise ValueError(f"argument --{name}: {error}") from error
    return detail


def read_detail(text: str) -> dict[str, object]:
    """Read a detail, which is JSON or in the file that is named after an @.

    Raises:
        ValueError: It cannot be read, or is no JSON object.
    """
    try:
        said = Path(text[1:]).read_text(encoding="utf-8") if text.startswith("@") else text
        detail = read_given_json(said)
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"argument --detail: {text[1:]} cannot be read: {error}") from error
    except ValueError as error:
        raise ValueError(f"argument --detail: not JSON: {error}") from error
    if not isinstance(detail, dict):
        raise ValueError(f"argument --detail: {text!r:.100} is no JSON object")  # noqa: TRY004 - a user's, not a type
    return detail


class StartRun:
    """The command; at any moment it knows what there is to say about its run."""

    def __init__(self, options: argparse.Namespace, stack: Stack, clients: Clients, clock: Clock) -> None:
        self._options = options
        self._stack = stack
        self._machine: MachineSpec = options.spec
        self._start: StartSpec = options.start
        self._clients = clients
        self._clock = clock
        self._output = Console(highlight=False, quiet=options.json)
        self._run = RunSummary(self._machine)
        self._card: FailureCard | None = None

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
        machine, start = self._machine, self._start
        check_start_rule(self._clients, start.rule)
        finder = ExecutionFinder(self._clients, self._clock, machine.name, start.rule)
        deadline = self._clock.now() + self._options.timeout
        self._run.job = job = fire(self._clients, self._stack.source, start.event, self._options.given)
        self._run.execution = execution = finder.find(job, deadline)
        self._output.print(f"run {job}, execution {execution}", soft_wrap=True)
        follower = Follower(self._clients, execution, self._clock, machine, self._stack.item_key)
        if self._options.no_wait:
            self._run.snapshot = follower.describe()
        else:
            why = Why(self._clients, self._stack, run_id(self._stack, machine, job), self._clock)
            self._conclude(execution, self._follow(follower, why, deadline), why)

    def _follow(self, follower: Follower, why: Why, deadline: float) -> Snapshot:
        with open_display(self._output) as show:
            for snapshot in follower.snapshots(deadline, in_detail=not self._options.json):
                self._run.snapshot = snapshot
                show(snapshot, why.waits(snapshot.states))
        return snapshot

    def _conclude(self, execution: str, snapshot: Snapshot, why: Why) -> None:
        self._output.print(steps_table(snapshot.steps, snapshot.stopped, with_bar=False))
        if snapshot.running:
            waiting = (describe_waiting(snapshot.steps), *(wait.sentence for wait in why.all_waits()[:WAITS_SHOWN]))
            raise DeadlinePassedError(f"{self._options.timeout:g} s have passed: {'\n  '.join(waiting)}")
        if not snapshot.succeeded:
            self._card = why.failure()
            said = self._card.headline if self._card else snapshot.failure or "no cause is known"
            raise RunFailedError(f"{snapshot.status}: {said}")
        if self._machine.report and (found := read_report(self._clients, execution, self._machine.report)):
            self._run.report_uri, self._run.report = found
        for table in items_tables(snapshot.states, self._machine):
            self._output.print(table)
        result = self._run.report if self._run.report_uri else read_json(snapshot.output or "null")
        self._output.print(json_line(result), soft_wrap=True)
        if self._run.report_uri:
            self._output.print(self._run.report_uri, soft_wrap=True)

    def _interruption(self) -> str:
        if self._run.job is None:
            return "interrupted; no run is known to have been started"
        return f"interrupted; the run goes on: {self._run.execution or self._run.job}"

    def _give_up(self, error: BootstrapError | RunError) -> int:
        """Say what went wrong, and return the exit status that fits it."""
        lost = "the sandbox stopped answering: " if isinstance(error, UnreachableError) else ""
        complain(f"run {self._run.job}: {lost}{error}" if self._run.job else str(error))
        for line in card_lines(self._card) if self._card else ():
            Console(stderr=True, highlight=False).print(line, soft_wrap=True)
        if isinstance(error, DeadlinePassedError):
            return EXIT_TIMEOUT
        if self._run.job is None and isinstance(error, NotBootstrappedError | UnreachableError):
            return EXIT_NOT_STARTED
        return EXIT_FAILED


def complain(message: str) -> None:
    """Say on the error output what went wrong."""
    Console(stderr=True, highlight=False).print(printable(f"start_run: {message}"), soft_wrap=True)


if __name__ == "__main__":
    sys.exit(main())
