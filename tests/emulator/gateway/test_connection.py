"""How a connection sends what LocalStack answers only now and then."""

import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from rolo.response import Response

from emulator.gateway.callers import Callers
from emulator.gateway.connection import Front, HttpConnection
from emulator.ports import HOST
from testkit.waiting import DEADLINE_SECONDS

type Handle = Callable[[Any, Response], None]


class GatewayStub:
    """Answers as a test says."""

    def __init__(self, handle: Handle) -> None:
        self.process = handle


@pytest.fixture
def request_once() -> Iterator[Callable[[Handle, bytes], bytes]]:
    """Sends a request, and returns all that comes until the connection is closed."""
    with socket.create_server((HOST, 0)) as listener:
        client = socket.create_connection(listener.getsockname(), DEADLINE_SECONDS)
        server, address = listener.accept()

    def request_once(handle: Handle, head: bytes) -> bytes:
        serve = HttpConnection(server, address, address, Front(GatewayStub(handle), Callers((), ()))).serve
        threading.Thread(target=serve, daemon=True).start()
        client.sendall(head)
        with client.makefile("rb") as answer:
            return answer.read()

    yield request_once
    client.close()


def stream(_request: Any, response: Response) -> None:
    response.response = iter([b"one", b"", b"three"])


def test_a_body_of_unknown_length_is_sent_in_chunks(request_once: Any) -> None:
    answer = request_once(stream, b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    assert b"\r\nTransfer-Encoding: chunked\r\n" in answer
    assert answer.endswith(b"\r\n\r\n3\r\none\r\n5\r\nthree\r\n0\r\n\r\n")


def test_an_old_client_gets_it_plain(request_once: Any) -> None:
    answer = request_once(stream, b"GET / HTTP/1.0\r\n\r\n")
    assert b"Transfer-Encoding" not in answer
    assert answer.endswith(b"\r\n\r\nonethree")


def test_a_body_that_is_too_short_ends_the_connection(request_once: Any) -> None:
    def promise_more(_request: Any, response: Response) -> None:
        response.headers["Content-Length"] = "8"
        response.response = iter([b"half"])

    assert request_once(promise_more, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").endswith(b"\r\n\r\nhalf")


def test_an_error_of_the_gateway_is_answered(request_once: Any) -> None:
    def fail(_request: Any, _response: Response) -> None:
        raise RuntimeError("a mistake of LocalStack")

    answer = request_once(fail, b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 500 ")


def test_headers_that_come_after_the_body_count_for_nothing(request_once: Any) -> None:
    seen: list[str] = []

    def answer(request: Any, response: Response) -> None:
        response.set_response(request.get_data())
        seen.extend([*request.headers.keys(), *request.environ])

    head = b"POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    received = request_once(answer, head + b"2\r\n{}\r\n0\r\nX-LocalStack-Data: {}\r\n\r\n")
    assert received.endswith(b"\r\n\r\n{}")
    assert not [name for name in seen if "LOCALSTACK" in name.upper()]
