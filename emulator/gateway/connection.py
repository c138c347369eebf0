"""One HTTP connection to LocalStack's gateway: its requests read with httptools, and what the gateway answers."""

import io
import logging
import socket
from collections import deque
from collections.abc import Callable, Iterable
from email.utils import formatdate
from http import HTTPStatus
from urllib.parse import unquote_to_bytes

import httptools
from rolo.gateway import Gateway
from rolo.response import Response
from werkzeug.datastructures import Headers
from werkzeug.wrappers import Request

LOG = logging.getLogger(__name__)

READ_BYTES = 64 * 1024
MAX_HEAD_BYTES = 64 * 1024
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
LAST_CHUNK = b"0\r\n\r\n"
BODYLESS_STATUSES = {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}


class _Message:
    """A request, as far as it has arrived."""

    method: str
    version: str
    keep_alive: bool

    def __init__(self) -> None:
        self.url = b""
        self.headers: list[tuple[str, str]] = []
        self.parts: deque[bytes] = deque()
        self.waits_for_continue = False
        self.is_complete = False


class HttpConnection:
    """Serves the requests of one client, one after the other."""

    def __init__(self, connected: socket.socket, client_host: str, gateway: Gateway) -> None:
        self._socket = connected
        self._host, self._port = connected.getsockname()[:2]
        self._client_host = client_host
        self._gateway = gateway
        self._parser = httptools.HttpRequestParser(self)
        # Those whose head is complete: a client may send its next request before it has the answer.
        self._messages: deque[_Message] = deque()
        self._arriving = _Message()

    def serve(self) -> None:
        """Answer requests until the client or an answer closes the connection."""
        with self._socket:
            try:
                while (message := self._next_message()) and self._answer(message):
                    pass
            except httptools.HttpParserError as error:
                self._refuse(HTTPStatus.BAD_REQUEST, str(error))
            except ConnectionError:
                LOG.debug("a client has gone before it had its answer", exc_info=True)

    def _next_message(self) -> _Message | None:
        """Wait for the head of the next request; there is none when the client has closed the connection."""
        head_bytes = 0
        while not self._messages:
            received = self._receive()
            head_bytes += received
            if not received:
                return None
            if head_bytes > MAX_HEAD_BYTES and not self._messages:
                self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, f"at most {MAX_HEAD_BYTES:,} bytes")
                return None
        return self._messages.popleft()

    def _receive(self) -> int:
        """Read what is there, and return how many bytes that was; 0 when the client sends no more."""
        if received := self._socket.recv(READ_BYTES):
            try:
                self._parser.feed_data(received)
            except httptools.HttpParserUpgrade:
                LOG.debug("a client offers another protocol than HTTP/1.1; it may do without")
        return len(received)

    def _answer(self, message: _Message) -> bool:
        """Let the gateway answer a request, and return whether another may follow."""
        environ = self._environ(message)
        request, response = Request(environ), Response()
        request.headers = Headers(message.headers)  # which WSGI spells without their dashes
        try:
            self._gateway.process(request, response)
        except Exception:
            LOG.exception("%s %s was not handled", message.method, message.url)
            response = Response(status=HTTPStatus.INTERNAL_SERVER_ERROR)
        parts, status, headers = response.get_wsgi_response(environ)
        try:
            self._send(message, status, headers, parts)
        finally:
            response.close()
        return message.keep_alive and self._skip_rest(message)

    def _environ(self, message: _Message) -> dict[str, object]:
        """The request as WSGI has it, https://peps.python.org/pep-3333."""
        path, _, query = message.url.partition(b"?")
        variables = {name.upper().replace("-", "_"): value for name, value in message.headers}
        return {
            **{f"HTTP_{name}": value for name, value in variables.items()},
            "CONTENT_TYPE": variables.get("CONTENT_TYPE", ""),
            "CONTENT_LENGTH": variables.get("CONTENT_LENGTH", ""),
            "REQUEST_METHOD": message.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query.decode("latin-1"),
            "RAW_URI": message.url.decode("latin-1"),
            "REMOTE_ADDR": self._client_host,
            "SERVER_NAME": self._host,
            "SERVER_PORT": str(self._port),
            "SERVER_PROTOCOL": "HTTP/1.1",
            "wsgi.url_scheme": "http",
            "wsgi.input": self._body(message),
            "wsgi.input_terminated": True,
        }

    def _body(self, message: _Message) -> io.BufferedIOBase:
        if message.is_complete:
            return io.BytesIO(b"".join(message.parts))
        return io.BufferedReader(_ArrivingBody(lambda: self._next_part(message)), READ_BYTES)

    def _next_part(self, message: _Message) -> bytes:
        """The next bytes of a body; none at its end, or when the client has gone before that."""
        while not message.parts and not message.is_complete:
            if message.waits_for_continue:
                message.waits_for_continue = False
                self._socket.sendall(CONTINUE)
            if not self._receive():
                message.keep_alive = False
                break
        return message.parts.popleft() if message.parts else b""

    def _skip_rest(self, message: _Message) -> bool:
        """Read the rest of a body that the gateway did not want; return whether all of it came."""
        if message.waits_for_continue and not message.is_complete:
            return False
        while self._next_part(message):
            pass
        return message.keep_alive

    def _send(self, message: _Message, status: str, headers: list[tuple[str, str]], parts: Iterable[bytes]) -> None:
        given = {name.lower(): value for name, value in headers}
        has_body = message.method != "HEAD" and int(status[:3]) not in BODYLESS_STATUSES
        chunked = has_body and "content-length" not in given and message.version != "1.0"
        added = [("Date", formatdate(usegmt=True))]
        if chunked:
            added.append(("Transfer-Encoding", "chunked"))
        if given.get("connection", "").lower() == "close":
            message.keep_alive = False
        elif not message.keep_alive:
            added.append(("Connection", "close"))
        head = _head(status, headers + added)
        if not has_body:
            self._socket.sendall(head)
            return
        sent = self._send_body(head, parts, chunked=chunked)
        if sent != int(given.get("content-length", sent)):
            message.keep_alive = False  # so that the client does not wait for what never comes

    def _send_body(self, head: bytes, parts: Iterable[bytes], *, chunked: bool) -> int:
        """Send the head with the first part, then the others, and return how long the body was."""
        unsent, length = head, 0
        for part in parts:
            if part:
                length += len(part)
                self._socket.sendall(unsent + (_chunk(part) if chunked else part))
                unsent = b""
        if unsent or chunked:
            self._socket.sendall(unsent + (LAST_CHUNK if chunked else b""))
        return length

    def _refuse(self, status: HTTPStatus, why: str) -> None:
        """Say what is wrong with a request that cannot be read; what follows it cannot be read either."""
        body = f"{why}\n".encode()
        headers = [("Content-Type", "text/plain"), ("Content-Length", str(len(body))), ("Connection", "close")]
        self._socket.sendall(_head(f"{status.value} {status.phrase}", headers) + body)

    # What httptools calls while it reads.

    def on_message_begin(self) -> None:
        """Begin a request."""
        self._arriving = _Message()

    def on_url(self, url: bytes) -> None:
        """Take a part of the URL."""
        self._arriving.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header."""
        self._arriving.headers.append((name.decode("latin-1"), value.decode("latin-1")))

    def on_headers_complete(self) -> None:
        """Take what the parser knows of the request only now."""
        message = self._arriving
        message.method = self._parser.get_method().decode("latin-1")
        message.version = self._parser.get_http_version()
        message.keep_alive = (
            self._parser.should_keep_alive() and not self._parser.should_upgrade() and message.version != "1.0"
        )
        message.waits_for_continue = any(
            name.lower() == "expect" and value.lower() == "100-continue" for name, value in message.headers
        )
        self._messages.append(message)

    def on_body(self, part: bytes) -> None:
        """Take a part of the body."""
        self._arriving.parts.append(part)

    def on_message_complete(self) -> None:
        """End the request."""
        self._arriving.is_complete = True


def _head(status: str, headers: Iterable[tuple[str, str]]) -> bytes:
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode("latin-1")


def _chunk(part: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(part), part)


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
