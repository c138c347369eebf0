"""The architecture, as it is wired, and as what was recorded shows it."""

import json
import time
from datetime import UTC, datetime
from functools import lru_cache

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bootstrap.clients import Clients
from bootstrap.description import Stack
from bootstrap.errors import refusals
from bootstrap.stack_json import from_json_object, to_json_object
from observatory.diagrams.architecture import Architecture, Facts, draw, functions_of, infer
from observatory.diagrams.deliveries import fold_rules
from observatory.records import dead_letters
from observatory.records.access import BucketUser, fetch_bucket_users
from observatory.records.consumers import Consumer, fetch_consumers
from observatory.records.invocation_counts import InvocationCounter
from observatory.records.ledger import Ledger
from observatory.records.wiring import Wire, read_wires
from observatory.web.answers import JsonResponse
from observatory.web.context import context_of

# Asking for policies takes a few requests for each function and machine, reading all files a fifth of a second.
POLICIES_HOLD_SECONDS = 30


async def show(request: Request) -> Response:
    """Who sends which events to whom, how many, and how often."""
    context = context_of(request)
    # Reads the ledger on, and says why if it cannot.
    _ = (await context.watcher.look()).runs
    found = await run_in_threadpool(_infer, context.clients, context.run_list.stack, context.run_list.ledger)
    pictures = {"diagram": draw(fold_rules(found)), "wholeDiagram": draw(found)}
    return JsonResponse({**found.to_json_object(), **pictures})


def _infer(clients: Clients, stack: Stack, ledger: Ledger) -> Architecture:
    events, _position = ledger.new_events(0)
    with refusals("architecture", clients.settings):
        consumers = fetch_consumers(clients, stack)
        counter = _counter(clients, ledger)
        counts = {one: counter.count(one.name, one.account) for one in functions_of(consumers)}
        letters = {one: dead_letters.count(clients, one) for one in dead_letters.queues_of(stack)}
        machines = tuple(machine.name for machine in stack.machines)
        users = _users(clients, machines, consumers, int(time.monotonic() / POLICIES_HOLD_SECONDS))
    wires = _wires(clients, json.dumps(to_json_object(stack)), int(time.monotonic() / POLICIES_HOLD_SECONDS))
    return infer(Facts(stack, clients.bucket, events, consumers, users, counts, letters, wires), datetime.now(UTC))


@lru_cache(1)
def _counter(clients: Clients, _ledger: Ledger) -> InvocationCounter:
    """One for as long as the sandbox is the same, as its ledger is."""
    return InvocationCounter(clients)


@lru_cache(2)
def _users(
    clients: Clients, machines: tuple[str, ...], consumers: tuple[Consumer, ...], _moment: int
) -> tuple[BucketUser, ...]:
    return fetch_bucket_users(clients, machines, consumers)


@lru_cache(1)
def _wires(clients: Clients, stack: str, _moment: int) -> tuple[Wire, ...]:
    return read_wires(clients, from_json_object(json.loads(stack)))


ROUTES: list[BaseRoute] = [Route("/api/architecture", show)]
