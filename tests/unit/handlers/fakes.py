"""Stand-ins for the bus, the bucket and the web, that answer as the real ones do and remember what they were asked."""

import io
import json
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from tests.unit.handlers.samples import SIGNATURE


class FakeBus:
    """EventBridge; the first requests fail as told in *failures*, each an error code."""

    def __init__(self) -> None:
        self.failures: list[str] = []
        self.entries: list[dict[str, Any]] = []
        self.requests = 0

    def put_events(self, **request: Any) -> dict[str, Any]:
        self.requests += 1
        if self.failures:
            failed = {"ErrorCode": self.failures.pop(0), "ErrorMessage": "not now"}
            return {"FailedEntryCount": 1, "Entries": [failed]}
        self.entries += request["Entries"]
        return {"FailedEntryCount": 0, "Entries": [{"EventId": f"event-{self.requests}"}]}

    @property
    def details(self) -> list[dict[str, Any]]:
        """What the events say that were taken."""
        return [json.loads(entry["Detail"]) for entry in self.entries]

    @property
    def failure(self) -> dict[str, str]:
        """What the one event says that was taken, a `failed` one."""
        (entry,) = self.entries
        assert entry["DetailType"] == "failed"
        failure: dict[str, str] = self.details[0]["failure"]
        return failure


class FakeS3:
    """S3 with one bucket; *missing_status* is how it answers for an object that is not there."""

    def __init__(self, bucket: str) -> None:
        self.bucket = bucket
        self.missing_status = HTTPStatus.NOT_FOUND
        self.objects: dict[str, bytes] = {}

    def put_object(self, **request: Any) -> None:
        assert request["Bucket"] == self.bucket
        assert request["ContentType"] in {"application/json", "image/svg+xml"}
        self.objects[request["Key"]] = request["Body"]

    def generate_presigned_url(self, operation: str, **request: Any) -> str:
        assert operation == "get_object"
        assert request["Params"]["Bucket"] == self.bucket
        key = quote(request["Params"]["Key"])
        return f"https://bucket.test/{key}?X-Amz-Expires={request['ExpiresIn']}&X-Amz-Signature={SIGNATURE}"

    def answer(self, key: str) -> tuple[HTTPStatus, bytes]:
        """What is answered for an object."""
        return (HTTPStatus.OK, self.objects[key]) if key in self.objects else (self.missing_status, b"<Error/>")

    def stored(self, key: str) -> dict[str, Any]:
        """An object as JSON."""
        value: dict[str, Any] = json.loads(self.objects[key])
        return value


class FakeResponse:
    """What a server answers."""

    def __init__(self, status: HTTPStatus, body: bytes) -> None:
        self.status = status
        self.reason = status.phrase
        self.body = io.BytesIO(body)

    def read(self, size: int) -> bytes:
        return self.body.read(size)

    def isclosed(self) -> bool:
        return not self.body.read(1)


class FakeWeb:
    """The web: every connection leads to *pages*, by path without the leading slash, then to a bucket's objects.

    Or it fails with *error*.
    """

    def __init__(self) -> None:
        self.pages: dict[str, bytes] = {}
        self.bucket: FakeS3 | None = None
        self.status = HTTPStatus.OK
        self.error: Exception | None = None
        self.requests: list[tuple[str, str, str]] = []
        self.timeouts: list[float] = []
        self.waits: list[float] = []
        self.closed = 0

    def connect(self, host: str, *, timeout: float) -> "FakeConnection":
        self.timeouts.append(timeout)
        return FakeConnection(self, host)


class FakeConnection:
    """One connection to a host of the fake web."""

    def __init__(self, web: FakeWeb, host: str) -> None:
        self.web = web
        self.host = host
        self.answered = (web.status, b"")

    def request(self, method: str, target: str) -> None:
        if self.web.error:
            raise self.web.error
        self.web.requests.append((method, self.host, target))
        name = unquote(urlsplit(target).path.removeprefix("/"))
        if self.web.bucket and name not in self.web.pages:
            self.answered = self.web.bucket.answer(name)
        else:
            self.answered = (self.web.status, self.web.pages.get(name, b""))

    def getresponse(self) -> FakeResponse:
        return FakeResponse(*self.answered)

    def close(self) -> None:
        self.web.closed += 1
