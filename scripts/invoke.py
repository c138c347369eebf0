"""Give one event to one handler, in this process; what it emits is printed, and sent only if you say so."""

import argparse
import cProfile
import inspect
import json
import pdb
import pstats
import sys
import time
import traceback
from bdb import BdbQuit
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

from rich.console import Console

from bootstrap.check.subject import subject
from bootstrap.checkout import require_own_sandbox
from bootstrap.clients import Clients
from bootstrap.deploy import system
from bootstrap.description import FunctionSpec
from bootstrap.errors import BootstrapError, UnreachableError
from bootstrap.loading import load_stack
from bootstrap.settings import Settings, SettingsError, load_settings
from bootstrap.system import System
from observatory.errors import RunError
from observatory.invoking import deployed
from observatory.invoking.events import event_of_file, made_up_event, recorded_event
from observatory.invoking.handling import (
    Context,
    Entry,
    Handler,
    load_handler,
    nobodys_credentials,
    role_credentials,
    variables,
    watched_events,
)
from observatory.terminal.tables import printable
from scripts.functions import find_function

EXIT_HANDLED = 0
EXIT_FAILED = 1
EXIT_USAGE = 2  # argparse's own
EXIT_INTERRUPTED = 130
EXIT_STATUS_HELP = (
    "exit status: the handler's, 0 it returned, 1 it raised, or what it exited with; 2 wrong usage, no such event, or "
    "nothing answers"
)
PROFILED_FUNCTIONS = 25


class HandlerError(Exception):
    """The handler raised; what is the cause."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks for, and return the exit status."""
    options = parse_options(arguments)
    try:
        settings = require_own_sandbox(load_settings())
        function = find_function(load_stack(settings.stack), options.function)
        return (
            invoke_deployed(settings, function, options) if options.in_lambda else handle(settings, function, options)
        )
    except (SettingsError, BootstrapError, RunError) as error:
        Console(stderr=True, highlight=False).print(printable(f"invoke: {error}"), soft_wrap=True)
        return EXIT_USAGE
    except HandlerError as error:
        return report_failure(error)
    except (KeyboardInterrupt, BdbQuit):
        return EXIT_INTERRUPTED


