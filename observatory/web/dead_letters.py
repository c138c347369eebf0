"""The dead letters: those there are, and sending one again."""

from datetime import UTC, datetime
from threading import Lock
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bootstrap.clients import Clients
from bootstrap.errors import RefusedError
from observatory.records.dead_letters import Fetched, fetch, send_again
from observatory.records.stacks import deployed_stack
from observatory.web.answers import BadRequestError, JsonResponse
from observatory.web.context import Context, context_of
from observatory.web.questions import read_object

# Of two that receive from a queue at the same time, each sees but a part of it.
RECEIVING = Lock()


async def list_dead_letters(request: Request) -> Response:
    """All of them, or those of the run that is asked for, the latest first; of very many, some."""
    # The letters of a run say its job, also where it is asked for by more than that.
    job = request.query_params.get("job", "").rpartition(":")[2]
    found = await run_in_threadpool(_fetch, context_of(request).clients, job or None)
    return JsonResponse({"letters": [letter.to_json_object() for letter in found.letters], "about": found.about})


async def send_dead_letter(request: Request) -> Response:
    """Invoke the function again with what it could not handle."""
    await read_object(request)
    try:
        sent = await run_in_threadpool(_send, context_of(request), request.path_params["letter"])
    except RefusedError as error:
        raise BadRequestError(str(error)) from error
    return JsonResponse(sent)


def _fetch(clients: Clients, job: str | None) -> Fetched:
    with RECEIVING:
        return fetch(clients, deployed_stack(clients), job)


def _send(context: Context, letter: str) -> dict[str, Any]:
    began = datetime.now(UTC)
    with RECEIVING:
        sent = send_again(context.clients, deployed_stack(context.clients), letter).to_json_object()
    if isinstance(job := sent["job"], str):
        context.teller.expect(job, began)
    return sent


ROUTES: list[BaseRoute] = [
    Route("/api/dead-letters", list_dead_letters),
    Route("/api/dead-letters/{letter}/send", send_dead_letter, methods=["POST"]),
]
