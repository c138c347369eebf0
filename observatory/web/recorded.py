"""What was recorded of a run, as it was: its events, what its functions have logged, and the objects it has stored."""

import re
from collections.abc import Iterator, Mapping

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from observatory.errors import UnknownEventError, UnknownInvocationError, UnknownObjectError, UnknownStateError
from observatory.records.invocations import Invocation
from observatory.records.ledger import Event
from observatory.records.log_lines import read_invocation_logs
from observatory.records.objects import read_object
from observatory.records.states import StateRun
from observatory.story.explanation import explain
from observatory.story.story import Story
from observatory.web.answers import BadRequestError, JsonResponse, to_json
from observatory.web.context import context_of
from observatory.web.run import tell, tell_recent
from observatory.web.story_json import event_to_json_object, log_to_json_object, state_to_json_object

PAGE_EVENTS = 200
# Each is a question of its own to CloudWatch Logs.
MOST_LOGS = 30
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
    told = await tell_recent(context_of(request), request.path_params["job"])
    event_id = request.path_params["event_id"]
    if not (event := told.story.event_by_id.get(event_id)):
        raise UnknownEventError(f"run {told.run.job} has no event {event_id!r:.100}")
    return JsonResponse(event_to_json_object(event))


async def send_object(request: Request) -> Response:
    """An object that the run has stored."""
    context, name = context_of(request), request.path_params["name"]
    told = await tell_recent(context, request.path_params["job"])
    if name not in {told.story.object_name(found) for found in told.story.objects}:
        raise UnknownObjectError(f"run {told.run.job} has no object {name!r:.200}")
    return JsonResponse(await run_in_threadpool(read_object, context.clients, told.run.execution.arn, name))


async def send_state(request: Request) -> Response:
    """What a state was given, and what came of it."""
    told = await tell_recent(context_of(request), request.path_params["job"])
    return JsonResponse(state_to_json_object(_state(told.story, request.path_params["state"])))


async def send_definition(request: Request) -> Response:
    """What the run was started with, in the Amazon States Language."""
    told = await tell_recent(context_of(request), request.path_params["job"])
    return JsonResponse(told.story.definition)


async def send_log(request: Request) -> Response:
    """What functions have logged up to now: of an invocation, of those of a state, or of all those of an item."""
    context, asked = context_of(request), request.query_params
    story = (await tell_recent(context, request.path_params["job"])).story
    invocations = _asked_for(story, asked)
    lines = await run_in_threadpool(read_invocation_logs, context.clients, invocations)
    return JsonResponse(log_to_json_object(story, lines))


def _asked_for(story: Story, asked: Mapping[str, str]) -> list[Invocation]:
    """The invocations of a `request`, or that try of it which `began` then; else of a `state`; else of an `item`."""
    if request_id := asked.get("request"):
        tries = [one for one in story.invocations if one.request_id == request_id]
        if not tries:
            raise UnknownInvocationError(f"run {story.job} has no invocation {request_id!r:.100}")
        since = [round((one.started - story.execution.started).total_seconds() * 1000) for one in tries]
        return [tries[since.index(_number(asked["began"]))]] if _number(asked.get("began", "-1")) in since else tries
    if "state" in asked:
        return list(story.invocations_of(_state(story, asked["state"])))[:MOST_LOGS]
    item = [_number(asked.get(name, "")) for name in ("map", "item", "attempt")]
    states = [one for one in story.states.runs if story.states.is_within(one, *item)]
    return [invocation for state in states for invocation in story.invocations_of(state)][:MOST_LOGS]


def _state(story: Story, text: str) -> StateRun:
    if not (state := story.states.by_id.get(_number(text))):
        raise UnknownStateError(f"run {story.job} has no state {text!r:.100}")
    return state


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
    Route("/api/runs/{job}/objects/{name:path}", send_object),
    Route("/api/runs/{job}/states/{state}", send_state),
    Route("/api/runs/{job}/definition", send_definition),
    Route("/api/runs/{job}/log", send_log),
]