def parse_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line; wrong usage ends the program."""
    parser = argparse.ArgumentParser(prog="invoke.py", description=__doc__, epilog=EXIT_STATUS_HELP)
    parser.add_argument("function", metavar="FUNCTION", help="its name, such as the stack's rows have it in camel case")
    event = parser.add_mutually_exclusive_group()
    event.add_argument("--event", metavar="ID", help="a recorded event, or @FILE (default: the last that it got)")
    event.add_argument("--sample", action="store_true", help="an event that is made up of the state that emits it")
    parser.add_argument("--emit", action="store_true", help="send what it emits")
    parser.add_argument("--pdb", action="store_true", help="debug it: stop in its first line, and where it raises")
    parser.add_argument("--profile", action="store_true", help="say where its time went")
    parser.add_argument("--in-lambda", action="store_true", help="invoke what is deployed, which sends what it emits")
    options = parser.parse_args(arguments)
    if options.in_lambda and (options.emit or options.pdb or options.profile):
        parser.error("argument --in-lambda: not with --emit, --pdb or --profile, which are for this process")
    return options


def invoke_deployed(settings: Settings, function: FunctionSpec, options: argparse.Namespace) -> int:
    """Invoke the function that is deployed, and show its log and its answer."""
    clients = Clients(settings, function.timeout_seconds + deployed.MARGIN_SECONDS)
    invoked = deployed.invoke(clients, function, find_event(clients, function, options))
    for line in invoked.log:
        say(line)
    say(f"{'failed' if invoked.failed else 'returned'} {invoked.answer}")
    return EXIT_FAILED if invoked.failed else EXIT_HANDLED


def find_event(clients: Clients, function: FunctionSpec, options: argparse.Namespace) -> Mapping[str, Any]:
    """Find the event that was asked for, and say which it is."""
    if options.sample:
        event = made_up_event(clients.settings, function)
        say(f"{function.name} gets an event that is made up:\n{json.dumps(event, indent=2)}")
        return event
    if options.event and options.event.startswith("@"):
        event = event_of_file(Path(options.event[1:]))
    else:
        event = recorded_event(clients, clients.stack, function, options.event)
    say(f"{function.name} gets {event['detail-type']} {event['id']}")
    return event


def handle(settings: Settings, function: FunctionSpec, options: argparse.Namespace) -> int:
    """Give the event to the handler here, and show what comes of it."""
    clients = Clients(settings)
    event = find_event(clients, function, options)
    place, credentials = account_of(clients, function, options)
    context = context_of(place, function)
    environment = variables(place, function, credentials, context.log_stream_name)
    with watched_events(lambda entry: show_entry(entry, sent=options.emit), sent=options.emit):
        try:
            handler = load_handler(function, environment)
            began = time.monotonic()
            answer = run(handler, json.loads(json.dumps(event)), context, options)
            say(f"returned {json.dumps(answer)} after {(time.monotonic() - began) * 1000:.0f} ms")
        except BdbQuit:
            raise
        except Exception as error:
            if options.pdb:
                pdb.post_mortem(error.__traceback__)
            raise HandlerError from error
    return EXIT_HANDLED


def account_of(
    clients: Clients, function: FunctionSpec, options: argparse.Namespace
) -> tuple[System, Mapping[str, str]]:
    """The stack in its account, and credentials of the function's role; anybody's, where there is no sandbox."""
    try:
        place = system(clients)
        return place, role_credentials(clients, place.role_of(function), function)
    except UnreachableError as error:
        if options.emit:
            raise
        say(f"without a sandbox, what it asks of AWS fails: {error}")
        return subject(clients.settings)[0], nobodys_credentials()


def context_of(place: System, function: FunctionSpec) -> Context:
    """What the handler is told of its invocation."""
    return Context(
        function.name,
        place.arns.function(function.name),
        str(function.memory_megabytes),
        function.log_group,
        f"{datetime.now(UTC):%Y/%m/%d}/[$LATEST]invoke.py",
        time.monotonic() + function.timeout_seconds,
    )


def run(handler: Handler, event: object, context: Context, options: argparse.Namespace) -> object:
    """Call the handler, watched as was asked for."""
    profile = cProfile.Profile() if options.profile else None
    if options.pdb:
        stop_in(handler)
    try:
        return profile.runcall(handler, event, context) if profile else handler(event, context)
    finally:
        sys.settrace(None)
        if profile:
            pstats.Stats(profile, stream=sys.stdout).sort_stats("cumulative").print_stats(PROFILED_FUNCTIONS)


def stop_in(handler: Handler) -> None:
    """Let the debugger stop in a handler's first line, behind its decorators."""
    code = inspect.unwrap(handler).__code__
    debugger = pdb.Pdb()

    def look(frame: FrameType, _event: str, _argument: object) -> Any:  # noqa: ANN401 - a trace function's
        if frame.f_code is not code:
            return None
        debugger.set_trace(frame)
        return debugger.trace_dispatch

    sys.settrace(look)


def show_entry(entry: Entry, *, sent: bool) -> None:
    """Print an event that the handler has emitted."""
    try:
        detail = json.dumps(json.loads(entry["Detail"]), indent=2)
    except (KeyError, ValueError):
        detail = str(entry.get("Detail"))
    say(f"emitted {entry.get('DetailType')}, {'sent' if sent else 'not sent'}:\n{detail}")


def report_failure(error: HandlerError) -> int:
    """Show what the handler raised, from its own first line on, and return the exit status."""
    raised = error.__cause__
    assert raised is not None  # noqa: S101 - it is always chained
    found: TracebackType | None = raised.__traceback__
    while found and found.tb_frame.f_code.co_filename == __file__:
        found = found.tb_next
    traceback.print_exception(type(raised), raised, found or raised.__traceback__)
    return EXIT_FAILED


def say(text: str) -> None:
    """Print what is not the handler's own output."""
    Console(highlight=False).print(printable(text.expandtabs()), soft_wrap=True)


if __name__ == "__main__":
    sys.exit(main())
