"""One run: its story, how it goes on, what it has stored, and what its functions have logged."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bootstrap.description import Stack
from bootstrap.errors import BootstrapError
from observatory.diagrams.workflow import State, read_workflow
from observatory.errors import RunError, UnknownInvocationError, UnknownObjectError, UnknownRunError
from observatory.records.history import History
from observatory.records.objects import read_object
from observatory.runs.runs import Run
from observatory.web.answers import JsonResponse
from observatory.web.context import Context, context_of
from observatory.web.streams import message, trouble
from observatory.web.telling import Told, workflow_to_json_object
from observatory.web.until_pages_are_general import summary_to_json_object

# After a run has ended, its side effects may still be tried: three times, if they take as long as they may.
TRIES = 3


async def tell_run(request: Request) -> Response:
    """All that is known of a run."""
    told = await _tell(context_of(request), request.path_params["job"])
    return Response(told.body, media_type="application/json")


async def stream_run(request: Request) -> Response:
    """How far a run is, at once and whenever that has changed, until nothing more is to come."""
    context, job = context_of(request), request.path_params["job"]
    if (await context.watcher.look()).find(job) is None:
        # It may be older than those that are looked at; if not, this says that there is none.
        return EventSourceResponse(_end(await _tell(context, job)))
    return EventSourceResponse(progress(context, job))


async def send_object(request: Request) -> Response:
    """An object that the run has stored."""
    context, name = context_of(request), request.path_params["name"]
    told = await _tell(context, request.path_params["job"])
    if name not in {told.story.object_name(found) for found in told.story.objects}:
        raise UnknownObjectError(f"run {told.run.job} has no object {name!r:.200}")
    return JsonResponse(await run_in_threadpool(read_object, context.clients, told.run.execution.arn, name))


async def send_log(request: Request) -> Response:
    """What an invocation has logged, all tries of it."""
    request_id = request.path_params["request_id"]
    told = await _tell(context_of(request), request.path_params["job"])
    tries = [one for one in told.story.invocations if one.request_id == request_id]
    if not tries:
        raise UnknownInvocationError(f"run {told.run.job} has no invocation {request_id!r:.100}")
    # Lambda keeps a traceback in one line with spaces that do not break.
    lines = [line.replace("\xa0", " ") for one in tries for text in one.lines for line in text.splitlines()]
    return JsonResponse({"lines": lines, "tries": len(tries)})


async def _tell(context: Context, job: str) -> Told:
    run = (await context.watcher.look()).find(job)
    return await run_in_threadpool(context.teller.tell, job, run)


async def progress(context: Context, job: str) -> AsyncIterator[ServerSentEvent]:
    """Say how far a run is, at once and whenever that has changed, until nothing more is to come."""
    shown: object = None
    histories: list[History] = []
    async for look in context.watcher.looks():
        try:
            if (run := look.find(job)) is None:
                yield trouble(UnknownRunError(f"there is no run {job!r:.100} any more"))
                return
            if stopped := run.execution.stopped:
                told = await run_in_threadpool(context.teller.tell, run.job, run)
                if told.is_complete or datetime.now(UTC) - stopped > _longest_end(told.story.stack):
                    for last in _last_messages(told):
                        yield last
                    return
                states = told.states
            else:
                histories = histories or [await run_in_threadpool(_history, context, run)]
                states = await run_in_threadpool(_read_states, histories[0])
            if (run, states) != shown:
                yield message("progress", _to_json_object(run, states))
                shown = (run, states)
        except (BootstrapError, RunError) as error:
            if str(error) != shown:
                yield trouble(error)
            shown = str(error)


async def _end(told: Told) -> AsyncIterator[ServerSentEvent]:
    for last in _last_messages(told):
        yield last


def _last_messages(told: Told) -> tuple[ServerSentEvent, ...]:
    """How the run did according to the history of its execution, which knows more states than its events do."""
    return (
        message("progress", _to_json_object(told.run, told.states)),
        message("end", {"summary": summary_to_json_object(told.run)}),
    )


def _longest_end(stack: Stack) -> timedelta:
    functions = (*stack.functions, *(consumer.function for consumer in stack.consumers))
    return timedelta(seconds=TRIES * max((one.timeout_seconds for one in functions), default=0))


def _history(context: Context, run: Run) -> History:
    return History(context.clients, run.execution.arn, context.run_list.stack.item_key)


def _read_states(history: History) -> tuple[State, ...]:
    return read_workflow(history.definition, history.read())


def _to_json_object(run: Run, states: tuple[State, ...]) -> dict[str, Any]:
    return {"summary": summary_to_json_object(run), **workflow_to_json_object(states), "events": run.events}


ROUTES: list[BaseRoute] = [
    Route("/api/runs/{job}", tell_run),
    Route("/api/runs/{job}/live", stream_run),
    Route("/api/runs/{job}/objects/{name}", send_object),
    Route("/api/runs/{job}/logs/{request_id}", send_log),
]
