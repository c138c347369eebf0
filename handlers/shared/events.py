"""The event that EventBridge hands to a handler, and how a value is read from its detail."""

import os
from typing import Any, TypedDict

from handlers.shared.errors import PermanentError

EventBridgeEvent = TypedDict(
    "EventBridgeEvent",
    {"id": str, "account": str, "source": str, "detail-type": str, "detail": dict[str, Any]},
)


class DetailError(PermanentError):
    """An event's detail does not hold what its handler works with."""


def item_of(event: EventBridgeEvent) -> dict[str, Any]:
    """Say which item of a Map an event is about, by the key that the workflow knows its items by; {} if about none."""
    key = os.environ.get("ITEM_KEY", "item")
    return {key: event["detail"][key]} if key in event["detail"] else {}


def read[T](event: EventBridgeEvent, key: str, kind: type[T]) -> T:
    """Read one value of an event's detail, which anyone who may put events may have written.

    Raises:
        DetailError: The value is missing or of another kind.
    """
    value = event["detail"].get(key)
    if not isinstance(value, kind):
        raise DetailError(
            f"detail.{key} of the {event['detail-type']} event {event['id']} is {value!r:.100}, not a {kind.__name__}: "
            "see what put this event"
        )
    return value


def read_texts(event: EventBridgeEvent, key: str) -> list[str]:
    """Read a list of texts of an event's detail.

    Raises:
        DetailError: The value is missing, no list, or holds something else.
    """
    values = read(event, key, list)
    if others := [value for value in values if not isinstance(value, str)]:
        raise DetailError(
            f"detail.{key} of the {event['detail-type']} event {event['id']} holds {others[0]!r:.100}, not only texts: "
            "see what put this event"
        )
    return values
