"""Whoever reads an object holds up nobody, and gets what was there when they asked."""

import socket
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from emulator.server import Server

READ_TIMEOUT_SECONDS = 10
# More than all buffers between the two, and than LocalStack keeps of an object in memory.
LARGE_BYTES = 12 * 1024 * 1024
SIZES = (8, 600 * 1024, LARGE_BYTES)


@pytest.fixture
def bucket(localstack: Server) -> Any:
    session = boto3.Session("test", "test", region_name="us-east-1")
    config = Config(read_timeout=READ_TIMEOUT_SECONDS, retries={"total_max_attempts": 1})
    s3 = session.resource("s3", endpoint_url=localstack.endpoint_url, config=config)
    bucket = s3.Bucket(f"bucket-{uuid.uuid4().hex[:8]}")
    bucket.create()
    return bucket


@contextmanager
def paused_reader(stored: Any) -> Iterator[Any]:
    """Whoever has read a little of an object, and reads on in the end."""
    body = stored.get()["Body"]
    beginning = body.read(1)
    yield lambda: beginning + body.read()
    body.close()


def replace(stored: Any) -> None:
    stored.put(Body=b"new")
    assert stored.get()["Body"].read() == b"new"


def copy_over(stored: Any) -> None:
    stored.Bucket().put_object(Key="other", Body=b"new")
    stored.copy_from(CopySource={"Bucket": stored.bucket_name, "Key": "other"})
    assert stored.get()["Body"].read() == b"new"


def upload_in_parts(stored: Any) -> None:
    upload = stored.initiate_multipart_upload()
    etag = upload.Part(1).upload(Body=b"new")["ETag"]
    upload.complete(MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]})
    assert stored.get()["Body"].read() == b"new"


def delete(stored: Any) -> None:
    stored.delete()
    with pytest.raises(ClientError, match="NoSuchKey"):
        stored.get()


def read_too(stored: Any) -> None:
    assert stored.get()["Body"].read() == b"o" * stored.content_length


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("change", [replace, copy_over, upload_in_parts, delete, read_too])
def test_a_reader_that_pauses_holds_up_nobody_and_gets_what_it_asked_for(bucket: Any, size: int, change: Any) -> None:
    stored = bucket.put_object(Key="key", Body=b"o" * size)
    with paused_reader(stored) as read_on:
        change(stored)
        assert read_on() == b"o" * size


@pytest.mark.parametrize("size", SIZES)
def test_a_part_of_an_object_is_read_so_too(bucket: Any, size: int) -> None:
    stored = bucket.put_object(Key="key", Body=b"o" * size)
    body = stored.get(Range=f"bytes=2-{size}")["Body"]
    replace(stored)
    assert body.read() == b"o" * (size - 2)


@pytest.mark.parametrize("value", ["a\r\nb: c", "a\nb", "a\0", "€"])
def test_what_cannot_be_answered_locks_nothing(bucket: Any, value: str) -> None:
    stored = bucket.put_object(Key="key", Body=b"old")
    with pytest.raises(ClientError, match="InvalidArgument"):
        stored.get(ResponseContentType=value)
    replace(stored)


def test_nor_does_a_reader_that_has_gone(bucket: Any) -> None:
    stored = bucket.put_object(Key="key", Body=b"o" * LARGE_BYTES)
    where = {"Bucket": bucket.name, "Key": "key"}
    url = urlsplit(bucket.meta.client.generate_presigned_url("get_object", Params=where))
    with socket.create_connection((url.hostname, url.port)) as connection:
        connection.sendall(f"GET {url.path}?{url.query} HTTP/1.1\r\nHost: {url.netloc}\r\n\r\n".encode())
        assert connection.recv(1)
    replace(stored)


def test_an_object_that_is_replaced_all_the_time_is_one_of_them_for_every_reader(bucket: Any) -> None:
    bodies = [str(number).encode() * (1000 * number) for number in range(1, 9)]
    stored = bucket.put_object(Key="key", Body=bodies[0])

    def look(_number: int) -> bool:
        answer = stored.get()
        body = answer["Body"].read()
        return body in bodies and answer["ContentLength"] == len(body)

    with ThreadPoolExecutor(8) as pool:
        writing = pool.map(lambda body: stored.put(Body=body), bodies * 10)
        assert all(pool.map(look, range(100)))
        list(writing)


def test_an_object_shrinks_and_grows(bucket: Any) -> None:
    stored = bucket.put_object(Key="key", Body=b"")
    for size in (*SIZES, *reversed(SIZES)):
        stored.put(Body=b"x" * size)
        assert stored.get()["Body"].read() == b"x" * size
