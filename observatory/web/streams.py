"""Server-sent events: what is live, and why it is not."""

from sse_starlette import ServerSentEvent

from observatory.web.answers import one_line, to_json


def message(event: str, value: object) -> ServerSentEvent:
    """Say what is new."""
    return ServerSentEvent(to_json(value), event=event)


def trouble(error: Exception) -> ServerSentEvent:
    """Say why nothing is."""
    return message("trouble", {"error": one_line(error)})
