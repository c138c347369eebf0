"""The Lambda Runtime API of one environment, spoken by the thread that invokes it.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html. There is one client, one invocation at a time, so
there is no server thread: the invoking thread itself reads the runtime's requests and answers them.
"""

import selectors
import socket
import time
from dataclasses import dataclass
from typing import Protocol

import h11

READ_BYTES = 256 * 1024


class HasFileno(Protocol):
    """Something to wait for."""

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
    """A connection of the runtime; h11 does the protocol."""

    def __init__(self, accepted: socket.socket) -> None:
        self._socket = accepted
        self._protocol = h11.Connection(h11.SERVER)
        self._request: h11.Request | None = None
        self._body = bytearray()
        self.closed = False

    def fileno(self) -> int:
        return self._socket.fileno()

    def close(self) -> None:
        self._socket.close()

    def receive(self) -> RuntimeRequest | None:
        """Read what is there; a request when one is complete."""
        try:
            self._protocol.receive_data(self._socket.recv(READ_BYTES))
            return self._next_request()
        except (ConnectionError, h11.RemoteProtocolError):
            self.closed = True
            return None

    def _next_request(self) -> RuntimeRequest | None:
        while True:
            event = self._protocol.next_event()
            match event:
                case h11.Request():
                    self._request, self._body = event, bytearray()
                case h11.Data():
                    self._body += event.data
                case h11.EndOfMessage() if self._request:
                    request = self._request
                    return RuntimeRequest(request.method.decode(), request.target.decode(), bytes(self._body), self)
                case h11.ConnectionClosed():
                    self.closed = True
                    return None
                case _:
                    return None

    def send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        """Send one whole response."""
        head = h11.Response(status_code=status, headers=[*headers.items(), ("Content-Length", str(len(body)))])
        events = (head, h11.Data(data=body), h11.EndOfMessage())
        self._socket.sendall(b"".join(self._protocol.send(event) or b"" for event in events))
        if self._protocol.our_state is h11.DONE:
            self._protocol.start_next_cycle()
