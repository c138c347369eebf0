"""A function that is deployed, invoked with one event."""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bootstrap.clients import Clients
from bootstrap.description import FunctionSpec
from bootstrap.errors import refusals

START = re.compile(r"^START RequestId: ", re.MULTILINE)
REQUEST_ID = re.compile(r"RequestId: (\S+)")
# Of its own timeout, the time that Lambda may take for the rest.
MARGIN_SECONDS = 30


@dataclass(frozen=True)
class Invoked:
    """What came of an invocation: its log from START to REPORT, what it answered, and whether that is an error."""

    log: tuple[str, ...]
    answer: str
    failed: bool


def invoke(clients: Clients, function: FunctionSpec, event: Mapping[str, Any]) -> Invoked:
    """Invoke a function and wait for its answer.

    Args:
        clients: How to reach the account; made to wait as long as the function may take.
        function: Which one.
        event: What it is given.

    Raises:
        BootstrapError: There is no such function, or nothing answers.
    """
    with refusals(f"function {function.name}", clients.settings):
        answer = clients.lambda_.invoke(FunctionName=function.name, LogType="Tail", Payload=json.dumps(event).encode())
        log = base64.b64decode(answer["LogResult"]).decode(errors="replace")
        lines = tuple(log.splitlines()) if START.search(log) else _whole(clients, function, log)
        return Invoked(lines, answer["Payload"].read().decode(), failed="FunctionError" in answer)


def _whole(clients: Clients, function: FunctionSpec, tail: str) -> tuple[str, ...]:
    """The log of an invocation that wrote more than the 4 KB that an answer shows."""
    request_id = REQUEST_ID.findall(tail)[-1]
    pages = clients.logs.get_paginator("filter_log_events").paginate(logGroupName=function.log_group)
    events = [event for page in pages for event in page["events"]]
    stream = next((one["logStreamName"] for one in events if _is(one, "START", request_id)), None)
    lines = [event["message"].rstrip("\n") for event in events if event["logStreamName"] == stream]
    starts = [number for number, line in enumerate(lines) if line.startswith(f"START RequestId: {request_id}")]
    ends = [number for number, line in enumerate(lines) if line.startswith(f"REPORT RequestId: {request_id}")]
    return tuple(lines[starts[-1] : ends[-1] + 1]) if starts and ends else tuple(tail.splitlines())


def _is(log_event: Mapping[str, Any], what: str, request_id: str) -> bool:
    return bool(log_event["message"].startswith(f"{what} RequestId: {request_id}"))
