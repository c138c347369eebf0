"""What a page does with a run that there is: stop it, or let it go on from where it failed."""

from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bootstrap.clients import Clients
from bootstrap.errors import RefusedError, refusals
from observatory.records.executions import Execution, find_execution
from observatory.records.stacks import deployed_stack
from observatory.runs.acting import LONGEST_REASON, redrive, stop
from observatory.web.answers import BadRequestError, JsonResponse
from observatory.web.context import context_of
from observatory.web.questions import read_object

NO_REASON = "stopped from the page"


async def stop_run(request: Request) -> Response:
    """Stop it, with the reason that is given."""
    said = (await read_object(request)).get("reason")
    reason = NO_REASON if said is None or said == "" else said
    if not isinstance(reason, str) or len(reason) > LONGEST_REASON:
        raise BadRequestError(f"reason is {reason!r:.100}: give a text of at most {LONGEST_REASON:,} characters")
    return await _act(request, lambda clients, execution: stop(clients, execution, reason))


async def redrive_run(request: Request) -> Response:
    """Let it go on from where it failed."""
    await read_object(request)
    return await _act(request, redrive)


async def _act(request: Request, act: Callable[[Clients, Execution], None]) -> Response:
    clients, job = context_of(request).clients, request.path_params["job"]
    try:
        found = await run_in_threadpool(_find_and_act, clients, job, act)
    except RefusedError as error:
        raise BadRequestError(str(error)) from error
    return JsonResponse({"job": found.job})


def _find_and_act(clients: Clients, job: str, act: Callable[[Clients, Execution], None]) -> Execution:
    with refusals(f"run {job}", clients.settings):
        execution = find_execution(clients, deployed_stack(clients), job)
    act(clients, execution)
    return execution


ROUTES: list[BaseRoute] = [
    Route("/api/runs/{job}/stop", stop_run, methods=["POST"]),
    Route("/api/runs/{job}/redrive", redrive_run, methods=["POST"]),
]
