"""List runs, those that are wanted; stop one, or let one that did not succeed go on from where it failed."""

import argparse
import json
import math
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial

from bootstrap.clients import Clients
from bootstrap.errors import refusals
from observatory.records.executions import LATEST, Execution, find_execution
from observatory.records.stacks import deployed_stack
from observatory.records.states import BAD
from observatory.runs.acting import LONGEST_REASON, redrive, stop
from observatory.runs.finding import ORDERS, PAGE_RUNS, STATUSES, find_runs, read_wanted
from observatory.runs.runs import RunList
from observatory.terminal.console import console
from observatory.terminal.runs_table import count_line, runs_table
from observatory.terminal.tables import printable
from scripts.reading import run

EXIT_STATUS_HELP = (
    "exit status: 0 done, 1 there is no such run, or it cannot be stopped or redriven; 2 wrong usage or nothing answers"
)
NO_REASON = "stopped by runs.py"
# What is asked for, each by the name that it has in the address of the page of all runs.
FILTERS = {
    "status": ("STATUS", f"{', '.join(STATUSES)}; several with commas between"),
    "machine": ("NAME", "of this machine"),
    "since": ("TIME", "not older than 30s, 5m, 1h or 2d, or than a time in UTC such as 2026-03-01T12:00"),
    "until": ("TIME", "not younger"),
    "text": ("TEXT", "with this in their id, in what started them or in their columns"),
    "item": ("NAME", "with such an item"),
    "error": ("TEXT", "with this in the cause of their failure"),
    "sort": ("ORDER", f"{', '.join(ORDERS)}, or the name of a column (default: %(default)s)"),
    "page": ("N", f"there are {PAGE_RUNS} on each (default: 1)"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks for, and return the exit status."""
    options = parse_options(arguments)
    return run("runs", partial(options.do, options=options))


def parse_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line; wrong usage ends the program."""
    parser = argparse.ArgumentParser(prog="runs.py", description=__doc__, epilog=EXIT_STATUS_HELP)
    parser.set_defaults(do=show)
    for name, (metavar, help_) in FILTERS.items():
        parser.add_argument(f"--{name}", metavar=metavar, default="newest" if name == "sort" else "", help=help_)
    parser.add_argument("--failed", action="store_true", help="only those that ended, and not well")
    parser.add_argument("--json", action="store_true", help="print one JSON object, and nothing else")
    commands = parser.add_subparsers(metavar="[stop | redrive]")
    stopping = commands.add_parser("stop", help="stop a run, with a reason")
    stopping.add_argument("--reason", type=reason, default=NO_REASON, help="kept as its cause (default: %(default)s)")
    stopping.set_defaults(do=stop_run)
    redriving = commands.add_parser("redrive", help="let a run go on from what did not succeed")
    redriving.set_defaults(do=redrive_run)
    for command in (stopping, redriving):
        command.add_argument("job", metavar="JOB", help=f"its id, a beginning that no other run has, or {LATEST}")
    return parser.parse_args(arguments)


def reason(text: str) -> str:
    """Read why a run is stopped."""
    if len(text) > LONGEST_REASON:
        raise argparse.ArgumentTypeError(f"it has {len(text):,} characters: give at most {LONGEST_REASON:,}")
    return text


def show(clients: Clients, options: argparse.Namespace) -> None:
    """Print a page of the runs that are wanted."""
    asked = {name: getattr(options, name) for name in FILTERS}
    if options.failed:
        asked["status"] = ",".join(BAD)
    run_list = RunList(clients)
    wanted = read_wanted(asked, deployed_stack(clients), datetime.now(UTC))
    found = find_runs(run_list.look(), wanted, run_list.outcomes, math.inf)
    if options.json:
        sys.stdout.write(json.dumps(found.to_json_object()) + "\n")
        return
    if found.runs:
        console().print(runs_table(found))
    console().print(count_line(found))


def stop_run(clients: Clients, options: argparse.Namespace) -> None:
    """Stop a run."""
    execution = find(clients, options.job)
    stop(clients, execution, options.reason)
    console().print(printable(f"run {execution.job} is stopped: {options.reason}"), soft_wrap=True)


def redrive_run(clients: Clients, options: argparse.Namespace) -> None:
    """Let a run go on."""
    execution = find(clients, options.job)
    redrive(clients, execution)
    console().print(printable(f"run {execution.job} goes on from what did not succeed"), soft_wrap=True)


def find(clients: Clients, job: str) -> Execution:
    """Find the run that is meant."""
    with refusals(f"run {job}", clients.settings):
        return find_execution(clients, clients.stack, job)


if __name__ == "__main__":
    sys.exit(main())
