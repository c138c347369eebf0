"""The event that a function is given: one that was recorded, one of a file, or one that is made up."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bootstrap.check.report import check_settings
from bootstrap.check.samples import sample_event
from bootstrap.clients import Clients
from bootstrap.description import FunctionSpec, Stack
from bootstrap.settings import Settings
from observatory.errors import NoEventError
from observatory.records.ledger import Event, Ledger

# What handlers may count on: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html
TEXTS = ("id", "account", "source", "detail-type")

Body = Mapping[str, Any]


def recorded_event(clients: Clients, stack: Stack, function: FunctionSpec, event_id: str | None) -> Body:
    """Find an event in the ledger.

    Args:
        clients: How to reach it.
        stack: Whose ledger.
        function: Who is to have it.
        event_id: Which event; the last one that the function got, if None.

    Raises:
        NoEventError: There is no such event, or it is not one for this function.
        RunError: There is no ledger.
        BootstrapError: It cannot be read.
    """
    ledger = Ledger(clients, stack.ledger)
    ledger.refresh()
    events = ledger.new_events(0)[0]
    found = [event for event in events if (event.type == function.event if event_id is None else event.id == event_id)]
    if not found:
        what = f"no {function.event} event" if event_id is None else f"no event {event_id}"
        raise NoEventError(
            f"{what} is recorded in {stack.ledger}: start a run with `python scripts/start_run.py`, or give "
            "--event @FILE or --sample"
        )
    event: Event = max(found, key=lambda one: one.emitted)
    if event.type != function.event:
        raise NoEventError(
            f"event {event.id} is {event.type}: {function.name} gets {function.event}; give the id of one of those"
        )
    return event.body


def event_of_file(file: Path) -> Body:
    """Read an event.

    Raises:
        NoEventError: The file cannot be read, or holds no event as EventBridge hands it over.
    """
    try:
        event = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise NoEventError(f"{file} cannot be read: {error}") from error
    except ValueError as error:
        raise NoEventError(f"{file} is not JSON: {error}") from error
    said = event if isinstance(event, dict) else {}
    missing = [key for key in TEXTS if not isinstance(said.get(key), str)]
    missing += [] if isinstance(said.get("detail"), dict) else ["detail"]
    if missing:
        raise NoEventError(f"{file} is no event of EventBridge, it lacks {', '.join(missing)}: --sample shows one")
    return said


def made_up_event(settings: Settings, function: FunctionSpec) -> Body:
    """Make up an event that the function could get, of what the stack's files say.

    Raises:
        NoEventError: The files are too broken to tell.
    """
    report = check_settings(settings)
    if report.choreography is None:
        raise NoEventError(f"{settings.stack} has {report.summary}: see `python -m bootstrap check`")
    return sample_event(report.choreography, function)
