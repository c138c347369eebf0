"""One HTTP connection to LocalStack's gateway: its requests, and what the gateway answers."""

import io
import logging
import os
import socket
import struct
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from http import HTTPStatus
from urllib.parse import unquote_to_bytes

from rolo.gateway import Gateway
from rolo.response import Response
from werkzeug.datastructures import Headers
from werkzeug.wrappers import Request

from emulator.gateway.answer import UNSENDABLE, refusal, send_answer
from emulator.gateway.callers import Callers
from emulator.gateway.message import MAX_HEAD_BYTES, MAX_URL_BYTES, Message, MessageReader, RefusedRequestError
from emulator.gateway.peers import Address, Peers

LOG = logging.getLogger(__name__)

READ_BYTES = 64 * 1024
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
# How long a connection may be silent, between requests and within one.
IDLE_SECONDS = 60
# Someone may look at the beginning of an object in a debugger, before they read on.
PAUSED_READER_SECONDS = 300
# How long to take in what a client still sends that has been refused; else it might not see why.
LINGER_SECONDS = 2
OTHER_USER = "this sandbox is another user's: who started it can open it to all of this machine by ALLOW_OTHER_USERS=1"


@dataclass(frozen=True)
class Front:
    """What all connections have in common.

    Args:
        gateway: Answers their requests.
        callers: Knows which requests are refused.
        peers: Knows whose processes the clients are; None when that does not matter.
        idle: Those that wait for a request, the one that waits longest first.
    """

    gateway: Gateway
    callers: Callers
    peers: Peers | None = None
    idle: "OrderedDict[HttpConnection, None]" = field(default_factory=OrderedDict)


