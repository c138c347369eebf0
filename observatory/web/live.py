"""The one stream that all tabs share: which runs have changed, and each second a sign of life, or why there is none."""

from collections.abc import AsyncIterator

from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from observatory.runs.runs import Run
from observatory.web.answers import one_line, to_json
from observatory.web.context import context_of
from observatory.web.watching import Look, Watcher


async def stream(request: Request) -> Response:
    """What changes from now on; what there was before, a page asks for."""
    return EventSourceResponse(changes(context_of(request).watcher))


async def changes(watcher: Watcher) -> AsyncIterator[ServerSentEvent]:
    """Say after each look what is new since the one before."""
    before: Look | None = None
    async for look in watcher.looks():
        if look.error:
            yield _message("trouble", {"error": one_line(look.error)})
            continue
        changed = _changed(before, look)
        if changed or (before and len(before.seen) > len(look.seen)):
            yield _message("runs", {"runs": [run.to_json_object() for run in changed]})
        else:
            yield _message("tick", {})
        before = look


def _changed(before: Look | None, look: Look) -> list[Run]:
    if before is None:
        return []
    known = {run.id: run for run in before.seen}
    return [run for run in look.seen if (old := known.get(run.id)) is not run and old != run]


def _message(event: str, value: object) -> ServerSentEvent:
    return ServerSentEvent(to_json(value), event=event)


ROUTES: list[BaseRoute] = [Route("/api/live", stream)]
