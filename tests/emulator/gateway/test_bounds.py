"""What the front does when there is too much of something."""

import resource
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import psutil
import pytest
from localstack.config import HostAndPort
from rolo.response import Response

from emulator.gateway import connection, server
from emulator.gateway.message import MAX_HEAD_BYTES
from emulator.gateway.server import MAX_CONNECTIONS, GatewayServer, raise_open_files
from emulator.ports import HOST
from emulator.server import Server
from testkit.ports import free_port
from testkit.waiting import DEADLINE_SECONDS, wait_for
from tests.emulator.gateway.table import at, status_of

REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
MORE_THAN_AT_ONCE = MAX_CONNECTIONS + 100


class Gateway:
    """Answers when it may."""

    def __init__(self) -> None:
        self.may_answer = threading.Event()
        self.may_answer.set()

    def process(self, _request: Any, response: Response) -> None:
        assert self.may_answer.wait(DEADLINE_SECONDS)
        response.set_response(b"answered")


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


@pytest.fixture
def front(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> Iterator[GatewayServer]:
    """A front that takes three connections at once."""
    monkeypatch.setattr(server, "MAX_CONNECTIONS", 3)
    monkeypatch.setattr(connection, "LINGER_SECONDS", 0.1)
    front = GatewayServer()
    front.register(gateway, [HostAndPort(HOST, free_port())])
    serving = threading.Thread(target=front.run, daemon=True)
    serving.start()
    yield front
    front.shutdown()
    serving.join()


@pytest.fixture
def connect(front: GatewayServer) -> Iterator[Any]:
    """Opens a connection, which is closed in the end."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(socket.create_connection(front._listeners[0].getsockname(), DEADLINE_SECONDS))


def ask(connected: socket.socket) -> bytes:
    connected.sendall(REQUEST)
    return connected.recv(4096)


def test_who_waits_longest_for_nothing_makes_room(front: GatewayServer, connect: Any) -> None:
    def next_idle() -> socket.socket:
        before = len(front._front.idle)
        opened: socket.socket = connect()
        wait_for("one more to be idle", lambda: len(front._front.idle) > before)
        return opened

    first, second, third = next_idle(), next_idle(), next_idle()
    assert b" 200 " in ask(first)  # and is no longer the one that waits longest
    wait_for("three to be idle", lambda: len(front._front.idle) == 3)
    assert b" 200 " in ask(connect())
    assert second.recv(1) == b""
    assert b" 200 " in ask(first)
    assert b" 200 " in ask(third)


def test_when_all_are_busy_the_next_is_told_and_those_are_answered(
    gateway: Gateway, front: GatewayServer, connect: Any
) -> None:
    gateway.may_answer.clear()
    busy = [connect() for _number in range(3)]
    for one in busy:
        one.sendall(REQUEST)
    wait_for("three to be busy", lambda: len(front._connections) == 3 and not front._front.idle)
    assert b" 503 " in connect().recv(4096)
    gateway.may_answer.set()
    assert all(b" 200 " in one.recv(4096) for one in busy)
    assert b" 200 " in ask(connect())


@pytest.mark.usefixtures("front")
def test_a_thread_that_cannot_be_started_costs_one_client_its_answer(
    connect: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = threading.Thread.start

    def fail(self: threading.Thread) -> None:
        monkeypatch.setattr(threading.Thread, "start", start)
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", fail)
    assert b" 503 " in connect().recv(4096)
    assert b" 200 " in ask(connect())


@pytest.mark.usefixtures("front")
def test_whatever_goes_wrong_with_one_connection_the_next_is_served(
    connect: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(server, "HttpConnection", lambda *_arguments: 1 / 0)
        assert connect().recv(1) == b""
    assert b" 200 " in ask(connect())


def test_a_silent_connection_is_closed(connect: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "IDLE_SECONDS", 1)
    idle, slow = connect(), connect()
    slow.sendall(b"POST / HTTP/1.1\r\n")
    assert idle.recv(1) == b""
    assert slow.recv(1) == b""


def test_a_body_that_does_not_come_is_told_so(gateway: Gateway, connect: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "IDLE_SECONDS", 1)
    monkeypatch.setattr(gateway, "process", lambda request, response: response.set_response(request.get_data()))
    slow = connect()
    slow.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 8\r\n\r\nhalf")
    assert b" 408 " in slow.recv(4096)


def test_a_body_that_is_followed_by_headers_for_ever_is_refused(
    gateway: Gateway, connect: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway, "process", lambda request, response: response.set_response(request.get_data()))
    endless = connect()
    endless.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n")
    endless.sendall(b"X-More: more\r\n" * (MAX_HEAD_BYTES // 7))
    assert b" 431 " in endless.recv(4096)


def test_a_header_that_cannot_be_sent_is_500_and_lets_go_of_what_it_holds(
    gateway: Gateway, connect: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_go = threading.Event()

    def answer(_request: Any, response: Response) -> None:
        response.headers._list.append(("X-Asked-For", "a\r\nb: c"))
        response.call_on_close(let_go.set)

    monkeypatch.setattr(gateway, "process", answer)
    received = ask(connect())
    assert b" 500 " in received
    assert b"b: c" not in received
    assert let_go.wait(DEADLINE_SECONDS)


def test_as_many_files_may_be_open_as_the_system_lets() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, before[1]))
        limit = raise_open_files()
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (limit, before[1])
        assert limit in (before[1], server.OPEN_FILES)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.fixture
def process(localstack: Server) -> psutil.Process:
    process = localstack.process()
    assert process
    return process


def test_thousands_of_idle_connections_are_in_nobodys_way(localstack: Server, process: psutil.Process) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    threads = process.num_threads()
    try:
        with ExitStack() as stack:
            for _number in range(MORE_THAN_AT_ONCE):
                stack.enter_context(socket.create_connection((HOST, localstack.port), DEADLINE_SECONDS))
            assert status_of((HOST, localstack.port), at("localhost", 200))[0] == 200
            assert process.num_threads() < MORE_THAN_AT_ONCE
        wait_for("the threads to end", lambda: process.num_threads() < threads + 20)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
