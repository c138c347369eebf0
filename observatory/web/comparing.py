"""Two runs beside each other."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from observatory.runs.finding import counterpart
from observatory.story.comparison import compare
from observatory.web.answers import JsonResponse
from observatory.web.context import context_of
from observatory.web.run import tell


async def compare_runs(request: Request) -> Response:
    """What tells a run from another one; where that is not named, from the last one before it with the same input."""
    context, asked = context_of(request), request.query_params
    after, before = asked.get("after") or "latest", asked.get("before")
    if not before:
        before = counterpart((await context.watcher.look()).runs, after).id
    told = {"before": await tell(context, before), "after": await tell(context, after)}
    comparison = await run_in_threadpool(compare, *(one.story for one in told.values()))
    said = comparison.to_json_object()
    return JsonResponse({**said, **{side: {**said[side], "job": one.run.id} for side, one in told.items()}})


ROUTES: list[BaseRoute] = [Route("/api/compare", compare_runs)]
