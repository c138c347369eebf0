"""How often functions were invoked, and how often that failed, as their logs say."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from botocore.exceptions import ClientError

from bootstrap.clients import Clients
from observatory.records.invocations import failure_in
from observatory.records.ledger import OVERLAP_MILLISECONDS

START = "START RequestId: "


@dataclass
class InvocationCount:
    """How often a function was invoked, and how many of these invocations failed."""

    invocations: int = 0
    failed: int = 0


@dataclass
class _Log:
    """What was read of a function's log."""

    count: InvocationCount = field(default_factory=InvocationCount)
    read_from: int = 0
    seen: set[tuple[str, str]] = field(default_factory=set)
    failing: set[str] = field(default_factory=set)


class InvocationCounter:
    """Counts invocations, and reads each line of a log once; may be shared by threads.

    Args:
        clients: How to reach CloudWatch Logs.
    """

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._lock = Lock()
        self._logs: defaultdict[tuple[str, str | None], _Log] = defaultdict(_Log)

    def count(self, function: str, account: str | None = None) -> InvocationCount:
        """Read a log on, and return what it adds up to.

        Args:
            function: The function's name.
            account: The account that it is in, if that is another one.
        """
        with self._lock:
            log = self._logs[function, account]
            clients = self._clients.of_account(account) if account else self._clients
            for event in _new_events(clients, function, log):
                _take(log, event["logStreamName"], event["message"])
            return InvocationCount(log.count.invocations, log.count.failed)


def _take(log: _Log, stream: str, line: str) -> None:
    """An environment handles one event after the other, so what it logs is of the invocation that began last."""
    if line.startswith(START):
        log.count.invocations += 1
        log.failing.discard(stream)
    elif stream not in log.failing and failure_in(line):
        log.failing.add(stream)
        log.count.failed += 1


def _new_events(clients: Clients, function: str, log: _Log) -> Iterator[Mapping[str, Any]]:
    pages = clients.logs.get_paginator("filter_log_events").paginate(
        logGroupName=f"/aws/lambda/{function}", startTime=log.read_from
    )
    try:
        for page in pages:
            for event in page["events"]:
                key = (event["logStreamName"], event["eventId"])
                if key not in log.seen:
                    log.seen.add(key)
                    log.read_from = max(log.read_from, event["timestamp"] - OVERLAP_MILLISECONDS)
                    yield event
    except ClientError as error:
        # A function that never ran may have no log yet.
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
