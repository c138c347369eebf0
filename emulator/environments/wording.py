"""What Lambda says of an invocation: its log lines and its errors, word for word.

https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html and, for the errors, answers recorded from AWS.
"""

import json
import math
import signal
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from emulator.environments.output import Log

TIMED_OUT = "Sandbox.Timedout"
EXITED = "Runtime.ExitError"
RESPONSE_TOO_LARGE = "Function.ResponseSizeTooLarge"
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: 6 MB, and the bytes that wrap them.
RESPONSE_LIMIT_BYTES = 6 * 1024 * 1024 + 100
# https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
LEVELS = ("TRACE", "DEBUG", "INFO", "WARN")


@dataclass(frozen=True)
class Failure:
    """An invocation that the handler did not answer, and that ended its runtime."""

    error_type: str
    message: str
    log: str = ""
    status: str = "error"
    details: dict[str, object] = field(default_factory=dict)

    def payload(self) -> bytes:
        """The invocation's response."""
        return json.dumps({"errorType": self.error_type, "errorMessage": self.message, **self.details}).encode()


def timed_out(request_id: str, timeout_seconds: float) -> Failure:
    """The function ran into its timeout."""
    what = f"Task timed out after {timeout_seconds:.2f} seconds"
    message = f"RequestId: {request_id} Error: {what}"
    return Failure(TIMED_OUT, message, log=f"{_iso(datetime.now(UTC))} {request_id} {what}", status="timeout")


def exited(request_id: str, exit_code: int) -> Failure:
    """The runtime's process ended; *exit_code* is negative for a signal."""
    if exit_code == 0:
        reason = "Runtime exited without providing a reason"
    elif exit_code < 0:
        name = signal.strsignal(-exit_code) or f"signal {-exit_code}"
        reason = f"Runtime exited with error: signal: {name.lower()}"
    else:
        reason = f"Runtime exited with error: exit status {exit_code}"
    message = f"RequestId: {request_id} Error: {reason}"
    return Failure(EXITED, message, log=f"{message}\n{EXITED}")


def not_initialized(said: bytes) -> Failure:
    """The runtime could not load the handler and *said* why; it has also written that to the log."""
    details = json.loads(said)
    return Failure(details.pop("errorType"), details.pop("errorMessage"), details=details)


def response_too_large() -> Failure:
    """The handler returned more than Lambda passes on; the runtime ends with that."""
    message = f"Response payload size exceeded maximum allowed payload size ({RESPONSE_LIMIT_BYTES} bytes)."
    return Failure(RESPONSE_TOO_LARGE, message)


@dataclass(frozen=True)
class LogStyle:
    """How Lambda writes of a function.

    Args:
        version: The version that is invoked.
        is_json: Whether the function's log format is JSON.
        system_level: In JSON, the least level of Lambda's own lines that are written.
    """

    version: str = "$LATEST"
    is_json: bool = False
    system_level: str = "INFO"


PLAIN = LogStyle()


@dataclass(frozen=True)
class Usage:
    """What an invocation took."""

    duration_milliseconds: float
    memory_size_megabytes: int
    memory_used_megabytes: int
    init_milliseconds: float | None

    @property
    def billed_milliseconds(self) -> int:
        """What AWS would charge: since August 2025 that includes the initialization."""
        return math.ceil(self.duration_milliseconds + (self.init_milliseconds or 0))


def invocation_log(  # noqa: PLR0913, PLR0917 - what a log has
    request_id: str,
    events: Iterable[str],
    usage: Usage,
    failure: Failure | None = None,
    style: LogStyle = PLAIN,
    written: Sequence[str] = (),
) -> Log:
    """The log of one invocation: START, the output, what went wrong, END and REPORT.

    Args:
        request_id: The invocation's id.
        events: What the function wrote meanwhile.
        usage: Durations in milliseconds and memory in megabytes, for the REPORT line.
        failure: How the invocation ended, unless the runtime answered.
        style: In which words.
        written: What of it was written while the invocation ran, from START on; *events* came after that.
    """
    before, after = (_json_frame if style.is_json else _text_frame)(request_id, usage, failure, style)
    begun = written or before
    return Log([*begun, *events, *(failure.log.splitlines() if failure else ()), *after], len(written))


def beginning(request_id: str, style: LogStyle = PLAIN) -> list[str]:
    """The first lines of the log of an invocation that began just now."""
    return (_json_frame if style.is_json else _text_frame)(request_id, Usage(0, 0, 0, None), None, style)[0]


def _text_frame(request_id: str, usage: Usage, failure: Failure | None, style: LogStyle) -> tuple[list[str], list[str]]:
    start = f"START RequestId: {request_id} Version: {style.version}"
    return [start], [f"END RequestId: {request_id}", _report(request_id, usage, failure)]


def _json_frame(request_id: str, usage: Usage, failure: Failure | None, style: LogStyle) -> tuple[list[str], list[str]]:
    """As https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html has them, by their levels."""
    ended = datetime.now(UTC)
    started = ended - timedelta(milliseconds=usage.duration_milliseconds)
    outcome: dict[str, object] = {"requestId": request_id, "status": failure.status if failure else "success"}
    if failure and failure.status == "error":
        outcome["errorType"] = failure.error_type
    metrics = {
        "durationMs": round(usage.duration_milliseconds, 3),
        "billedDurationMs": usage.billed_milliseconds,
        "memorySizeMB": usage.memory_size_megabytes,
        "maxMemoryUsedMB": usage.memory_used_megabytes,
    }
    if usage.init_milliseconds is not None:
        metrics["initDurationMs"] = round(usage.init_milliseconds, 3)
    done = {"metrics": {"durationMs": metrics["durationMs"]}}
    before = [("INFO", _platform_event("start", started, {"requestId": request_id, "version": style.version}))]
    after = [
        ("WARN" if failure else "DEBUG", _platform_event("runtimeDone", ended, outcome | done)),
        ("WARN" if failure else "INFO", _platform_event("report", ended, outcome | {"metrics": metrics})),
    ]
    written = LEVELS[LEVELS.index(style.system_level) :]
    kept_before, kept_after = ([line for level, line in lines if level in written] for lines in (before, after))
    return kept_before, kept_after


def _platform_event(kind: str, when: datetime, record: dict[str, object]) -> str:
    event = {"time": _iso(when), "type": f"platform.{kind}", "record": record}
    return json.dumps(event, separators=(",", ":"))


def _iso(when: datetime) -> str:
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _report(request_id: str, usage: Usage, failure: Failure | None) -> str:
    fields = [
        f"REPORT RequestId: {request_id}",
        f"Duration: {usage.duration_milliseconds:.2f} ms",
        f"Billed Duration: {usage.billed_milliseconds} ms",
        f"Memory Size: {usage.memory_size_megabytes} MB",
        f"Max Memory Used: {usage.memory_used_megabytes} MB",
    ]
    if usage.init_milliseconds is not None:
        fields.append(f"Init Duration: {usage.init_milliseconds:.2f} ms")
    if failure:
        fields.append(f"Status: {failure.status}")
        if failure.status == "error":
            fields.append(f"Error Type: {failure.error_type}")
    return "\t".join(fields) + "\t"
