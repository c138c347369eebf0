"""What was recorded of a run, as it was: its events, what its functions have logged, and the objects it has stored."""

import re
from collections.abc import Iterator

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from observatory.errors import UnknownEventError, UnknownInvocationError, UnknownObjectError
from observatory.records.ledger import Event
from observatory.records.objects import read_object
from observatory.story.explanation import explain
from observatory.web.answers import BadRequestError, JsonResponse, to_json
from observatory.web.context import context_of
from observatory.web.run import tell
from observatory.web.story_json import event_to_json_object

PAGE_EVENTS = 200
# An execution that nobody's event has started may be called anything.
ODD = re.compile("[^A-Za-z0-9-]")


async def export(request: Request) -> Response:
    """All of the run's story as a file, the same that `explain --json` prints."""
    story = (await tell(context_of(request), request.path_params["job"])).story
    answer = JsonResponse(await run_in_threadpool(explain, story))
    answer.headers["content-disposition"] = f'attachment; filename="run-{ODD.sub("-", story.job)}.json"'
    return answer


async def find_events(request: Request) -> Response:
    """A page of the run's events: those of a type and with a text in their JSON, if these are asked for."""
    asked = request.query_params
    told = await tell(context_of(request), request.path_params["job"])
    events, first = told.story.events, _number(asked.get("first", "0"))
    found = await run_in_threadpool(list, _matching(events, asked.get("type", ""), asked.get("text", "").lower()))
    return JsonResponse(
        {
            "events": [event_to_json_object(event) for event in found[first : first + PAGE_EVENTS]],
            "found": len(found),
            "total": len(events),
        }
    )


async def send_event(request: Request) -> Response:
    """An event with all that it says."""
    told = await tell(context_of(request), request.path_params["job"])
    event_id = request.path_params["event_id"]
    if not (event := told.story.event_by_id.get(event_id)):
        raise UnknownEventError(f"run {told.run.job} has no event {event_id!r:.100}")
    return JsonResponse(event_to_json_object(event))


async def send_object(request: Request) -> Response:
    """An object that the run has stored."""
    context, name = context_of(request), request.path_params["name"]
    told = await tell(context, request.path_params["job"])
    if name not in {told.story.object_name(found) for found in told.story.objects}:
        raise UnknownObjectError(f"run {told.run.job} has no object {name!r:.200}")
    return JsonResponse(await run_in_threadpool(read_object, context.clients, told.run.execution.arn, name))


async def send_log(request: Request) -> Response:
    """What a try of an invocation has logged; which one is said by when it began, else it is the last."""
    request_id, began = request.path_params["request_id"], request.query_params.get("started")
    story = (await tell(context_of(request), request.path_params["job"])).story
    tries = [one for one in story.invocations if one.request_id == request_id]
    if not tries:
        raise UnknownInvocationError(f"run {story.job} has no invocation {request_id!r:.100}")
    since = [round((one.started - story.execution.started).total_seconds() * 1000) for one in tries]
    number = since.index(_number(began)) if began and _number(began) in since else len(tries) - 1
    # Lambda keeps a traceback in one line with spaces that do not break.
    lines = [line.replace("\xa0", " ") for text in tries[number].lines for line in text.splitlines()]
    return JsonResponse({"lines": lines, "try": number + 1, "tries": len(tries)})


def _matching(events: tuple[Event, ...], detail_type: str, text: str) -> Iterator[Event]:
    for event in events:
        if detail_type in {"", event.type} and (not text or text in to_json(event_to_json_object(event)).lower()):
            yield event


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise BadRequestError(f"{text!r:.100} is no whole number") from error


ROUTES: list[BaseRoute] = [
    Route("/api/runs/{job}/export", export),
    Route("/api/runs/{job}/events", find_events),
    Route("/api/runs/{job}/events/{event_id}", send_event),
    Route("/api/runs/{job}/objects/{name}", send_object),
    Route("/api/runs/{job}/logs/{request_id}", send_log),
]
