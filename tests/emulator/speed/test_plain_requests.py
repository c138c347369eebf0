"""A request that goes to its service at once is answered as LocalStack's own handlers would have it answered."""

import http.client
import json
import re
import urllib.parse
import uuid
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import boto3
import pytest
from botocore.config import Config
from werkzeug.datastructures import Headers
from werkzeug.wrappers import Request

from emulator.server import Server
from emulator.speed import plain_requests
from handlers.shared.client_config import CLIENT_CONFIG
from testkit.waiting import wait_for

PATH_STYLE = Config(signature_version="s3v4", s3={"addressing_style": "path"})
ENTRY = {"Source": "project", "DetailType": "done", "Detail": '{"a": "ä"}', "EventBusName": "default"}
# Different each time, or made of the request as a whole.
CHANGING = {"date", "last-modified", "x-amz-request-id", "x-amzn-requestid"}
CHANGING_TEXT = re.compile(rb"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|<ServerTime>[^<]+|<RequestId>[^<]+")


def authorization(service: str, key: str = "test", region: str = "us-east-1") -> dict[str, str]:
    scope = f"{key}/20260101/{region}/{service}/aws4_request"
    return {"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=none"}


S3 = authorization("s3")
EVENTS = {
    **authorization("events"),
    "Content-Type": "application/x-amz-json-1.1",
    "X-Amz-Target": "AWSEvents.PutEvents",
}


@pytest.fixture(scope="module")
def s3(localstack: Server) -> Any:
    session = boto3.Session("test", "test", region_name="us-east-1")
    return session.client("s3", endpoint_url=localstack.endpoint_url, config=CLIENT_CONFIG.merge(PATH_STYLE))


@pytest.fixture(scope="module")
def bucket(s3: Any) -> str:
    name = f"plain-{uuid.uuid4().hex[:8]}"
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="stored", Body=b"0123456789", ContentType="text/plain")
    s3.put_object(Bucket=name, Key="described", Body=b"x", Metadata={"who": "me"}, CacheControl="no-cache")
    return name


