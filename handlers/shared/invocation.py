"""The invocation that is being handled: its id, its log, and when it began."""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps
from typing import Protocol

from handlers.shared.events import EventBridgeEvent
from handlers.shared.log import log

CURRENT: ContextVar["Invocation"] = ContextVar("invocation")
# What it did with the objects of the bucket, `read` or `written` for each; its threads may add to it.
OBJECTS: list[str] = []


class Context(Protocol):
    """What Lambda tells a handler about its invocation."""

    aws_request_id: str
    log_stream_name: str


@dataclass(frozen=True)
class Invocation:
    """An invocation, as its REPORT line in CloudWatch Logs can be found again."""

    request_id: str
    log_stream: str
    started_at: str


type Handler = Callable[[EventBridgeEvent, Context], None]


def recorded(handle: Handler) -> Handler:
    """Note when an invocation begins: in its log, so that one that fails names its event, and in what it emits."""

    @wraps(handle)
    def lambda_handler(event: EventBridgeEvent, context: Context) -> None:
        invocation = Invocation(context.aws_request_id, context.log_stream_name, now())
        CURRENT.set(invocation)
        OBJECTS.clear()
        ids = {"eventId": event["id"], "requestId": invocation.request_id}
        log(event, f"handling {event['detail-type']}", **ids, startedAt=invocation.started_at)
        handle(event, context)

    return lambda_handler


def now() -> str:
    """The time as ISO 8601 has it, in UTC and to the microsecond."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
