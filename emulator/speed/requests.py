"""What LocalStack 4.14.0 does again for each HTTP request, done once or not at all.

The shares are of the CPU time of a request of S3 (0.9 ms) or EventBridge (0.6 ms) behind the HTTP front, by profile.
"""

import functools
import logging
import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from localstack.aws.handlers.internal import LocalstackResourceHandler
from localstack.aws.handlers.legacy import EdgeRouterHandler
from localstack.aws.handlers.logging import ResponseLogger
from localstack.aws.protocol import serializer
from localstack.aws.protocol.parser import RestXMLRequestParser
from localstack.utils import strings
from localstack.utils.xray import traceid
from werkzeug.datastructures import Headers
from werkzeug.wrappers import Request

REMEMBERED_DATES = 1024
REMEMBERED_MIME_TYPES = 256
REMEMBERED_SHAPES = 1024
SIGNED_FOR_S3 = "/s3/aws4_request"
# No bucket's name begins like this. The hosts are those of functions and web sites, which get whatever they are sent.
OWN_PAGES = "/_"
OWN_HOSTS = (".lambda-url.", ".s3-website.")
PRESIGNED_FOR_S3 = b"%2Fs3%2Faws4_request"


def find_headers_quickly() -> None:
    """Look a header up without raising an error for one that is missing: sixty of them are asked for (10 %)."""
    get = Headers.get

    def get_quickly(self: Headers, key: str, default: Any = None, type: Callable[[str], Any] | None = None) -> Any:
        if self.__class__ is not Headers or type is not None:
            return get(self, key, default, type)
        lowered = key.lower()
        for name, value in self._list:
            if name.lower() == lowered:
                return value
        return default

    Headers.get = get_quickly


def merge_headers_quickly() -> None:
    """Take headers over at once: each would be set alone, after a look for others of its name (5 %)."""
    update = Headers.update

    def update_quickly(self: Headers, *given: Any, **more: Any) -> None:
        if more or len(given) != 1 or given[0].__class__ is not Headers:
            update(self, *given, **more)
            return
        names = {name.lower() for name, _value in given[0]}
        kept = [(name, value) for name, value in self if name.lower() not in names]
        self._list[:] = [*kept, *given[0]]

    Headers.update = update_quickly


def look_for_services_first() -> None:
    """Look for none of LocalStack's own pages when a request says which service it is for (10 %)."""
    for handler in (LocalstackResourceHandler, EdgeRouterHandler):
        handler.__call__ = _unless_it_names_a_service(handler.__call__)


def _unless_it_names_a_service(handle: Callable[..., None]) -> Callable[..., None]:
    def handle_others(self: Any, chain: Any, context: Any, response: Any) -> None:
        if not _names_a_service(context.request):
            handle(self, chain, context, response)

    return handle_others


def _names_a_service(request: Request) -> bool:
    headers = request.headers
    # A client may be sent to one of those pages, and signs and says what it always does.
    if request.path.startswith(OWN_PAGES) or any(name in headers.get("Host", "") for name in OWN_HOSTS):
        return False
    return (
        "X-Amz-Target" in headers
        or SIGNED_FOR_S3 in headers.get("Authorization", "")
        or PRESIGNED_FOR_S3 in request.query_string
    )


@dataclass
class _Members:
    """As much of a structure's shape as its parser looks at."""

    members: dict[str, Any]
    required_members: list[str]


def skip_missing_parameters() -> None:
    """Parse no parameter of S3 that a request does not have: PutObject has forty (20 %)."""
    parse = RestXMLRequestParser._parse_structure

    def parse_given(self: Any, request: Request, shape: Any, node: Any, uri_params: Any = None) -> Any:
        headers, queries = _members_outside_body(shape)
        given = {name.lower() for name, _value in request.headers}
        missing = {name for name, header in headers.items() if header not in given}
        missing |= {name for name, parameter in queries.items() if parameter not in request.args}
        members = {name: member for name, member in shape.members.items() if name not in missing}
        return dict.fromkeys(missing) | parse(
            self, request, _Members(members, shape.required_members), node, uri_params
        )

    RestXMLRequestParser._parse_structure = parse_given


@functools.lru_cache(REMEMBERED_SHAPES)
def _members_outside_body(shape: Any) -> tuple[dict[str, str], dict[str, str]]:
    """Which members are single headers, and which single parameters of the query; and what those are called."""
    single = {name: member.serialization for name, member in shape.members.items() if member.type_name != "list"}
    headers = {name: says["name"].lower() for name, says in single.items() if says.get("location") == "header"}
    queries = {name: says["name"] for name, says in single.items() if says.get("location") == "querystring"}
    return headers, queries


def remember_dates() -> None:
    """Parse the date of a header once: each answer of S3 has that of its object as text (15 % of a GetObject)."""
    serializer.parse_to_aware_datetime = functools.lru_cache(REMEMBERED_DATES)(serializer.parse_to_aware_datetime)


def remember_mime_types() -> None:
    """Choose the type of an answer once for the same headers: they would be parsed and compared each time (4 %)."""
    choose = serializer.ResponseSerializer._get_mime_type

    @functools.lru_cache(REMEMBERED_MIME_TYPES)
    def chosen(self: Any, accept: str | None, content_type: str | None) -> str:
        given = {"Accept": accept, "Content-Type": content_type}
        return str(choose(self, {name: value for name, value in given.items() if value is not None}))

    def choose_once(self: Any, headers: Any) -> str:
        headers = headers or {}
        return chosen(self, headers.get("Accept"), headers.get("Content-Type"))

    serializer.ResponseSerializer._get_mime_type = choose_once


def draw_ids_quickly() -> None:
    """Draw ids without asking the system, which lets other threads go on each time (4 % of all of a run).

    Thirty of them are drawn for each item of a Map, none of them is a secret.
    """
    strings.uuid = SimpleNamespace(UUID=uuid.UUID, uuid4=lambda: uuid.UUID(int=random.getrandbits(128), version=4))
    traceid.os = SimpleNamespace(urandom=random.randbytes)


def log_no_requests() -> None:
    """Prepare no line about a request when its level is not logged."""
    log = ResponseLogger._log

    def log_if_asked(self: ResponseLogger, context: Any, response: Any) -> None:
        # Its own loggers always let a line pass, for the handler to drop it.
        if logging.root.isEnabledFor(logging.INFO):
            log(self, context, response)

    ResponseLogger._log = log_if_asked
