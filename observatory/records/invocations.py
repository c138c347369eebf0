"""The invocations of functions, as their logs in CloudWatch Logs tell them."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from observatory.clock import iso
from observatory.records.consumers import label
from observatory.records.json_values import read_json
from observatory.records.ledger import read_milliseconds, read_time

BOUNDARY = re.compile(r"(START|END|REPORT) RequestId: (\S+)")
REPORT_FIELD = re.compile(r"([A-Z][A-Za-z ]+): (.+)")
# How Lambda logs an exception of a handler, a timeout and the end of a runtime.
RAISED = re.compile(r"\[ERROR\] (?:\S+Z\s+\S+\s+)?([^\r\n]+)")
LOG_RESOLUTION = timedelta(milliseconds=1)
NEVER = datetime.fromtimestamp(0, UTC)
ENDED = re.compile(r"(?:\S+Z \S+|RequestId: \S+ Error:) (Task timed out after .+|Runtime exited .+)")


@dataclass(frozen=True)
class Invocation:
    """One try of a function to handle an event.

    Args:
        function: The function's name.
        request_id: Lambda's id, which all tries with the same event share.
        log_stream: The environment's log stream in the function's log group.
        event_id: The event; None if the handler was not reached.
        started: When it began: as its handler noted, unless its log had begun before that.
        logged: When its log began; that of a short one is written when it ends.
        noted: When its handler noted that it began, as all that it emits says; None if it did not.
        ended: When Lambda reported its end; None while there is no report.
        error: What was raised, or how it ended otherwise; None if all went well so far.
        milliseconds: How long it took.
        billed_milliseconds: What AWS would charge.
        init_milliseconds: How long its environment took to start; None if it was there before.
        memory_size: The megabytes that it may use.
        memory_used: The megabytes that it used.
        emitted: The ids of the events that it says it has put on the bus.
        lines: What it wrote.
        account: The account that the function is in, if that is another one.
    """

    function: str
    request_id: str
    log_stream: str
    started: datetime
    logged: datetime
    noted: datetime | None = None
    event_id: str | None = None
    ended: datetime | None = None
    error: str | None = None
    milliseconds: float | None = None
    billed_milliseconds: float | None = None
    init_milliseconds: float | None = None
    memory_size: int | None = None
    memory_used: int | None = None
    emitted: tuple[str, ...] = ()
    lines: tuple[str, ...] = field(default=(), repr=False)
    account: str | None = None

    @property
    def label(self) -> str:
        """What people call the function."""
        return label(self.function, self.account)

    @property
    def is_cold(self) -> bool:
        """Whether its environment was started for it."""
        return self.init_milliseconds is not None

    def to_json_object(self) -> dict[str, Any]:
        """Return the invocation for programs."""
        return {
            "function": self.function,
            "requestId": self.request_id,
            "logStream": self.log_stream,
            "eventId": self.event_id,
            "started": iso(self.started),
            "ended": iso(self.ended),
            "error": self.error,
            "milliseconds": self.milliseconds,
            "billedMilliseconds": self.billed_milliseconds,
            "initMilliseconds": self.init_milliseconds,
            "memorySize": self.memory_size,
            "memoryUsed": self.memory_used,
            "emitted": self.emitted,
            "lines": self.lines,
            "account": self.account,
        }


def read_invocations(
    function: str, log_events: Iterable[Mapping[str, Any]], account: str | None = None
) -> tuple[Invocation, ...]:
    """Read the log of a function.

    Args:
        function: Its name.
        log_events: As CloudWatch Logs answers; those of one log stream in their order.
        account: The account that it is in, if that is another one.
    """
    streams: dict[str, list[Mapping[str, Any]]] = {}
    for log_event in log_events:
        streams.setdefault(log_event["logStreamName"], []).append(log_event)
    return tuple(
        found
        for stream, events in streams.items()
        for found in _read_stream(Invocation(function, "", stream, NEVER, NEVER, account=account), events)
    )


def _read_stream(environment: Invocation, log_events: Iterable[Mapping[str, Any]]) -> Iterator[Invocation]:
    """An environment handles one event after the other, so what is between START and REPORT is of one invocation."""
    current: Invocation | None = None
    for log_event in log_events:
        line, when = log_event["message"].rstrip("\n"), read_milliseconds(log_event["timestamp"])
        boundary = BOUNDARY.match(line)
        if boundary and boundary[1] == "START":
            if current:
                yield current
            current = replace(environment, request_id=boundary[2], started=when, logged=when)
        elif current and boundary and boundary[1] == "REPORT":
            yield _report(current, line, when)
            current = None
        elif current and not boundary:
            current = _write(current, line)
    if current:
        yield current


def _write(invocation: Invocation, line: str) -> Invocation:
    """Add a line of output, and see what it says."""
    invocation = replace(invocation, lines=(*invocation.lines, line))
    if line.startswith("{"):
        return _understand(invocation, line)
    return replace(invocation, error=invocation.error or failure_in(line))


def failure_in(line: str) -> str | None:
    """What failed, if a line of a log says so: Lambda's own, or that in which a handler gives up."""
    if line.startswith("{"):
        failure = _json_object(line).get("failure")
        return f"{failure.get('error')}: {failure.get('message')}" if isinstance(failure, dict) else None
    found = RAISED.match(line) or ENDED.match(line)
    return found[1] if found else None


def _understand(invocation: Invocation, line: str) -> Invocation:
    """Take in a line of a handler's own log: its first one, one about an event, or the one in which it gives up."""
    said = _json_object(line)
    if invocation.event_id is None and said.get("requestId") == invocation.request_id:
        noted = read_time(said.get("startedAt"))
        # It may have worked for long before it noted that.
        started = noted if noted and noted <= invocation.logged + LOG_RESOLUTION else invocation.logged
        return replace(invocation, event_id=said.get("eventId"), started=started, noted=noted)
    if failure := failure_in(line):
        return replace(invocation, error=failure)
    if str(said.get("message")).startswith("emitted ") and isinstance(event_id := said.get("eventId"), str):
        return replace(invocation, emitted=(*invocation.emitted, event_id))
    return invocation


def _report(invocation: Invocation, line: str, when: datetime) -> Invocation:
    fields = {found[1]: found[2] for part in line.split("\t") if (found := REPORT_FIELD.match(part))}
    milliseconds = _number(fields.get("Duration"))
    memory_size, memory_used = _number(fields.get("Memory Size")), _number(fields.get("Max Memory Used"))
    ended = when
    if milliseconds is not None and invocation.event_id:
        ended = invocation.started + timedelta(milliseconds=milliseconds)
        # Of one whose log was written late, that may be too late.
        ended = when if ended > when + LOG_RESOLUTION else ended
    return replace(
        invocation,
        ended=ended,
        error=invocation.error or fields.get("Error Type") or fields.get("Status"),
        milliseconds=milliseconds,
        billed_milliseconds=_number(fields.get("Billed Duration")),
        init_milliseconds=_number(fields.get("Init Duration")),
        memory_size=None if memory_size is None else int(memory_size),
        memory_used=None if memory_used is None else int(memory_used),
    )


def _number(text: str | None) -> float | None:
    return float(text.split()[0]) if text else None


def _json_object(line: str) -> dict[str, Any]:
    try:
        value = read_json(line)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
