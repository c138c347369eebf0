"""An upload that breaks off changes nothing."""

import socket
import uuid
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest

from emulator.ports import HOST
from emulator.server import Server

STORED = b"what was there before"
BYTES_NOT_KEPT_IN_MEMORY = 600 * 1024


@pytest.fixture
def stored(localstack: Server) -> Any:
    """An object in a bucket."""
    session = boto3.Session("test", "test", region_name="us-east-1")
    bucket = session.resource("s3", endpoint_url=localstack.endpoint_url).Bucket(f"bucket-{uuid.uuid4().hex[:8]}")
    bucket.create()
    return bucket.put_object(Key="key", Body=STORED)


def upload(stored: Any, body: bytes, length: int) -> bytes:
    """Begin to upload *length* bytes, send no more than the body, and return the answer."""
    where = {"Bucket": stored.bucket_name, "Key": stored.key}
    url = urlsplit(stored.meta.client.generate_presigned_url("put_object", Params=where))
    head = f"PUT {url.path}?{url.query} HTTP/1.1\r\nHost: {url.netloc}\r\nContent-Length: {length}\r\n\r\n"
    with socket.create_connection((url.hostname, url.port)) as connection:
        connection.sendall(head.encode() + body)
        connection.shutdown(socket.SHUT_WR)
        return connection.makefile("rb").readline()


def test_an_upload_that_breaks_off_is_refused_and_leaves_what_was_stored(stored: Any) -> None:
    assert b" 400 " in upload(stored, b"half", length=8)
    assert stored.get()["Body"].read() == STORED


@pytest.mark.parametrize("size", [0, 8, BYTES_NOT_KEPT_IN_MEMORY])
def test_one_that_is_complete_replaces_it(stored: Any, size: int) -> None:
    assert b" 200 " in upload(stored, b"x" * size, length=size)
    assert stored.get()["Body"].read() == b"x" * size


@pytest.mark.parametrize("size", [0, 8, BYTES_NOT_KEPT_IN_MEMORY])
def test_so_does_one_of_boto3(stored: Any, size: int) -> None:
    stored.put(Body=b"x" * size, ChecksumAlgorithm="SHA256")
    assert stored.get()["Body"].read() == b"x" * size


def test_a_form_that_has_no_bucket_to_go_to_is_told_so(localstack: Server) -> None:
    with socket.create_connection((HOST, localstack.port)) as connection:
        connection.sendall(
            b"PUT /no-such-bucket/key HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nConnection: close\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n\r\na=b"
        )
        answer = connection.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 404 ")
    assert b"<Code>NoSuchBucket</Code>" in answer
