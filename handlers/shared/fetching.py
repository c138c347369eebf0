"""Fetch a JSON object over HTTP, as anyone who got its URL can, on connections that are kept.

With a URL that was signed for it, that takes half of the CPU time of botocore's GetObject.
"""

import json
import re
import threading
from functools import lru_cache
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection, InvalidURL
from typing import Any
from urllib.parse import urlsplit

from tenacity import (
    retry,
    retry_if_exception_type,
    stop_after_attempt,
    wait_chain,
    wait_exponential_jitter,
    wait_none,
)

from handlers.shared.errors import PermanentError
from handlers.shared.invocation import OBJECTS

TIMEOUT_SECONDS = 10
MAX_OBJECT_BYTES = 1024 * 1024

# Not urllib.request: it loads the certificates for a plain HTTP URL too, 50 ms of CPU in every new environment, and
# follows redirects, also to FTP, where a signed URL is good for no other host than its own.
CONNECTIONS: dict[str, type[HTTPConnection]] = {"http": HTTPConnection, "https": HTTPSConnection}
URL = re.compile(r"https?://[!-~]+")
# Besides 500 and above: whoever answers so asks to be asked again.
BUSY_STATUSES = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}


class FetchError(PermanentError):
    """An object cannot be fetched; *status* is what the server answered, if that is why."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class UnavailableError(Exception):
    """An object could not be fetched now."""


class Connections(threading.local):
    """A thread's connections, kept from one invocation to the next, which comes after it."""

    def __init__(self) -> None:
        self.to = lru_cache(maxsize=4)(connect)


def fetch_json(url: str) -> dict[str, Any]:
    """Fetch an object.

    Raises:
        FetchError: The URL is not one, is refused, or holds no JSON object.
        UnavailableError: Nothing answers, or nothing but that it cannot now.
    """
    # Whoever has the query with its signature can read the object, so no message shows it.
    shown = url.partition("?")[0]
    if not URL.fullmatch(url):
        raise FetchError(f"{shown!r:.300} is not an http or https URL: see what put it in the event")
    body = get(url, shown)
    OBJECTS.append("read")
    if len(body) > MAX_OBJECT_BYTES:
        raise FetchError(f"{shown} is over {MAX_OBJECT_BYTES:,} bytes: see what stored it there")
    try:
        found = json.loads(body)
    except ValueError as error:
        raise FetchError(f"{shown} is not JSON: see what stored it there") from error
    if not isinstance(found, dict):
        raise FetchError(f"{shown} is {found!r:.100}, not an object: see what stored it there")
    return found


def connect(scheme: str, host: str) -> HTTPConnection:
    """A connection to a host, which opens with its first request."""
    return CONNECTIONS[scheme](host, timeout=TIMEOUT_SECONDS)


KEPT = Connections()


# A kept connection may be closed by now, so the second try comes at once. As long as four tries take when each of them
# hangs, a function has time for the rest.
@retry(
    retry=retry_if_exception_type(UnavailableError),
    wait=wait_chain(wait_none(), wait_exponential_jitter(multiplier=0.1, jitter=0.2)),
    stop=stop_after_attempt(4),
    reraise=True,
)
def get(url: str, shown: str) -> bytes:
    """Get what a URL answers, up to one byte more than an object may have."""
    try:
        parts = urlsplit(url)
        response, body = answer_of(KEPT.to(parts.scheme, parts.netloc), f"{parts.path}?{parts.query}")
    except (ValueError, InvalidURL) as error:
        raise FetchError(f"GET {shown} failed: {error}") from error
    except (OSError, HTTPException) as error:
        raise UnavailableError(f"GET {shown} failed: {error}") from error
    if response.status == HTTPStatus.OK:
        return body
    answer = f"GET {shown} answered {response.status} {response.reason}"
    if response.status in BUSY_STATUSES or response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise UnavailableError(answer)
    raise FetchError(f"{answer}: a signed URL lasts 15 minutes", response.status)


def answer_of(connection: HTTPConnection, target: str) -> tuple[HTTPResponse, bytes]:
    """Ask for something, and read the answer; the connection is closed only if it cannot be used again."""
    response = None
    try:
        connection.request("GET", target)
        response = connection.getresponse()
        return response, response.read(MAX_OBJECT_BYTES + 1)
    finally:
        if response is None or not response.isclosed():
            connection.close()
