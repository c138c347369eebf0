"""The requests that a run consists of, answered without the thirty handlers that a request to LocalStack passes.

Lambda functions ask for three operations: PutEvents, PutObject and GetObject. A request for one of them that says
nothing unusual goes to its service at once. All others, and all errors, go LocalStack's own way.
"""

import functools
import hashlib
import hmac
import json
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

from localstack import config
from localstack.aws import handlers
from localstack.aws.api import RequestContext
from localstack.aws.app import LocalstackAwsGateway
from localstack.aws.handlers.service import SkeletonHandler
from localstack.aws.skeleton import Skeleton
from localstack.constants import HEADER_LOCALSTACK_IDENTIFIER
from localstack.runtime import events
from localstack.services.plugins import SERVICE_PLUGINS
from localstack.services.s3.presigned_url import get_credentials_from_parameters
from werkzeug.datastructures import Headers
from werkzeug.wrappers import Request, Response

from emulator.speed.direct_calls import context_of

LOCAL_HOST = re.compile(r"(?:127\.0\.0\.1|localhost)(?::\d+)?")
# A bucket and a key without empty, relative or undecodable parts, which LocalStack's router treats in its own way.
OBJECT_PATH = re.compile(r"/([a-z0-9][a-z0-9-]+)((?:/[!-.0->@-~]+)+)")
RELATIVE_PART = re.compile(r"/\.{1,2}(?:/|$)")
AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[\w-]+)/\d{8}/(?P<region>[\w-]+)/(?P<service>\w+)/aws4_request,.*"
)
CREDENTIAL = re.compile(r"(?P<key>[\w-]+)/(?P<date>\d{8})/(?P<region>[\w-]+)/s3/aws4_request")
DATE = re.compile(r"\d{8}T\d{6}Z")
# Headers that change nothing about what is asked for, and those of a signature, which LocalStack does not look at.
NEUTRAL = {"accept", "accept-encoding", "amz-sdk-invocation-id", "amz-sdk-request", "connection", "expect", "host"}
NEUTRAL |= {"user-agent", "x-amzn-trace-id"}
SIGNING = {"authorization", "x-amz-content-sha256", "x-amz-date", "x-amz-security-token"}
PRESIGNING = {f"X-Amz-{name}" for name in ("Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature")}
ENTRY_MEMBERS = {"Detail", "DetailType", "EventBusName", "Source"}
RESULT_MEMBERS = {"ErrorCode", "ErrorMessage", "EventId"}
JSON = "application/x-amz-json-1.1"
S3_HOST_ID = "s9lzHYrFp76ZVxRcpX9+5cjAnEH2ROuNkd2BHfIa6UkFVdtjf5mKR3/eTPFvsiP/XV/VLi31234="
LARGEST_BODY_BYTES = 1024 * 1024
OPERATIONS = {"GET": "GetObject", "PUT": "PutObject"}


@dataclass(frozen=True, slots=True)
class _Call:
    """What a request asks for, and in whose name."""

    service: str
    operation: str
    parameters: dict[str, Any]
    access_key: str
    region: str


def answer_plain_requests() -> None:
    """Give a plain request to its service at once (a third of LocalStack's CPU time of a run)."""
    process = LocalstackAwsGateway.process

    def process_plain(self: LocalstackAwsGateway, request: Request, response: Response) -> None:
        call = _understand(request)
        if call:
            _answer(self, call, request, response)
        else:
            process(self, request, response)

    LocalstackAwsGateway.process = process_plain


def _understand(request: Request) -> _Call | None:
    """What a request asks for, if that is one of the three operations and the request is as plain as can be."""
    headers = {name.lower(): value for name, value in request.headers}
    if (
        len(headers) != len(request.headers)
        or not LOCAL_HOST.fullmatch(headers.get("host", ""))
        or events.infra_stopping.is_set()
        or logging.root.isEnabledFor(logging.INFO)  # each request is logged then
    ):
        return None
    if "x-amz-target" in headers:
        return _understand_events(request, headers)
    return _understand_object(request, headers) if request.method in OPERATIONS else None


