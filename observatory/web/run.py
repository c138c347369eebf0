"""One run: its story, and how it goes on."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from observatory.diagrams.workflow import read_workflow
from observatory.records.definitions import fetch_definition
from observatory.runs.runs import Run
from observatory.web.answers import JsonResponse
from observatory.web.context import Context, context_of
from observatory.web.telling import Told, workflow_to_json_object


async def tell_run(request: Request) -> Response:
    """All that is known of a run."""
    told = await tell(context_of(request), request.path_params["job"])
    return Response(told.body, media_type="application/json")


async def tell_progress(request: Request) -> Response:
    """How far a run is: of one that goes on as its history says, which is read much faster than its story is told."""
    context, job = context_of(request), request.path_params["job"]
    run = (await context.watcher.look()).find(job)
    if run is None or not run.is_running or run.states is None:
        told = await tell(context, job)
        run, states = told.run, told.states
    else:
        definition = await run_in_threadpool(fetch_definition, context.clients, run.execution.arn)
        states = read_workflow(definition, run.states)
    return JsonResponse({"summary": run.to_json_object(), **workflow_to_json_object(states)})


async def tell(context: Context, job: str) -> Told:
    """What is known of a run, told anew only if there is something new to tell."""
    run: Run | None = (await context.watcher.look()).find(job)
    return await run_in_threadpool(context.teller.tell, job, run)


async def tell_recent(context: Context, job: str) -> Told:
    """What is known of a run, or was a moment ago: enough for what somebody chose of what was shown."""
    run = (await context.watcher.recent()).find(job)
    return await run_in_threadpool(context.teller.tell, job, run)


ROUTES: list[BaseRoute] = [
    Route("/api/runs/{job}", tell_run),
    Route("/api/runs/{job}/progress", tell_progress),
]