class HttpConnection:
    """Serves the requests of one client, one after the other.

    Args:
        connected: The client's socket.
        peer: The client's host and port.
        own: Those that the client has asked for.
        front: What it has in common with all others.
    """

    def __init__(self, connected: socket.socket, peer: Address, own: Address, front: Front) -> None:
        self._socket = connected
        self._peer = peer
        self._own = own
        self._front = front
        # Why every request of this client is refused.
        self._refused: str | None = None
        self._reader = MessageReader()

    def serve(self) -> None:
        """Answer requests until the client or an answer closes the connection."""
        with self._socket:
            try:
                self._prepare()
                while (message := self._next_message()) and self._answer(message):
                    pass
            except RefusedRequestError as error:
                self.refuse(error.status, str(error))
            except OSError:
                LOG.debug("a client has gone, or was silent for too long", exc_info=True)
            except Exception:
                LOG.exception("a connection has ended")
            finally:
                self._front.idle.pop(self, None)

    def give_up(self) -> None:
        """End the connection, unless a request is being answered; called by another thread."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RD)

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()

    def refuse(self, status: HTTPStatus, why: str, *, linger: bool = True) -> None:
        """Say what is wrong, and end the connection.

        Args:
            status: The answer's.
            why: One line.
            linger: Take in what the client still sends.
        """
        with suppress(OSError):
            self._socket.sendall(refusal(status, why))
            self._socket.shutdown(socket.SHUT_WR)
            deadline = time.monotonic() + LINGER_SECONDS
            self._socket.settimeout(LINGER_SECONDS)
            while linger and time.monotonic() < deadline and self._socket.recv(READ_BYTES):
                pass

    def _prepare(self) -> None:
        peers = self._front.peers
        if peers and peers.uid(self._socket.family, self._peer, self._own) != os.getuid():
            self._refused = OTHER_USER
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        # The kernel's own timeouts: those of Python cost a system call for each one that reads or writes.
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", IDLE_SECONDS, 0))
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", PAUSED_READER_SECONDS, 0))

    def _next_message(self) -> Message | None:
        """Wait for the head of the next request; there is none when the client has closed the connection."""
        if not self._reader.complete:
            self._front.idle[self] = None
            head_bytes = 0
            while not self._reader.complete:
                received = self._receive()
                head_bytes += received
                if not received:
                    return None
                if head_bytes > MAX_HEAD_BYTES and not self._reader.complete:
                    raise self._endless_head()
            self._front.idle.pop(self, None)
        return self._reader.complete.popleft()

    def _endless_head(self) -> RefusedRequestError:
        if len(self._reader.arriving.url) > MAX_URL_BYTES:
            return RefusedRequestError(HTTPStatus.REQUEST_URI_TOO_LONG, f"a URL has at most {MAX_URL_BYTES:,} bytes")
        why = f"a head has at most {MAX_HEAD_BYTES:,} bytes"
        return RefusedRequestError(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, why)

    def _receive(self) -> int:
        """Read what is there, and return how many bytes that was; 0 when the client sends no more."""
        if received := self._socket.recv(READ_BYTES):
            self._reader.feed(received)
        return len(received)

    def _answer(self, message: Message) -> bool:
        """Let the gateway answer a request, and return whether another may follow."""
        message.require_readable_head()
        if why := self._refused or self._front.callers.refusal(message.fields, self._own[0]):
            raise RefusedRequestError(HTTPStatus.FORBIDDEN, why)
        if message.is_complete:
            # Nor for nothing: botocore, answered without it, takes the next one for an answer.
            self._ask_for_body(message)
        environ = self._environ(message)
        request, response = Request(environ), Response()
        request.headers = Headers(message.headers)  # which WSGI spells without their dashes
        try:
            self._front.gateway.process(request, response)
        except Exception:
            if not message.failure:
                LOG.exception("%s %s was not handled", message.method, message.url)
            response = Response(status=HTTPStatus.INTERNAL_SERVER_ERROR)
        try:
            if message.failure:  # whatever LocalStack made of it
                raise message.failure
            if message.waits_for_continue:  # with a body that is not wanted
                message.keep_alive = False
            send_answer(self._socket, message, *_written(response, environ))
        finally:
            response.close()
        return message.keep_alive and self._skip_rest(message)

    def _environ(self, message: Message) -> dict[str, object]:
        """The request as WSGI has it, https://peps.python.org/pep-3333."""
        path, _, query = message.url.partition(b"?")
        return {
            **{_variable(name): value for name, value in message.headers},
            "CONTENT_TYPE": message.fields.get("content-type", ""),
            "CONTENT_LENGTH": message.fields.get("content-length", ""),
            "REQUEST_METHOD": message.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query.decode("latin-1"),
            "RAW_URI": message.url.decode("latin-1"),
            "REMOTE_ADDR": self._peer[0],
            "SERVER_NAME": self._own[0],
            "SERVER_PORT": str(self._own[1]),
            "SERVER_PROTOCOL": "HTTP/1.1",
            "wsgi.url_scheme": "http",
            "wsgi.input": self._body(message),
            "wsgi.input_terminated": True,
        }

    def _body(self, message: Message) -> io.BufferedIOBase:
        if message.is_complete:
            return io.BytesIO(b"".join(message.parts))
        return io.BufferedReader(_ArrivingBody(lambda: self._next_part(message)), READ_BYTES)

    def _next_part(self, message: Message) -> bytes:
        """The next bytes of a body; none at its end, or when the client has gone before that.

        Raises:
            RefusedRequestError: It is too large, cannot be read, or does not come; the message remembers that.
        """
        between_parts = 0
        try:
            while not message.parts and not message.is_complete:
                self._ask_for_body(message)
                received = self._receive()
                between_parts += received
                if not received:
                    message.keep_alive = False
                    message.require_last_chunk()
                    break
                message.require_body_of(message.received_bytes)
                message.require_part_within(between_parts)
        except BlockingIOError:
            why = f"the rest of the body did not come within {IDLE_SECONDS} seconds"
            message.failure = RefusedRequestError(HTTPStatus.REQUEST_TIMEOUT, why)
        except RefusedRequestError as error:
            message.failure = error
        if message.failure:
            raise message.failure
        return message.parts.popleft() if message.parts else b""

    def _ask_for_body(self, message: Message) -> None:
        """Tell a client that waits for it to send the body."""
        if message.waits_for_continue:
            message.waits_for_continue = False
            self._socket.sendall(CONTINUE)

    def _skip_rest(self, message: Message) -> bool:
        """Read the rest of a body that the gateway did not want; return whether all of it came."""
        try:
            while self._next_part(message):
                pass
        except RefusedRequestError:
            return False  # it has its answer
        return message.keep_alive


def _written(response: Response, environ: dict[str, object]) -> tuple[str, list[tuple[str, str]], Iterable[bytes]]:
    """The status, headers and body of an answer."""
    try:
        parts, status, headers = response.get_wsgi_response(environ)
    except ValueError as error:
        raise RefusedRequestError(HTTPStatus.INTERNAL_SERVER_ERROR, UNSENDABLE) from error
    return status, headers, parts


@lru_cache(256)
def _variable(header: str) -> str:
    return "HTTP_" + header.upper().replace("-", "_")


class _ArrivingBody(io.RawIOBase):
    """The body of a request, read from the connection when it is wanted."""

    def __init__(self, next_part: Callable[[], bytes]) -> None:
        self._next_part = next_part
        self._part = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        part = self._part or self._next_part()
        taken = min(len(part), len(buffer))
        buffer[:taken] = part[:taken]
        self._part = part[taken:]
        return taken
