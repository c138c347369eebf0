"""The Lambda Runtime API of one environment, spoken by the thread that invokes it.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html. There is one client, one invocation at a time, so
there is no server thread: the invoking thread itself reads the runtime's requests and answers them.
"""

import selectors
import socket
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import Protocol

import httptools

READ_BYTES = 256 * 1024


class HasFileno(Protocol):
    """Something to wait for."""

    def fileno(self) -> int:
        """The descriptor that becomes readable."""
        ...


@dataclass(frozen=True)
class RuntimeRequest:
    """A request of the runtime, whole, and the connection that waits for its answer."""

    path: str
    body: bytes
    connection: "_Connection"

    def answer(self, status: int, headers: dict[str, str] | None = None, body: bytes = b"") -> None:
        """Answer it, once."""
        self.connection.send(status, headers or {}, body)


class RuntimeApi:
    """The address that a runtime is given, and what it asks there."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)

    @property
    def address(self) -> str:
        """Host and port, as in ``AWS_LAMBDA_RUNTIME_API``."""
        host, port = self._listener.getsockname()
        return f"{host}:{port}"

    def watch(self, process: HasFileno) -> None:
        """Let :meth:`receive` notice the exit of *process*."""
        self._selector.register(process, selectors.EVENT_READ)

    def receive(self, deadline: float) -> RuntimeRequest | None:
        """Return the next request of the runtime; none when the process exited and had asked nothing more.

        Args:
            deadline: As ``time.monotonic()`` counts, in seconds.

        Raises:
            TimeoutError: The deadline passed.
        """
        while True:
            ready = {key.fileobj for key, _events in self._selector.select(max(0.0, deadline - time.monotonic()))}
            if not ready:
                raise TimeoutError
            if self._listener in ready:
                self._accept()
                continue
            connections = [ready_object for ready_object in ready if isinstance(ready_object, _Connection)]
            for connection in connections:
                if request := self._read(connection):
                    return request
            if not connections:
                return None

    def close(self) -> None:
        """Close every connection."""
        for key in list(self._selector.get_map().values()):
            if isinstance(key.fileobj, _Connection):
                key.fileobj.close()
        self._listener.close()
        self._selector.close()

    def _accept(self) -> None:
        accepted, _address = self._listener.accept()
        accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._selector.register(_Connection(accepted), selectors.EVENT_READ)

    def _read(self, connection: "_Connection") -> RuntimeRequest | None:
        request = connection.receive()
        if connection.closed:
            self._selector.unregister(connection)
            connection.close()
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
        self._request = RuntimeRequest(self._path.decode(), bytes(self._body), self)
