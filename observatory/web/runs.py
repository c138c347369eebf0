"""The runs: those there are, and new ones."""

import time
from collections.abc import AsyncIterator, Mapping
from typing import Any

from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bootstrap.clients import Clients
from observatory.clock import Clock
from observatory.records.executions import find_execution
from observatory.runs.runs import Run
from observatory.runs.starting import ExecutionFinder, check_start_rule, fire, read_people
from observatory.web.answers import BadRequestError, JsonResponse
from observatory.web.context import Context, context_of
from observatory.web.questions import read_object
from observatory.web.streams import message, trouble
from observatory.web.watching import Watcher

START_SECONDS = 30.0


async def list_runs(request: Request) -> Response:
    """All runs, newest first."""
    look = await context_of(request).watcher.look()
    return JsonResponse(_to_json_object(look.runs))


async def stream_runs(request: Request) -> Response:
    """All runs, at once and whenever anything about them has changed."""
    return EventSourceResponse(changes(context_of(request).watcher))


async def changes(watcher: Watcher) -> AsyncIterator[ServerSentEvent]:
    """Say what the runs are, at once and whenever anything about them has changed."""
    shown: object = None
    async for look in watcher.looks():
        news = str(look.error) if look.error else look.seen
        if news != shown:
            yield trouble(look.error) if look.error else message("runs", _to_json_object(look.seen))
        shown = news


async def start_run(request: Request) -> Response:
    """Fire a start event with what was asked for, and wait for its execution."""
    asked = await read_object(request)
    return await _start(context_of(request), _start_detail(asked))


async def start_again(request: Request) -> Response:
    """Start a run with the people, their names and their cookies of another one."""
    await read_object(request)
    context = context_of(request)
    detail = await run_in_threadpool(_same_detail, context.clients, request.path_params["job"])
    return await _start(context, detail)


async def _start(context: Context, detail: Mapping[str, object]) -> Response:
    return JsonResponse({"job": await run_in_threadpool(_fire, context.clients, detail)}, 201)


def _fire(clients: Clients, detail: Mapping[str, object]) -> str:
    check_start_rule(clients)
    finder = ExecutionFinder(clients, Clock())
    job = fire(clients, detail)
    finder.find(job, time.monotonic() + START_SECONDS)
    return job


def _start_detail(asked: Mapping[str, Any]) -> dict[str, object]:
    """The detail of the start event: only what was asked for."""
    if unknown := asked.keys() - {"people", "seed"}:
        raise BadRequestError(f"{min(unknown)!r:.100} is no part of a start: give people, seed, or neither")
    detail = {key: value for key, value in asked.items() if value is not None}
    if type(detail.get("seed", "")) not in {int, str}:
        raise BadRequestError(f"seed is {detail['seed']!r:.100}: give a whole number or a text, or leave it out")
    if "people" in detail:
        try:
            detail["people"] = read_people(str(detail["people"]))
        except ValueError as error:
            raise BadRequestError(f"people: {error}") from error
    return detail


def _same_detail(clients: Clients, job: str) -> dict[str, object]:
    """The detail that started a run; where it has no seed, the seed is what took its place: the execution's ARN."""
    execution = find_execution(clients, job)
    seed = execution.start.get("seed")
    return {**execution.start, "seed": execution.arn if seed is None else seed}


def _to_json_object(runs: tuple[Run, ...]) -> dict[str, Any]:
    return {"runs": [run.to_json_object() for run in runs]}


ROUTES: list[BaseRoute] = [
    Route("/api/runs", list_runs),
    Route("/api/runs", start_run, methods=["POST"]),
    Route("/api/live", stream_runs),
    Route("/api/runs/{job}/again", start_again, methods=["POST"]),
]
