"""The Lambda Runtime API of one environment, spoken by the thread that invokes it.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html. There is one client, one invocation at a time, so
there is no server thread: the invoking thread itself reads the runtime's requests and answers them. Whoever else
connects, or asks for what is not its turn, is refused, and changes nothing.
"""

import contextlib
import json
import selectors
import socket
from dataclasses import dataclass
from http import HTTPStatus
from typing import Protocol

import httptools

from emulator.debugging.clock import Clock
from emulator.environments.peers import is_held_by

READ_BYTES = 256 * 1024
REFUSAL = f"HTTP/1.1 {HTTPStatus.FORBIDDEN} Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()

NEXT = ("GET", "/2018-06-01/runtime/invocation/next")
INIT_ERROR = ("POST", "/2018-06-01/runtime/init/error")


def response_to(request_id: str) -> tuple[str, str]:
    """What a runtime asks when its handler has answered an invocation."""
    return "POST", f"/2018-06-01/runtime/invocation/{request_id}/response"


def error_of(request_id: str) -> tuple[str, str]:
    """What a runtime asks when its handler has failed an invocation."""
    return "POST", f"/2018-06-01/runtime/invocation/{request_id}/error"


class RunningProcess(Protocol):
    """The process of the runtime."""

    pid: int

    def fileno(self) -> int:
        """The descriptor that becomes readable."""
        ...


@dataclass(frozen=True)
class RuntimeRequest:
    """A request of the runtime, whole, and the connection that waits for its answer."""

    method: str
    path: str
    body: bytes
    connection: "_Connection"

    @property
    def what(self) -> tuple[str, str]:
        """What is asked: method and path."""
        return self.method, self.path

    def answer(self, status: int, headers: dict[str, str] | None = None, body: bytes = b"") -> None:
        """Answer it, once."""
        self.connection.send(status, headers or {}, body)

    def refuse(self) -> None:
        """Answer that it is not the time for it, as Lambda does."""
        body = json.dumps({"errorType": "InvalidStateTransition", "errorMessage": "State transition is not allowed"})
        self.answer(HTTPStatus.FORBIDDEN, {"Content-Type": "application/json"}, body.encode())


class RuntimeApi:
    """The address that a runtime is given, and what it asks there.

    Args:
        clock: Counts the time until a deadline.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._process: RunningProcess | None = None
        self._connection: _Connection | None = None

    @property
    def address(self) -> str:
        """Host and port, as in ``AWS_LAMBDA_RUNTIME_API``."""
        host, port = self._listener.getsockname()
        return f"{host}:{port}"

    def watch(self, process: RunningProcess) -> None:
        """Take the requests of *process*, and notice its exit."""
        self._process = process
        self._selector.register(process, selectors.EVENT_READ)

    def receive(self, deadline: float, *expected: tuple[str, str]) -> RuntimeRequest | None:
        """Return the next request of the runtime; none when the process exited and had asked nothing more.

        Args:
            deadline: As the clock counts, in seconds.
            expected: What may be asked now, methods and paths.

        Raises:
            TimeoutError: The deadline passed.
        """
        while True:
            ready = {key.fileobj for key, _events in self._selector.select(self._clock.wait_seconds(deadline))}
            if not ready:
                if self._clock.now() >= deadline:
                    raise TimeoutError
            elif self._connection in ready:
                request = self._read(self._connection)
                if request and request.what in expected:
                    return request
                if request:
                    request.refuse()
            elif self._listener in ready:
                self._accept()
            else:
                return None

    def close(self) -> None:
        """Close every connection."""
        if self._connection:
            self._connection.close()
        self._listener.close()
        self._selector.close()

    def _accept(self) -> None:
        accepted, _address = self._listener.accept()
        if self._connection or self._process is None or not is_held_by(accepted, self._process.pid):
            with accepted, contextlib.suppress(OSError):
                accepted.send(REFUSAL, socket.MSG_DONTWAIT)
            return
        accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._connection = _Connection(accepted)
        self._selector.register(self._connection, selectors.EVENT_READ)

    def _read(self, connection: "_Connection") -> RuntimeRequest | None:
        request = connection.receive()
        if connection.closed:
            self._selector.unregister(connection)
            connection.close()
            self._connection = None
        return request


class _Connection:
    """A connection of the runtime; httptools reads what comes."""

    def __init__(self, accepted: socket.socket) -> None:
        self._socket = accepted
        self._parser = httptools.HttpRequestParser(self)
        self._path = b""
        self._body = bytearray()
        self._request: RuntimeRequest | None = None
        self.closed = False

    def fileno(self) -> int:
        return self._socket.fileno()

    def close(self) -> None:
        self._socket.close()

    def receive(self) -> RuntimeRequest | None:
        """Read what is there; a request when one is complete."""
        try:
            received = self._socket.recv(READ_BYTES)
            self._parser.feed_data(received)
        except (ConnectionError, httptools.HttpParserError):
            received = b""
        self.closed = not received
        request, self._request = self._request, None
        return request

    def send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        """Send one whole response."""
        lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", f"Content-Length: {len(body)}"]
        lines.extend(f"{name}: {value}" for name, value in headers.items())
        self._socket.sendall("\r\n".join([*lines, "", ""]).encode() + body)

    # What httptools calls while it reads.

    def on_message_begin(self) -> None:
        self._path = b""
        self._body = bytearray()

    def on_url(self, url: bytes) -> None:
        self._path += url

    def on_body(self, part: bytes) -> None:
        self._body += part

    def on_message_complete(self) -> None:
        method = self._parser.get_method().decode()
        self._request = RuntimeRequest(method, self._path.decode(), bytes(self._body), self)
