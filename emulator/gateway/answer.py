"""What is sent on a connection: answers, and refusals."""

import socket
import time
from collections.abc import Iterable
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus

from emulator.gateway.message import Message, RefusedRequestError

LAST_CHUNK = b"0\r\n\r\n"
BODYLESS_STATUSES = {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}
# What is opened in a browser is text or a picture: no script of it runs, nor has it this port's origin.
PROTECTION = ("Content-Security-Policy", "sandbox")
# Of all services only S3 says what it is, https://docs.aws.amazon.com/AmazonS3/latest/API/RESTCommonResponseHeaders.html.
ONLY_OF_S3 = "x-amz-id-2"
SERVER_OF_S3 = ("Server", "AmazonS3")
UNSENDABLE = "the answer has a header with a line break or with characters that no header has"


def send_answer(
    connected: socket.socket, message: Message, status: str, headers: list[tuple[str, str]], parts: Iterable[bytes]
) -> None:
    """Send what WSGI has of an answer.

    Args:
        connected: To whom.
        message: What is answered; it learns whether another may follow.
        status: Number and phrase.
        headers: Names and values.
        parts: The body.

    Raises:
        RefusedRequestError: The head cannot be sent; nothing was.
        OSError: The client has gone, or reads nothing.
    """
    given = {name.lower(): value for name, value in headers}
    has_body = message.method != "HEAD" and int(status[:3]) not in BODYLESS_STATUSES
    chunked = has_body and "content-length" not in given and message.version != "1.0"
    added = [("Date", _date(int(time.time()))), PROTECTION]
    if ONLY_OF_S3 in given:
        added.append(SERVER_OF_S3)
    if chunked:
        added.append(("Transfer-Encoding", "chunked"))
    if given.get("connection", "").lower() == "close":
        message.keep_alive = False
    elif not message.keep_alive:
        added.append(("Connection", "close"))
    head = _head(status, headers + added)
    if not has_body:
        connected.sendall(head)
        return
    sent = _send_body(connected, head, parts, chunked=chunked)
    if sent != int(given.get("content-length", sent)):
        message.keep_alive = False  # so that the client does not wait for what never comes


def _send_body(connected: socket.socket, head: bytes, parts: Iterable[bytes], *, chunked: bool) -> int:
    """Send the head with the first part, then the others, and return how long the body was."""
    unsent, length = head, 0
    for part in parts:
        if part:
            length += len(part)
            connected.sendall(unsent + (_chunk(part) if chunked else part))
            unsent = b""
    if unsent or chunked:
        connected.sendall(unsent + (LAST_CHUNK if chunked else b""))
    return length


def refusal(status: HTTPStatus, why: str) -> bytes:
    """All of an answer that says what is wrong with a request, and that its connection ends.

    Args:
        status: The answer's.
        why: One line.
    """
    body = f"{why}\n".encode()
    headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
    return _head(f"{status.value} {status.phrase}", [*headers, ("Connection", "close"), PROTECTION]) + body


@lru_cache(1)
def _date(seconds: int) -> str:
    return formatdate(seconds, usegmt=True)


def _head(status: str, headers: Iterable[tuple[str, str]]) -> bytes:
    """Write the head of an answer.

    Raises:
        RefusedRequestError: A header has what would end it, or cannot be written.
    """
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers), "", ""]
    try:
        head = "\r\n".join(lines).encode("latin-1")
    except UnicodeEncodeError as error:
        raise RefusedRequestError(HTTPStatus.INTERNAL_SERVER_ERROR, UNSENDABLE) from error
    if head.count(b"\n") != len(lines) - 1 or head.count(b"\r") != len(lines) - 1 or b"\0" in head:
        raise RefusedRequestError(HTTPStatus.INTERNAL_SERVER_ERROR, UNSENDABLE)
    return head


def _chunk(part: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(part), part)
