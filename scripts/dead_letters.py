"""List what functions could not handle that nobody waits for, or send it to them again."""

import argparse
import sys
from collections.abc import Sequence
from functools import partial

from rich.table import Table

from bootstrap.clients import Clients
from observatory.records.dead_letters import DeadLetter, Fetched, fetch, send_again, send_all_again
from observatory.terminal.console import console
from observatory.terminal.tables import printable
from scripts.reading import run

EXIT_STATUS_HELP = "exit status: 0 done, 1 there is no such dead letter, 2 wrong usage or nothing answers"


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks for, and return the exit status."""
    options = parse_options(arguments)
    return run("dead_letters", partial(act, options=options))


def parse_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line; wrong usage ends the program."""
    parser = argparse.ArgumentParser(prog="dead_letters.py", description=__doc__, epilog=EXIT_STATUS_HELP)
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--send", metavar="ID", help="send this one again, to its function only")
    which.add_argument("--send-all", action="store_true", help="send all of them again")
    return parser.parse_args(arguments)


def act(clients: Clients, options: argparse.Namespace) -> None:
    """Send what was asked for, or list what there is."""
    if options.send is not None:
        report(send_again(clients, clients.stack, options.send))
    elif options.send_all:
        for sent in send_all_again(clients, clients.stack):
            report(sent)
    else:
        show(fetch(clients, clients.stack))


def report(sent: DeadLetter) -> None:
    """Say that one was sent again."""
    console().print(printable(f"sent {describe(sent)} to {sent.place.function} again"))


def show(found: Fetched) -> None:
    """Print the dead letters, and how many there are where that is more."""
    console().print(listing(found.letters) if found.letters else "there are no dead letters")
    if found.about > len(found.letters):
        console().print(f"{len(found.letters):,} of about {found.about:,}: --send-all sends all of them again")


def listing(letters: Sequence[DeadLetter]) -> Table:
    """The dead letters as a table, the latest first."""
    table = Table("id", "function", "event", "since", "tries", "error", box=None, pad_edge=False)
    for letter in letters:
        tries = "" if letter.tries is None else str(letter.tries)
        since = f"{letter.sent:%Y-%m-%d %H:%M:%S}"
        texts = (letter.id[:8], letter.place.function, describe(letter), since, tries, letter.error)
        table.add_row(*map(printable, texts))
    return table


def describe(letter: DeadLetter) -> str:
    """The event's type, and its id."""
    return f"{letter.event.get('detail-type')} {letter.event.get('id')}"


if __name__ == "__main__":
    sys.exit(main())
