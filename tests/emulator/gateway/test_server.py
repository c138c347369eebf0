"""LocalStack's HTTP front, from outside."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing
from http.client import HTTPConnection, HTTPResponse
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest

from emulator.gateway.connection import CONTINUE, READ_BYTES
from emulator.gateway.message import MAX_HEAD_BYTES
from emulator.ports import HOST
from emulator.server import Server
from testkit.waiting import DEADLINE_SECONDS

# Some functions at once, each with a connection to S3 and one to EventBridge.
CONNECTIONS = 40
HEALTH = "GET /_localstack/health HTTP/1.1\r\nHost: localhost\r\n"


@pytest.fixture
def connection(localstack: Server) -> Iterator[socket.socket]:
    with socket.create_connection((HOST, localstack.port), DEADLINE_SECONDS) as connection:
        yield connection


def read_answer(connection: socket.socket, method: str = "GET") -> tuple[HTTPResponse, bytes]:
    """Read one answer and nothing of the next."""
    answer = HTTPResponse(connection, method=method)
    # Without a buffer, which would take the beginning of the next answer along.
    answer.fp = connection.makefile("rb", buffering=0)  # type: ignore[assignment]
    answer.begin()
    return answer, answer.read()


@pytest.fixture
def bucket(localstack: Server) -> Any:
    session = boto3.Session("test", "test", region_name="us-east-1")
    bucket = session.resource("s3", endpoint_url=localstack.endpoint_url).Bucket("front")
    bucket.create()
    return bucket


def presigned(bucket: Any, operation: str) -> str:
    """The path, with its query, that stores or reads an object without headers of its own."""
    where = {"Bucket": bucket.name, "Key": "key"}
    url = urlsplit(bucket.meta.client.generate_presigned_url(operation, Params=where))
    return f"{url.path}?{url.query}"


def test_all_connections_stay_open(localstack: Server) -> None:
    with ExitStack() as stack:
        connections = [
            stack.enter_context(closing(HTTPConnection(HOST, localstack.port))) for _number in range(CONNECTIONS)
        ]
        for _request in range(2):
            for connection in connections:
                connection.request("GET", "/_localstack/health")
                answer = connection.getresponse()
                answer.read()
                assert not answer.will_close


def test_requests_sent_at_once_are_answered_in_turn(connection: socket.socket) -> None:
    connection.sendall(f"{HEALTH}\r\nGET /_localstack/info HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    assert b'"services"' in read_answer(connection)[1]
    assert b'"uptime"' in read_answer(connection)[1]


def test_a_request_may_come_byte_by_byte(connection: socket.socket) -> None:
    for byte in f"{HEALTH}\r\n".encode():
        connection.sendall(bytes([byte]))
    assert read_answer(connection)[0].status == 200


@pytest.mark.parametrize(
    "head", [f"{HEALTH}Connection: close\r\n\r\n", "GET /_localstack/health HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"]
)
def test_a_connection_is_closed_when_it_cannot_or_shall_not_stay(connection: socket.socket, head: str) -> None:
    connection.sendall(head.encode())
    answer, _body = read_answer(connection)
    assert answer.headers["Connection"] == "close"
    assert connection.recv(1) == b""


def test_an_offer_of_another_protocol_is_declined(connection: socket.socket) -> None:
    connection.sendall(
        f"{HEALTH}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n\r\n".encode()
    )
    answer, body = read_answer(connection)
    assert (answer.status, b'"services"' in body) == (200, True)


def test_a_body_is_asked_for_and_may_come_in_chunks(connection: socket.socket, bucket: Any) -> None:
    head = f"PUT {presigned(bucket, 'put_object')} HTTP/1.1\r\nHost: localhost\r\n"
    connection.sendall(f"{head}Expect: 100-continue\r\nContent-Length: 3\r\n\r\n".encode())
    assert connection.recv(READ_BYTES) == CONTINUE
    connection.sendall(b"one")
    assert read_answer(connection)[0].status == 200
    connection.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n3\r\ntwo\r\n6\r\n three\r\n0\r\n\r\n".encode())
    assert read_answer(connection)[0].status == 200
    assert bucket.Object("key").get()["Body"].read() == b"two three"


def test_a_body_that_is_there_already_is_asked_for_too(connection: socket.socket, bucket: Any) -> None:
    head = f"PUT {presigned(bucket, 'put_object')} HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
    for body in (b"", b"one"):
        connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        answer = connection.recv(len(CONTINUE))
        assert answer == CONTINUE
        assert read_answer(connection)[0].status == 200


def test_boto3_uploads_something_after_nothing(bucket: Any) -> None:
    for body in (b"", b"one", b""):
        bucket.put_object(Key="key", Body=body)
        assert bucket.Object("key").content_length == len(body)


def test_a_body_that_is_not_wanted_ends_the_connection(connection: socket.socket) -> None:
    head = "PUT /no-such-bucket/key HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n"
    connection.sendall(head.encode())
    answer, _body = read_answer(connection)
    assert (answer.status, answer.headers["Connection"]) == (404, "close")


def test_a_form_is_read(localstack: Server) -> None:
    session = boto3.Session("test", "test", region_name="us-east-1")
    identity = session.client("sts", endpoint_url=localstack.endpoint_url).get_caller_identity()
    assert identity["Account"] == "000000000000"


def test_a_body_that_nobody_reads_is_skipped(connection: socket.socket) -> None:
    body = b"x" * (4 * READ_BYTES)
    head = f"POST /_localstack/nothing HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n"
    connection.sendall(head.encode() + body)
    assert read_answer(connection)[0].status == 404
    connection.sendall(f"{HEALTH}\r\n".encode())
    assert read_answer(connection)[0].status == 200


def test_head_has_the_length_and_no_body(connection: socket.socket, bucket: Any) -> None:
    bucket.put_object(Key="key", Body=b"four")
    connection.sendall(f"HEAD {presigned(bucket, 'head_object')} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    answer, body = read_answer(connection, "HEAD")
    assert (answer.status, answer.headers["Content-Length"], body) == (200, "4", b"")
    connection.sendall(f"{HEALTH}\r\n".encode())
    assert read_answer(connection)[0].status == 200


def test_what_is_not_http_is_refused(connection: socket.socket) -> None:
    connection.sendall(b"hello\r\n\r\n")
    assert read_answer(connection)[0].status == 400
    assert connection.recv(1) == b""


def test_a_head_without_end_is_refused(connection: socket.socket) -> None:
    connection.sendall(f"{HEALTH}X: {'x' * MAX_HEAD_BYTES}".encode())
    assert read_answer(connection)[0].status == 431