def ask(server: Server, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[Any, ...]:
    """All of an answer that the same request is always answered with."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request(method, path, body or None, headers)
    response = connection.getresponse()
    kept = {(name.lower(), value) for name, value in response.getheaders() if name.lower() not in CHANGING}
    content = CHANGING_TEXT.sub(b"", response.read())
    connection.close()
    return response.status, sorted(kept), content


def assert_same(server: Server, method: str, path: str, headers: dict[str, str], body: bytes = b"") -> int:
    """Check that a request is answered the same with a header that makes it less than plain; return the status."""
    plain = ask(server, method, path, headers, body)
    assert plain == ask(server, method, path, {**headers, "X-Other": "1"}, body)
    status: int = plain[0]
    return status


@pytest.mark.parametrize(
    "key",
    [
        *(
            "a",
            "a/b",
            "arn%3Aaws%3A1/J%C3%B6%20x.json",
            "a+b",
            "a%2Bb",
            "a%25b",
            "a%2Fb",
            "%2Fa",
            "a%2F",
            "a%E9b",
            "a:@b",
        ),
        *("a!'()*~_-.b", "a$b", "x%0Ay", "a&b=c;d,e", "a%3Fb", "a%23b", "a:@b", "/a", "a//b", "a/", "a/../b", "./a"),
    ],
)
def test_every_key_is_the_same_key(localstack: Server, bucket: str, key: str) -> None:
    path = f"/{bucket}/{key}"
    put = assert_same(localstack, "PUT", path, {**S3, "Content-Type": "application/json"}, key.encode())
    assert put == 200
    assert assert_same(localstack, "GET", path, S3) == 200
    assert ask(localstack, "GET", path, S3, b"")[2] == key.encode()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Content-Type": "text/html"}, 200),
        ({"x-amz-checksum-crc32": "NhCmhg==", "x-amz-sdk-checksum-algorithm": "CRC32"}, 200),
        ({"x-amz-checksum-crc32": "AAAAAA==", "x-amz-sdk-checksum-algorithm": "CRC32"}, 400),
        ({"Content-MD5": "XUFAKrxLKna5cZ2REBfFkg=="}, 200),
        ({"Content-MD5": "AAAA"}, 400),
        ({"x-amz-meta-who": "me", "Cache-Control": "no-cache", "Content-Language": "de"}, 200),
        ({"x-amz-storage-class": "GLACIER"}, 200),
        ({"x-amz-storage-class": "NONE"}, 400),
        ({"x-amz-acl": "public-read", "x-amz-tagging": "a=b"}, 200),
        ({"x-amz-server-side-encryption": "AES256", "x-amz-server-side-encryption-bucket-key-enabled": "true"}, 200),
        ({"If-Match": "*"}, 501),
        ({"x-amz-object-lock-mode": "x"}, 400),
    ],
)
def test_every_header_of_an_upload_is_heeded(
    localstack: Server, bucket: str, headers: dict[str, str], status: int
) -> None:
    path = f"/{bucket}/uploaded-{uuid.uuid4()}"
    assert assert_same(localstack, "PUT", path, {**S3, **headers}, b"hello") == status
    if status == 200:
        assert_same(localstack, "GET", path, {**S3, "x-amz-checksum-mode": "ENABLED"})


@pytest.mark.parametrize(
    ("name", "headers", "status"),
    [
        ("stored", {"Range": "bytes=1-3"}, 206),
        ("stored", {"Range": "bytes=100-300"}, 416),
        ("stored", {"If-Match": '"x"'}, 412),
        ("stored", {"If-None-Match": '"781e5e245d69b566979b86e28d23f2c7"'}, 304),
        ("stored", {"x-amz-checksum-mode": "ENABLED"}, 200),
        ("stored", {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}, 200),
        # Another account's root is let in by no bucket policy.
        ("stored", authorization("s3", "111122223333"), 403),
        ("stored", authorization("s3", region="eu-west-1"), 200),
        ("stored", authorization("s3", region="mars-1"), 200),
        ("described", {}, 200),
        ("missing", {}, 404),
    ],
)
def test_every_header_of_a_download_is_heeded(
    localstack: Server, bucket: str, name: str, headers: dict[str, str], status: int
) -> None:
    assert assert_same(localstack, "GET", f"/{bucket}/{name}", {**S3, **headers}) == status


def test_a_bucket_that_is_not_there_is_named_in_the_error(localstack: Server) -> None:
    assert assert_same(localstack, "GET", "/not-a-bucket/key", S3) == 404
    assert assert_same(localstack, "PUT", "/not-a-bucket/key", S3, b"x") == 404
    assert b"<Code>NoSuchBucket" in ask(localstack, "GET", "/not-a-bucket/key", S3, b"")[2]


@pytest.mark.parametrize("key", ["stored", "missing", "arn:aws:1/missing Jö.json"])
def test_a_signed_url_opens_its_object_only(localstack: Server, s3: Any, bucket: str, key: str) -> None:
    signed = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": key}, ExpiresIn=900)
    url = signed.removeprefix(localstack.endpoint_url)
    status = 200 if key == "stored" else 404
    assert assert_same(localstack, "GET", url, {}) == status
    assert assert_same(localstack, "GET", url, {"Range": "bytes=0-1"}) == (206 if key == "stored" else 404)
    other_end = "0" if url[-1] != "0" else "1"
    for wrong in (
        url[:-1] + other_end,
        url.replace("Expires=900", "Expires=90000"),
        url.replace("us-east-1", "eu-west-1"),
        url.replace(f"/{bucket}/", f"/{bucket}/a"),
        f"{url}&response-content-type=text%2Fhtml",
    ):
        assert assert_same(localstack, "GET", wrong, {}) == 403
    assert assert_same(localstack, "GET", f"{url}&{url.partition('&')[2]}", {}) == status
    assert assert_same(localstack, "PUT", url, {}, b"x") == 403
    assert assert_same(localstack, "GET", url, {"x-amz-date": "20260101T000000Z"}) == 403


def test_a_signed_url_expires(localstack: Server, s3: Any, bucket: str) -> None:
    signed = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "stored"}, ExpiresIn=1)
    url = signed.removeprefix(localstack.endpoint_url)
    wait_for("the end of the URL", lambda: ask(localstack, "GET", url, {}, b"")[0] == 403)
    assert assert_same(localstack, "GET", url, {}) == 403


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"Entries": [ENTRY]}, 200),
        ({"Entries": [ENTRY, {**ENTRY, "Detail": "no JSON"}, {"Detail": "{}"}, {**ENTRY, "Source": ""}]}, 200),
        ({"Entries": [{**ENTRY, "EventBusName": "no-bus"}]}, 200),
        ({"Entries": [{**ENTRY, "Time": 1.5, "Resources": ["a"]}]}, 200),
        ({"Entries": [{**ENTRY, "Detail": json.dumps("x" * 1_050_000)}]}, 400),
        ({"Entries": [{**ENTRY, "Detail": {}}]}, 200),
        ({"Entries": [ENTRY] * 11}, 400),
        ({"Entries": []}, 400),
        ({"Entries": [{}]}, 200),
        ({}, 400),
        ([], 500),
    ],
)
def test_every_entry_is_judged_the_same(localstack: Server, body: Any, status: int) -> None:
    assert assert_same(localstack, "POST", "/", EVENTS, json.dumps(body).encode()) == status


def test_a_body_that_is_not_json_is_refused(localstack: Server) -> None:
    assert assert_same(localstack, "POST", "/", EVENTS, b"{") == 500


class Sent(Exception):  # noqa: N818 - what a client would send, in place of sending it
    """A request that a client was about to send."""

    def __init__(self, request: Request) -> None:
        super().__init__(str(request))
        self.request = request


def as_request(method: str, url: str, headers: dict[str, str], body: bytes) -> Request:
    """A request as it arrives at the gateway."""
    parts = urllib.parse.urlsplit(url)
    raw = f"{parts.path}?{parts.query}" if parts.query else parts.path
    given = {"host": parts.netloc, **({"content-length": str(len(body))} if body else {})}
    given |= {name.lower(): value for name, value in headers.items()}
    request = Request({
        "REQUEST_METHOD": method,
        "RAW_URI": raw,
        "wsgi.input": BytesIO(body),
        "wsgi.input_terminated": True,
        "wsgi.url_scheme": "http",
        "SERVER_NAME": parts.hostname,
    })  # fmt: skip
    request.headers = Headers(list(given.items()))
    return request


def intercept(request: Any, **_event: object) -> None:
    headers = {name: value.decode() if isinstance(value, bytes) else value for name, value in request.headers.items()}
    body = request.body.read() if hasattr(request.body, "read") else request.body or b""
    raise Sent(as_request(request.method, request.url, headers, body))


def sent(service: Any, operation: str, **parameters: Any) -> Request:
    """What the handlers' client sends for an operation."""
    config = CLIENT_CONFIG.merge(PATH_STYLE) if service == "s3" else CLIENT_CONFIG
    session = boto3.Session("test", "test", "token", region_name="eu-west-1")
    client: Any = session.client(service, endpoint_url="http://127.0.0.1:4566", config=config)
    client.meta.events.register("before-send.*", intercept)
    with pytest.raises(Sent) as raised:
        getattr(client, operation)(**parameters)
    return raised.value.request


@pytest.fixture
def operations(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The operations of S3 as botocore knows them, without LocalStack's service."""
    model = boto3.Session(region_name="us-east-1").client("s3").meta.service_model
    monkeypatch.setattr(plain_requests, "_operation", lambda _service, name: model.operation_model(name))
    yield
    plain_requests._no_parameters.cache_clear()


@pytest.mark.usefixtures("operations")
def test_what_handlers_ask_for_is_plain() -> None:
    put = plain_requests._understand(
        sent("s3", "put_object", Bucket="bucket", Key="k/ö", Body=b"{}", ContentType="a/b")
    )
    assert put is not None
    assert (put.operation, put.access_key, put.region) == ("PutObject", "test", "eu-west-1")
    wanted = {"Bucket": "bucket", "Key": "k/ö", "ContentType": "a/b", "ContentLength": 2, "Metadata": {}, "ACL": None}
    assert {name: put.parameters[name] for name in wanted} == wanted
    assert put.parameters["Body"].read() == b"{}"
    got = plain_requests._understand(sent("s3", "get_object", Bucket="bucket", Key="k"))
    assert got is not None
    assert (got.operation, got.parameters["ChecksumMode"]) == ("GetObject", "ENABLED")
    event = plain_requests._understand(sent("events", "put_events", Entries=[ENTRY]))
    assert event is not None
    assert (event.operation, event.parameters) == ("PutEvents", {"Entries": [ENTRY]})


@pytest.mark.usefixtures("operations")
def test_what_opens_a_signed_url_is_plain() -> None:
    session = boto3.Session("111122223333", "test", region_name="eu-west-1")
    client = session.client("s3", endpoint_url="http://localhost:4566", config=PATH_STYLE)
    url = client.generate_presigned_url("get_object", Params={"Bucket": "bucket", "Key": "k/ö"})
    got = plain_requests._understand(as_request("GET", url, {"Accept-Encoding": "identity"}, b""))
    assert got is not None
    assert (got.access_key, got.region, got.parameters["Key"]) == ("111122223333", "eu-west-1", "k/ö")


@pytest.mark.usefixtures("operations")
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://localhost"},
        {"Host": "bucket.s3.localhost.localstack.cloud:4566"},
        {"Content-Encoding": "aws-chunked", "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER"},
        {"x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"},
        {"x-amz-meta-who": "me"},
        {"Authorization": "AWS test:signature"},
        authorization("sqs"),
    ],
)
def test_a_request_that_says_more_goes_localstacks_own_way(headers: dict[str, str]) -> None:
    request = as_request("PUT", "http://127.0.0.1:4566/bucket/key", {**S3, **headers}, b"x")
    assert plain_requests._understand(request) is None
    plain = as_request("PUT", "http://127.0.0.1:4566/bucket/key", S3, b"x")
    assert plain_requests._understand(plain) is not None
