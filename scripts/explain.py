"""Explain a run: what caused what and when, what failed or waits, where the time went, and what AWS would charge."""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from rich.live import Live

from bootstrap.clients import Clients
from observatory.diagrams.mermaid import flowchart
from observatory.records.executions import LATEST
from observatory.records.ledger import Ledger
from observatory.runs.finding import counterpart
from observatory.runs.runs import RunList
from observatory.story.comparison import compare
from observatory.story.explanation import explain
from observatory.story.story import Story, tell
from observatory.terminal.comparison_tables import PARTS_SHOWN, comparison_page
from observatory.terminal.console import console
from observatory.terminal.story_tables import remedies, story_page, story_so_far
from observatory.terminal.tables import printable
from scripts.reading import run

EXIT_STATUS_HELP = "exit status: 0 the run is explained, 1 there is no such run, 2 wrong usage or nothing answers"

# What --against is without a run; no text, for a user may give any.
SAME_INPUT = object()
ITEMS_SHOWN = 10
SHORTEST_PAUSE_SECS = 0.5
# A look may take seconds when the run is large; then there are fewer of them.
PAUSE_PER_LOOK = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks for, and return the exit status."""
    options = parse_options(arguments)
    return run("explain", partial(show, options=options), options.file)


def parse_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line; wrong usage ends the program."""
    parser = argparse.ArgumentParser(prog="explain.py", description=__doc__, epilog=EXIT_STATUS_HELP)
    parser.add_argument("job", nargs="?", metavar="JOB", default=LATEST, help="(default: %(default)s)")
    parser.add_argument("--from", metavar="FILE", type=Path, dest="file", help="read what `sandbox.py save` wrote")
    parser.add_argument("--all", action="store_true", help=f"show all items of each Map, not just {ITEMS_SHOWN}")
    parser.add_argument(
        "--against",
        nargs="?",
        const=SAME_INPUT,
        metavar="JOB",
        help="compare it with that run (default: the last one before it with the same input)",
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--follow", action="store_true", help="show the run as it goes, to its end")
    form.add_argument("--json", action="store_true", help="print one JSON object, and nothing else")
    form.add_argument("--mermaid", action="store_true", help="print a diagram for Markdown, as GitHub draws it")
    options = parser.parse_args(arguments)
    if options.against is not None and (options.follow or options.mermaid):
        parser.error("argument --against: not with --follow or --mermaid")
    if options.file and options.follow:
        parser.error("what was saved does not go on: --follow needs a sandbox that runs")
    return options


def show(clients: Clients, options: argparse.Namespace) -> None:
    """Print the run in the form that was asked for."""
    if options.against is not None:
        show_comparison(clients, options)
        return
    story = follow(clients, options) if options.follow else tell(clients, clients.stack, options.job)
    if options.json:
        sys.stdout.write(json.dumps(explain(story)) + "\n")
    elif options.mermaid:
        sys.stdout.write(f"```mermaid\n{flowchart(story)}\n```\n")
    else:
        terminal = console()
        terminal.print(story_page(story, limit(options)))
        for line in remedies(story):
            # Whole, for it is to be copied.
            terminal.print(printable(line), soft_wrap=True)


def show_comparison(clients: Clients, options: argparse.Namespace) -> None:
    """Print what tells the run from another one."""
    other = options.against
    if other is SAME_INPUT:
        other = counterpart(RunList(clients).look(), options.job).id
    before, after = (tell(clients, clients.stack, job) for job in (other, options.job))
    comparison = compare(before, after)
    if options.json:
        sys.stdout.write(json.dumps(comparison.to_json_object()) + "\n")
    else:
        console().print(comparison_page(comparison, None if options.all else PARTS_SHOWN))


def follow(clients: Clients, options: argparse.Namespace) -> Story:
    """Show the run again and again until it has ended, and return how it did."""
    story = tell(clients, clients.stack, options.job)
    ledger = Ledger(clients, story.stack.ledger, story.execution.started)
    with Live(console=console(), transient=True, auto_refresh=False) as live:
        while story.execution.status == "RUNNING":
            live.update(story_so_far(story, ITEMS_SHOWN), refresh=True)
            began = time.monotonic()
            story = tell(clients, story.stack, story.job, ledger)
            time.sleep(max(SHORTEST_PAUSE_SECS, PAUSE_PER_LOOK * (time.monotonic() - began)))
    return story


def limit(options: argparse.Namespace) -> int | None:
    """How many items of each Map to show; None for all."""
    return None if options.all else ITEMS_SHOWN


if __name__ == "__main__":
    sys.exit(main())