def _understand_events(request: Request, headers: dict[str, str]) -> _Call | None:
    signed = AUTHORIZATION.fullmatch(headers.get("authorization", ""))
    if (
        not signed
        or headers["x-amz-target"] != "AWSEvents.PutEvents"
        or request.path != "/"
        or headers.get("content-type") != JSON
        or headers.keys() - NEUTRAL - SIGNING - {"content-length", "content-type", "x-amz-target"}
    ):
        return None
    try:
        body = json.loads(request.get_data())
    except ValueError:
        return None
    entries = body.get("Entries") if isinstance(body, dict) and len(body) == 1 else None
    if not isinstance(entries, list) or not all(_is_plain_entry(entry) for entry in entries):
        return None
    return _Call("events", "PutEvents", body, signed["key"], signed["region"])


def _is_plain_entry(entry: object) -> bool:
    return (
        isinstance(entry, dict)
        and entry.keys() <= ENTRY_MEMBERS
        and all(isinstance(value, str) for value in entry.values())
    )


def _understand_object(request: Request, headers: dict[str, str]) -> _Call | None:
    path, _, query = request.environ["RAW_URI"].partition("?")
    named = OBJECT_PATH.fullmatch(path)
    if not named or RELATIVE_PART.search(path) or headers.get("x-amz-content-sha256", "").startswith("STREAMING-"):
        return None
    signed = _valid_signature(request.method, path, query, headers) if query else _s3_authorization(headers)
    if not signed:
        return None
    operation = OPERATIONS[request.method]
    given = _header_parameters(operation, headers)
    if given is None or (operation == "PutObject") != (0 < given.get("ContentLength", 0) <= LARGEST_BODY_BYTES):
        return None
    place = {"Bucket": named[1], "Key": unquote(named[2][1:])}
    if operation == "PutObject":
        place["Body"] = request.environ["wsgi.input"]
    return _Call("s3", operation, _no_parameters(operation) | given | place, signed["key"], signed["region"])


def _s3_authorization(headers: dict[str, str]) -> re.Match[str] | None:
    signed = AUTHORIZATION.fullmatch(headers.get("authorization", ""))
    return signed if signed and signed["service"] == "s3" else None


def _valid_signature(method: str, path: str, query: str, headers: dict[str, str]) -> re.Match[str] | None:
    """Whose signature a URL has that is valid, not expired, and signed for nothing but this host.

    https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
    """
    parts = sorted(query.split("&"))
    parameters = dict(part.partition("=")[::2] for part in parts)
    credential = CREDENTIAL.fullmatch(unquote(parameters.get("X-Amz-Credential", "")))
    if (
        not credential
        or parameters.keys() - {"X-Amz-Security-Token"} != PRESIGNING
        or len(parts) != len(parameters)
        or parameters["X-Amz-SignedHeaders"] != "host"
        or headers.keys() - NEUTRAL
        or not _is_current(parameters)
    ):
        return None
    unsigned = "&".join(part for part in parts if not part.startswith("X-Amz-Signature="))
    canonical = f"{method}\n{path}\n{unsigned}\nhost:{headers['host']}\n\nhost\nUNSIGNED-PAYLOAD"
    scope = credential[0].removeprefix(f"{credential['key']}/")
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"AWS4-HMAC-SHA256\n{parameters['X-Amz-Date']}\n{scope}\n{digest}"
    secret = get_credentials_from_parameters(
        {"X-Amz-Credential": credential[0]}, credential["region"]
    ).secret_access_key
    signature = hmac.digest(_signing_key(secret, scope), text.encode(), "sha256").hex()
    return credential if hmac.compare_digest(signature, parameters["X-Amz-Signature"]) else None


def _is_current(parameters: dict[str, str]) -> bool:
    date, seconds = parameters["X-Amz-Date"], parameters["X-Amz-Expires"]
    if not (DATE.fullmatch(date) and seconds.isdecimal()):
        return False
    try:
        return datetime.now(UTC) <= datetime.fromisoformat(date) + timedelta(seconds=int(seconds))
    except (ValueError, OverflowError):
        return False


