"""Requests, and what a sandbox makes of each: 200 where it is the sandbox's own business to answer."""

import socket
from dataclasses import dataclass

from testkit.waiting import DEADLINE_SECONDS

HEALTH = "GET /_localstack/health"
CHROMIUM = "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0"
LONG_PATH = "GET /" + "a" * 40_000
SIGNED_FOR_S3 = "Authorization: AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request"
MEBIBYTE = 1024 * 1024


@dataclass(frozen=True)
class Case:
    """A request, without the empty line at its end, and the status of its answer."""

    what: str
    status: int
    line: str
    headers: tuple[str, ...] = ("Host: localhost",)
    body: bytes = b""


def at(host: str, status: int, *headers: str, line: str = HEALTH) -> Case:
    """A request at a name."""
    return Case(f"{host} {' '.join(headers)[:60]}", status, line, (f"Host: {host}", *headers))


NAMES = (
    at("localhost", 200),
    at("LocalHost:4566", 200),
    at("127.0.0.1:4566", 200),
    at("[::1]:4566", 200),
    at("localhost.localstack.cloud:4566", 200),
    at("bucket.s3.us-east-1.localhost.localstack.cloud:4566", 200),
    at("bucket.s3.localhost", 200),
    at("evil.example", 403),
    at("evil.example:4566", 403),
    at("127.0.0.1.evil.example", 403),
    at("localhost.evil.example", 403),
    at("evillocalhost", 403),
    at("192.0.2.1", 403),
    at("events.us-east-1.amazonaws.com", 403),
    at("", 403),
    Case("two hosts", 400, HEALTH, ("Host: localhost", "Host: evil.example")),
)
PAGES = (
    at("localhost", 403, "Origin: http://evil.example"),
    at("localhost", 403, "Origin: null"),
    at("localhost", 403, "Origin: http://localhost:4566"),
    at("localhost", 403, "Origin: https://app.localstack.cloud"),
    at("localhost", 403, "Sec-Fetch-Site: cross-site"),
    at("localhost", 403, "Sec-Fetch-Site: same-site"),
    at("localhost", 403, "Sec-Fetch-Site: same-origin"),
    at("localhost", 403, "Sec-Fetch-Site: cross-site", "Referer: http://evil.example/"),
    at("localhost", 200, "Sec-Fetch-Site: none", CHROMIUM),
    at("localhost", 200, CHROMIUM),
    # Browsers send a name that they do not trust no Sec-Fetch-Site: there, a picture of any page looks like this.
    at("localhost.localstack.cloud", 403, CHROMIUM),
    at("localhost.localstack.cloud", 200, "User-Agent: Boto3/1.40.0 md/Botocore#1.40.0"),
    at("localhost", 403, "Origin: http://evil.example", line="OPTIONS /bucket/key"),
    at("localhost", 403, "Origin: http://evil.example", "Content-Length: 0", line="POST /bucket?delete"),
    at("localhost", 403, "Origin: null", "Content-Type: multipart/form-data; boundary=x", line="POST /bucket"),
    at("localhost", 403, "Sec-Fetch-Site: cross-site", line="GET /000000000000/queue?Action=PurgeQueue"),
    at("localhost", 403, "Upgrade: websocket", "Connection: Upgrade", "Origin: http://evil.example"),
)
# What LocalStack's services tell each other; whoever could say it would be one of them.
INNER = (
    at("localhost", 403, 'X-LocalStack-Data: {"service_principal":"events"}'),
    at("localhost", 403, "x-localstack-sqs-override-message-count: 100"),
    at("localhost", 403, "X-Moto-Account-Id: 444455556666"),
)
LENGTHS = (
    Case("a long path", 414, LONG_PATH),
    Case("a long query", 414, HEALTH + "?" + "a" * 40_000),
    Case("a URL longer than a head", 414, "GET /" + "a" * 80_000),
    Case("a long host", 431, HEALTH, ("Host: " + "a." * 10_000,)),
    Case("a long signature", 431, HEALTH, ("Host: localhost", "Authorization: " + "a" * 10_000)),
    Case("a long type", 431, HEALTH, ("Host: localhost", "Content-Type: a" + " " * 10_000 + "b")),
    Case("many headers", 431, HEALTH, ("Host: localhost", *(f"X-{n}: {'x' * 8000}" for n in range(20)))),
    Case("a large body", 413, "POST /", ("Host: localhost", f"Content-Length: {300 * MEBIBYTE}")),
    Case("a large object", 413, "PUT /b/k", ("Host: localhost", SIGNED_FOR_S3, f"Content-Length: {300 * MEBIBYTE}")),
    Case(
        "one that waits to be asked for",
        413,
        "PUT /b/k",
        ("Host: localhost", SIGNED_FOR_S3, "Expect: 100-continue", f"Content-Length: {300 * MEBIBYTE}"),
    ),
    Case("a bad length", 400, "POST /", ("Host: localhost", "Content-Length: many")),
    Case("two lengths", 400, "POST /", ("Host: localhost", "Content-Length: 1", "Content-Length: 2"), b"ab"),
)
CHUNKED = ("Host: localhost", "Transfer-Encoding: chunked")
EVENTS = (*CHUNKED, "X-Amz-Target: AWSEvents.PutEvents", "Content-Type: application/x-amz-json-1.1")
CHUNKS = (
    Case("no chunk", 400, "POST /", CHUNKED, b"zz\r\nabc\r\n"),
    Case("a bad second chunk", 400, "POST /", EVENTS, b"3\r\nabc\r\n-1\r\nabc\r\n0\r\n\r\n"),
    Case("a chunk that is longer than it says", 400, "PUT /b/k", CHUNKED, b"3\r\nabcd\r\n0\r\n\r\n"),
)
CASES = (*NAMES, *PAGES, *INNER, *LENGTHS, *CHUNKS)


def status_of(address: tuple[str, int], case: Case) -> tuple[int, str]:
    """Send a request; the status and the body of what comes before the connection is closed."""
    head = "\r\n".join((f"{case.line} HTTP/1.1", *case.headers, "Connection: close", "", ""))
    with socket.create_connection(address, DEADLINE_SECONDS) as connection:
        connection.sendall(head.encode() + case.body)
        with connection.makefile("rb") as answer:
            received = answer.read().decode()
    head, _, body = received.partition("\r\n\r\n")
    return int(head.split()[1]), body
