"""The architecture, as what was recorded shows it."""

from datetime import UTC, datetime

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bootstrap.clients import Clients
from bootstrap.errors import refusals
from observatory.diagrams.architecture import Architecture, draw, infer, silent_functions
from observatory.records.consumers import fetch_rules, read_consumers
from observatory.records.invocations import count_invocations
from observatory.records.ledger import Ledger
from observatory.web.answers import JsonResponse
from observatory.web.context import context_of


async def show(request: Request) -> Response:
    """Who sends which events to whom, how many, and how often."""
    context = context_of(request)
    # Reads the ledger on, and says why if it cannot.
    _ = (await context.watcher.look()).runs
    found = await run_in_threadpool(_infer, context.clients, context.run_list.ledger)
    return JsonResponse({**found.to_json_object(), "diagram": draw(found)})


def _infer(clients: Clients, ledger: Ledger) -> Architecture:
    events, _position = ledger.new_events(0)
    with refusals("architecture", clients.settings):
        consumers = read_consumers(fetch_rules(clients))
        silent = {name: count_invocations(clients, name) for name in sorted(silent_functions(events, consumers))}
    return infer(events, consumers, silent, datetime.now(UTC))


ROUTES: list[BaseRoute] = [Route("/api/architecture", show)]
