"""The logs of functions, line by line, as CloudWatch Logs gets them."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any

from botocore.exceptions import ClientError

from bootstrap.clients import Clients
from bootstrap.description import FunctionSpec
from bootstrap.errors import refusals
from handlers.shared.levels import level_of
from observatory.errors import NotBootstrappedError
from observatory.records.invocations import ENDED, Invocation
from observatory.records.json_values import read_json
from observatory.records.ledger import OVERLAP_MILLISECONDS, read_milliseconds

START, END = re.compile(r"START RequestId: "), re.compile(r"END RequestId: ")
OF_LAMBDA = re.compile(r"(START|END|REPORT|INIT_START|INIT_REPORT|EXTENSION) ")
FAILED = re.compile(r"REPORT .*\tStatus: (error|timeout)")
# As AWS's runtime client writes a record of `logging`.
RECORD = re.compile(r"\[([A-Z]+)\]\s")
PLATFORM = "platform."
# What a line shows anyway, or another one of the same invocation.
SHOWN_ELSEWHERE = {"level", "message", "msg", "timestamp", "execution", "job", "function"}


@dataclass(frozen=True)
class LogLine:
    """A line that a function wrote, or Lambda about it.

    Args:
        function: The function's name.
        when: When CloudWatch Logs had it.
        level: How bad it is.
        message: What it says; what of a JSON record people read first.
        fields: The rest of a JSON record.
        of_lambda: Whether Lambda wrote it.
        job: The run that it is about, as far as its invocation has said.
        item: The item that it is about, as far as its invocation has said.
    """

    function: str
    when: datetime
    level: str
    message: str
    fields: Mapping[str, Any]
    of_lambda: bool = False
    job: str | None = None
    item: str | None = None


@dataclass
class _Stream:
    """An environment: what its invocation has said of itself, and what waits for it to do so."""

    job: str | None = None
    item: str | None = None
    held: list[LogLine] = field(default_factory=list)


class LogReader:
    """Reads the logs of functions, and remembers what it has read.

    Args:
        clients: How to reach CloudWatch Logs.
        functions: Whose logs.
        item_key: The key by which a record says which item it is about.
        since: Leave out what is older.
        job: Give only the lines of this run.
    """

    def __init__(
        self,
        clients: Clients,
        functions: Sequence[FunctionSpec],
        item_key: str,
        since: datetime | None = None,
        job: str | None = None,
    ) -> None:
        self._clients = clients
        self._functions = functions
        self._item_key = item_key
        self._job = job
        self._since = int(since.timestamp() * 1000) if since else 0
        self._read_from = dict.fromkeys((function.name for function in functions), self._since)
        self._seen: set[tuple[str, str]] = set()
        self._streams: dict[tuple[str, str], _Stream] = {}

    def new_lines(self) -> list[LogLine]:
        """The lines since the last time, in the order of their times.

        A line is given once its invocation has said which run and item it is about, and at the latest when the
        invocation ends; START waits for it, and of a run that is asked for, every line does.

        Raises:
            NotBootstrappedError: A function has no log.
            BootstrapError: It cannot be read.
        """
        lines = [line for function in self._functions for line in self._lines_of(function)]
        return sorted(lines, key=lambda line: line.when)

    def _lines_of(self, function: FunctionSpec) -> Iterator[LogLine]:
        for event in self._new_events(function):
            self._read_from[function.name] = max(
                self._read_from[function.name], event["timestamp"] - OVERLAP_MILLISECONDS
            )
            known = (event["logStreamName"], event["eventId"])
            if known not in self._seen:
                self._seen.add(known)
                stream = self._streams.setdefault((function.name, event["logStreamName"]), _Stream())
                line = read_line(function.name, event["message"].rstrip("\n"), read_milliseconds(event["timestamp"]))
                yield from self._take(stream, line)

    def _take(self, stream: _Stream, line: LogLine) -> Iterable[LogLine]:
        starts, ends = (_is(line, *what) for what in ((START, "start"), (END, "report")))
        before = self._release(stream) if starts else []
        if starts:
            stream.job = stream.item = None
        stream.job = _text(line.fields.get("job")) or stream.job
        stream.item = _text(line.fields.get(self._item_key)) or stream.item
        stream.held.append(line)
        waits = stream.job is None and not ends and (self._job is not None or starts)
        return [*before, *([] if waits else self._release(stream))]

    def _release(self, stream: _Stream) -> list[LogLine]:
        held, stream.held = stream.held, []
        if self._job not in {None, stream.job}:
            return []
        hidden = SHOWN_ELSEWHERE | {self._item_key}
        return [
            LogLine(
                line.function,
                line.when,
                line.level,
                line.message,
                {key: value for key, value in line.fields.items() if key not in hidden},
                line.of_lambda,
                stream.job,
                stream.item,
            )
            for line in held
        ]

    def _new_events(self, function: FunctionSpec) -> list[Any]:
        pages = self._clients.logs.get_paginator("filter_log_events").paginate(
            logGroupName=function.log_group, startTime=max(self._read_from[function.name], self._since)
        )
        with refusals(f"log of {function.name}", self._clients.settings):
            try:
                return [event for page in pages for event in page["events"]]
            except ClientError as error:
                if error.response["Error"]["Code"] != "ResourceNotFoundException":
                    raise
                raise NotBootstrappedError(
                    f"there is no log group {function.log_group}: run `python -m bootstrap up`"
                ) from error


def read_invocation_logs(clients: Clients, invocations: Iterable[Invocation]) -> list[LogLine]:
    """What some invocations have logged up to now, in the order of time.

    Raises:
        BootstrapError: A log cannot be read.
    """
    lines = [line for one in invocations for line in _lines_of_invocation(clients, one)]
    return sorted(lines, key=lambda line: line.when)


def _lines_of_invocation(clients: Clients, one: Invocation) -> list[LogLine]:
    there = clients.of_account(one.account) if one.account else clients
    pages = there.logs.get_paginator("filter_log_events").paginate(
        logGroupName=f"/aws/lambda/{one.function}",
        logStreamNames=[one.log_stream],
        startTime=int(one.logged.timestamp() * 1000),
    )
    with refusals(f"log of {one.function}", clients.settings):
        events: list[Mapping[str, Any]] = [event for page in pages for event in page["events"]]
    lines = [
        read_line(one.function, event["message"].rstrip("\n"), read_milliseconds(event["timestamp"]))
        for event in events
    ]
    begins = [number for number, line in enumerate(lines) if _is(line, START, "start")]
    tries = [
        lines[begin:end] for begin, end in pairwise((*begins, len(lines))) if one.request_id in events[begin]["message"]
    ]
    # One environment may have had several tries of it.
    return min(tries, key=lambda found: abs(found[0].when - one.logged), default=[])


def _is(line: LogLine, text: re.Pattern[str], kind: str) -> bool:
    """Tell whether Lambda wrote a line of a kind, as text or as JSON."""
    return line.of_lambda and (text.match(line.message) is not None or line.message == PLATFORM + kind)


def read_line(function: str, text: str, when: datetime) -> LogLine:
    """Read what a line says."""
    record = _record(text)
    if record is None:
        return LogLine(function, when, _level(text), text, {}, of_lambda=OF_LAMBDA.match(text) is not None)
    kind = str(record.get("type"))
    if kind.startswith(PLATFORM) and isinstance(record.get("record"), dict):
        failed = record["record"].get("status") in {"error", "timeout", "failure"}
        return LogLine(function, when, "ERROR" if failed else "INFO", kind, record["record"], of_lambda=True)
    level = level_of(str(record.get("level"))) or "INFO"
    return LogLine(function, when, level, str(record.get("message", record.get("msg", ""))), record)


def _level(text: str) -> str:
    if ENDED.match(text) or FAILED.match(text):
        return "ERROR"
    found = RECORD.match(text)
    return (level_of(found[1]) if found else None) or "INFO"


def _record(text: str) -> dict[str, Any] | None:
    try:
        record = read_json(text) if text.startswith("{") else None
    except ValueError:
        return None
    return record if isinstance(record, dict) else None


def _text(value: object) -> str | None:
    """What names a run or an item; anyone may have written it."""
    return str(value) if isinstance(value, str | int | float) and value != "" else None
