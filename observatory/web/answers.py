"""What the application answers: JSON, and an error in one line."""

import json
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ExceptionHandler

from bootstrap.errors import BootstrapError, RefusedError
from bootstrap.settings import SettingsError
from observatory.errors import (
    AmbiguousRunError,
    RunError,
    RunNotStartedError,
    StartError,
    UnknownDeadLetterError,
    UnknownEventError,
    UnknownInvocationError,
    UnknownObjectError,
    UnknownRunError,
    UnknownStateError,
    UnreadableWishError,
)

NOT_FOUND = (
    UnknownRunError
    | UnknownEventError
    | UnknownObjectError
    | UnknownInvocationError
    | UnknownDeadLetterError
    | UnknownStateError
    | StartError
)


class BadRequestError(HTTPException):
    """What was sent cannot be used; the message says what is wrong and what to do."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(status, message)


class JsonResponse(Response):
    """A value as JSON, in ASCII: what an event says may hold half a surrogate pair, which no UTF-8 can."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:  # noqa: ANN401 - whatever JSON holds
        """Return the value as JSON."""
        return to_json(content).encode()


def to_json(value: Any) -> str:  # noqa: ANN401 - whatever JSON holds
    """Write a value as JSON, in one line."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def one_line(error: object) -> str:
    """Say in one line what is wrong and what to do."""
    return " ".join(str(error).split())


def _status(error: Exception) -> int:
    """Which status fits an error: not to be had, not there, refused by AWS, or nobody who could have said."""
    if isinstance(error, UnreadableWishError | AmbiguousRunError):
        return 400
    if isinstance(error, NOT_FOUND):
        return 404
    return 502 if isinstance(error, RefusedError | RunNotStartedError) else 503


async def _answer_error(_request: Request, error: Exception) -> Response:
    return JsonResponse({"error": one_line(error)}, _status(error))


async def answer_http_error(_request: Request, error: Exception) -> Response:
    """Answer with what is wrong, and with the status that it has."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for no other
    return JsonResponse({"error": one_line(error.detail)}, error.status_code)


EXCEPTION_HANDLERS: dict[object, ExceptionHandler] = {
    HTTPException: answer_http_error,
    SettingsError: _answer_error,
    BootstrapError: _answer_error,
    RunError: _answer_error,
}
