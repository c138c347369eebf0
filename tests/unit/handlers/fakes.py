"""Stand-ins for the bus, the bucket and the web, that answer as the real ones do and remember what they were asked."""

import io
import json
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from botocore.exceptions import ClientError

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
    """S3 with one bucket; *missing_code* is how it answers for an object that is not there."""

    def __init__(self, bucket: str) -> None:
        self.bucket = bucket
        self.missing_code = "NoSuchKey"
        self.objects: dict[str, bytes] = {}

    def put_object(self, **request: Any) -> None:
        assert request["Bucket"] == self.bucket
        assert request["ContentType"] in {"application/json", "image/svg+xml"}
        self.objects[request["Key"]] = request["Body"]

    def get_object(self, **request: Any) -> dict[str, Any]:
        assert request["Bucket"] == self.bucket
        if request["Key"] not in self.objects:
            raise ClientError({"Error": {"Code": self.missing_code, "Message": "no"}}, "GetObject")
        return {"Body": io.BytesIO(self.objects[request["Key"]])}

    def generate_presigned_url(self, operation: str, **request: Any) -> str:
        assert operation == "get_object"
        assert request["Params"]["Bucket"] == self.bucket
        key = quote(request["Params"]["Key"])
        return f"https://bucket.test/{key}?X-Amz-Expires={request['ExpiresIn']}&X-Amz-Signature={SIGNATURE}"

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
    """The web: every connection leads to *pages*, by path without the leading slash, or fails with *error*."""

    def __init__(self) -> None:
        self.pages: dict[str, bytes] = {}
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
        self.page = b""

    def request(self, method: str, target: str) -> None:
        if self.web.error:
            raise self.web.error
        self.web.requests.append((method, self.host, target))
        self.page = self.web.pages.get(unquote(urlsplit(target).path.removeprefix("/")), b"")

    def getresponse(self) -> FakeResponse:
        return FakeResponse(self.web.status, self.page)

    def close(self) -> None:
        self.web.closed += 1