@functools.lru_cache(16)
def _signing_key(secret: str, scope: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


def _header_parameters(operation: str, headers: dict[str, str]) -> dict[str, Any] | None:
    """The parameters of an operation of S3 that a request has in headers; none if it has others that matter."""
    members = _members(_operation("s3", operation).input_shape)
    given: dict[str, Any] = {}
    for header, value in headers.items():
        if header in NEUTRAL or header in SIGNING:
            continue
        name, kind = members.get(header, ("", ""))
        if kind == "string":
            given[name] = value
        elif kind in ("integer", "long") and value.isdecimal():
            given[name] = int(value)
        else:
            return None
    return given


@functools.cache
def _members(shape: Any) -> dict[str, tuple[str, str]]:
    """The members of a structure that are headers: each header's name in small letters, the member's, its type."""
    return {header.lower(): (name, kind) for name, (header, kind) in _headers(shape).items()}


@functools.cache
def _headers(shape: Any) -> dict[str, tuple[str, str]]:
    """The members of a structure that are headers: each member's name, the header's, its type."""
    return {
        name: (member.serialization["name"], member.type_name)
        for name, member in shape.members.items()
        if member.serialization.get("location") == "header"
    }


@functools.cache
def _no_parameters(operation: str) -> dict[str, Any]:
    """The parameters of an operation of S3 as LocalStack has them when a request has none."""
    locations = {
        name: member.serialization.get("location")
        for name, member in _operation("s3", operation).input_shape.members.items()
    }
    return {name: {} if location == "headers" else None for name, location in locations.items() if location}


@functools.cache
def _operation(service: str, name: str) -> Any:
    return _skeleton(service).service.operation_model(name)


@functools.cache
def _skeleton(service: str) -> Skeleton:
    return SERVICE_PLUGINS.require(service).skeleton


def _answer(gateway: LocalstackAwsGateway, call: _Call, request: Request, response: Response) -> None:
    context = _context(call, request)
    try:
        answer = _skeleton(call.service).dispatch_table[call.operation](context, call.parameters) or {}
    except Exception as error:  # noqa: BLE001 - LocalStack knows what each is to a client
        _leave_to_localstack(gateway, context, response, functools.partial(_throw, error))
        return
    write = _write_results if call.service == "events" else _write_object
    if not write(context, answer, response):
        _leave_to_localstack(gateway, context, response, lambda: answer)
    elif config.LOCALSTACK_RESPONSE_HEADER_ENABLED:
        response.headers.add(HEADER_LOCALSTACK_IDENTIFIER, "true")


def _throw(error: Exception) -> None:
    raise error


def _context(call: _Call, request: Request) -> RequestContext:
    context = context_of(request, _operation(call.service, call.operation), call.access_key, call.region)
    context.protocol = context.service.protocol
    context.service_request = call.parameters
    handlers.rewrite_region(None, context, None)
    handlers.parse_trace_context(None, context, None)
    return context


def _leave_to_localstack(
    gateway: LocalstackAwsGateway, context: RequestContext, response: Response, outcome: Callable[[], Any]
) -> None:
    """Let LocalStack write what the service has come to, an answer or an error."""
    chain = gateway.new_chain()
    chain.request_handlers = [
        SkeletonHandler(Skeleton(context.service, {context.operation.name: lambda _context, _request: outcome()}))
    ]
    chain.handle(context, response)


def _write_results(context: RequestContext, answer: Any, response: Response) -> bool:
    """Write what PutEvents answers, unless it has more than usual."""
    if answer.keys() != {"Entries", "FailedEntryCount"} or any(
        result.keys() - RESULT_MEMBERS for result in answer["Entries"]
    ):
        return False
    body = {"Entries": answer["Entries"], "FailedEntryCount": answer["FailedEntryCount"]}
    response.response = [json.dumps(body).encode()]
    response.headers = Headers([("Content-Type", JSON), ("x-amzn-RequestId", context.request_id)])
    return True


def _write_object(context: RequestContext, answer: Any, response: Response) -> bool:
    """Write what S3 answers, unless that has more than headers of text or numbers, and a stored object."""
    headers = _headers_of(answer, context.operation.output_shape)
    if headers is None or ("Body" in answer) != ("ContentType" in answer):
        return False
    response.response = answer.get("Body", [])
    response.headers = Headers([*headers, ("x-amz-request-id", context.request_id), ("x-amz-id-2", S3_HOST_ID)])
    return True


def _headers_of(answer: Any, shape: Any) -> list[tuple[str, str]] | None:
    """The headers of an answer of S3; none if some member is no plain header."""
    headers = []
    for name, value in answer.items():
        if value is None or name == "Body":
            continue
        header, kind = _headers(shape).get(name, ("", ""))
        if kind not in ("integer", "long", "string", "timestamp") or not isinstance(value, str | int):
            return None
        headers.append((header, str(value)))
    return headers
