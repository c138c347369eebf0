"""Show what functions log: of one or several, as it was written or as it is, each line with its function and item."""

import argparse
import itertools
import json
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial

from rich.console import Console
from rich.text import Text

from bootstrap.clients import Clients
from bootstrap.loading import load_stack
from handlers.shared.levels import LEVELS, is_at_least, level_of
from observatory.records.executions import LATEST, find_execution
from observatory.records.log_lines import LogLine, LogReader
from observatory.terminal.tables import printable
from scripts.functions import find_function
from scripts.reading import run

EXIT_STATUS_HELP = "exit status: 0 shown, 1 there is no such run, 2 wrong usage or nothing answers"

PAUSE_SECS = 0.3
COLOURS = ("cyan", "magenta", "green", "blue", "bright_cyan", "bright_magenta", "bright_green", "bright_blue")
LEVEL_STYLES = {"WARNING": "yellow", "ERROR": "red", "FATAL": "bold red", "DEBUG": "dim", "TRACE": "dim"}
ITEM_CHARACTERS = 20


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks for, and return the exit status."""
    options = parse_options(arguments)
    return run("logs", partial(show, options=options))


def parse_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line; wrong usage ends the program."""
    parser = argparse.ArgumentParser(prog="logs.py", description=__doc__, epilog=EXIT_STATUS_HELP)
    parser.add_argument("functions", nargs="*", metavar="FUNCTION", help="(default: all)")
    parser.add_argument("--follow", action="store_true", help="show lines as they are written, until Ctrl-C")
    parser.add_argument("--run", metavar="JOB", help=f"only the lines of a run, or of the {LATEST} one")
    parser.add_argument(
        "--level", type=level, default=LEVELS[0], metavar="WARNING", help=f"at least: {', '.join(LEVELS)}"
    )
    return parser.parse_args(arguments)


def level(text: str) -> str:
    """Read a level."""
    found = level_of(text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no level: give one of {', '.join(LEVELS)}")
    return found


def show(clients: Clients, options: argparse.Namespace) -> None:
    """Print the lines that are there; with `--follow`, those that come, and of a run those that were there."""
    stack = load_stack(clients.settings.stack)
    functions = [find_function(stack, name) for name in dict.fromkeys(options.functions)] or stack.functions
    of = find_execution(clients, stack, options.run) if options.run is not None else None
    since = of.started if of else datetime.now(UTC) if options.follow else None
    reader = LogReader(clients, functions, stack.item_key, since, of.job if of else None)
    colours = dict(zip((function.name for function in stack.functions), itertools.cycle(COLOURS), strict=False))
    width = max((len(function.name) for function in functions), default=0)
    console = Console(highlight=False)
    while True:
        for line in reader.new_lines():
            if is_at_least(line.level, options.level):
                console.print(readable(line, colours[line.function], width), soft_wrap=True)
        if not options.follow:
            return
        time.sleep(PAUSE_SECS)


def readable(line: LogLine, colour: str, width: int) -> Text:
    """A line as people read it: when, which function, which item, how bad, what."""
    fields = " ".join(f"{key}={_value(value)}" for key, value in line.fields.items())
    item = (line.item or "")[:ITEM_CHARACTERS]
    style = "dim" if line.of_lambda and line.level == "INFO" else LEVEL_STYLES.get(line.level, "")
    return Text.assemble(
        (f"{line.when:%H:%M:%S}.{line.when.microsecond // 1000:03} ", "dim"),
        (f"{line.function:{width}} ", colour),
        (printable(f"{item:{ITEM_CHARACTERS}} ").plain, "bold"),
        (f"{line.level:7} ", LEVEL_STYLES.get(line.level, "dim")),
        (printable(line.message.expandtabs(2)).plain, style),
        (printable(f" {fields}" if fields else "").plain, "dim"),
    )


def _value(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


if __name__ == "__main__":
    sys.exit(main())
