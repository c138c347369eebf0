"""Events that somebody puts on the bus by hand: those that were recorded, as they were or edited, and any others."""

from collections.abc import Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bootstrap.clients import Clients
from bootstrap.errors import RefusedError
from observatory.records.ledger import REPLAY_OF
from observatory.records.stacks import deployed_stack
from observatory.runs.putting import put_event
from observatory.web.answers import BadRequestError, JsonResponse
from observatory.web.context import context_of
from observatory.web.questions import read_object

# https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html
LONGEST_DETAIL_TYPE = 128
LONGEST_ID = 100


async def put(request: Request) -> Response:
    """Put an event on the bus; one that repeats another says so in its `meta`."""
    asked = await read_object(request)
    detail_type, detail = _text(asked, "detailType", LONGEST_DETAIL_TYPE), asked.get("detail")
    if not isinstance(detail, dict):
        raise BadRequestError(f"detail is {detail!r:.100}: give a JSON object")
    if asked.get("replayOf") is not None:
        detail = _mark(detail, _text(asked, "replayOf", LONGEST_ID))
    try:
        answer = await run_in_threadpool(_put, context_of(request).clients, detail_type, detail)
    except RefusedError as error:
        raise BadRequestError(str(error)) from error
    return JsonResponse(answer, 201)


def _put(clients: Clients, detail_type: str, detail: Mapping[str, Any]) -> dict[str, Any]:
    """Put it, and say whether it starts a run."""
    stack = deployed_stack(clients)
    event_id = put_event(clients, stack.source, detail_type, detail)
    return {"id": event_id, "starts": any(start.event == detail_type for one in stack.machines for start in one.starts)}


def _text(asked: Mapping[str, Any], key: str, longest: int) -> str:
    value = asked.get(key)
    if not isinstance(value, str) or not value.strip() or len(value) > longest:
        raise BadRequestError(f"{key} is {value!r:.100}: give a text of 1 to {longest} characters")
    return value


def _mark(detail: dict[str, Any], original: str) -> dict[str, Any]:
    meta = detail.get("meta")
    return {**detail, "meta": {**(meta if isinstance(meta, dict) else {}), REPLAY_OF: original}}


ROUTES: list[BaseRoute] = [Route("/api/events", put, methods=["POST"])]
