"""What the application is sent: a JSON object, from one of its own pages."""

from typing import Any

from starlette.requests import Request

from observatory.records.json_values import read_given_json
from observatory.web.answers import BadRequestError

# An event has at most 1 MB, and JSON may spell each of its characters with six.
LARGEST_BODY_BYTES = 7 * 1024 * 1024


async def read_object(request: Request) -> dict[str, Any]:
    """Read the JSON object of a POST.

    Raises:
        BadRequestError: It is none, it is too large, or it comes from another site.
    """
    _check_sender(request)
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY_BYTES:
            raise BadRequestError(f"the body is larger than {LARGEST_BODY_BYTES:,} bytes: send less", 413)
    try:
        value = read_given_json(body or b"{}")
    except (ValueError, RecursionError) as error:
        raise BadRequestError(f"the body is not JSON ({error}): send an object") from error
    if not isinstance(value, dict):
        raise BadRequestError(f"the body is {str(value)!r:.100}: send a JSON object")
    return value


def _check_sender(request: Request) -> None:
    """Let no other site's page do anything here: it cannot send JSON without asking, and it says where it is from."""
    origin = request.headers.get("origin")
    own = f"{request.url.scheme}://{request.headers.get('host')}"
    if origin is not None and origin != own:
        raise BadRequestError(f"this comes from {origin!r:.100}: only the pages of {own} may do that", 403)
    content_type = request.headers.get("content-type", "").partition(";")[0].strip()
    if content_type != "application/json":
        raise BadRequestError(f"the content type is {content_type!r:.100}: send application/json", 415)
