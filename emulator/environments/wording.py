"""What Lambda says of an invocation: its log lines and its errors, word for word.

https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html and, for the errors, answers recorded from AWS.
"""

import json
import math
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

TIMED_OUT = "Sandbox.Timedout"
EXITED = "Runtime.ExitError"
RESPONSE_TOO_LARGE = "Function.ResponseSizeTooLarge"
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: 6 MB, and the bytes that wrap them.
RESPONSE_LIMIT_BYTES = 6 * 1024 * 1024 + 100
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html: 1 MB, with the newline, and with
# the 26 bytes that each event counts more.
LOG_EVENT_BYTES = 1024 * 1024 - 27
LONGEST_CHARACTER_BYTES = 4


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
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    message = f"RequestId: {request_id} Error: {what}"
    return Failure(TIMED_OUT, message, log=f"{now} {request_id} {what}", status="timeout")


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


def not_initialized(request_id: str, said: bytes) -> Failure:
    """The runtime could not load the handler and *said* why; it has also written that to the log."""
    details = json.loads(said)
    return Failure(details.pop("errorType"), details.pop("errorMessage"), details=details | {"requestId": request_id})


def response_too_large(size_bytes: int) -> bytes:
    """The handler returned more than Lambda passes on."""
    message = (
        f"Response payload size ({size_bytes} bytes) exceeded maximum allowed payload size"
        f" ({RESPONSE_LIMIT_BYTES} bytes)."
    )
    return json.dumps({"errorType": RESPONSE_TOO_LARGE, "errorMessage": message}).encode()


@dataclass(frozen=True)
class Usage:
    """What an invocation took."""

    duration_milliseconds: float
    memory_size_megabytes: int
    memory_used_megabytes: int
    init_milliseconds: float | None


def invocation_log(request_id: str, output: str, usage: Usage, failure: Failure | None = None) -> str:
    """The log of one invocation: START, the output, what went wrong, END and REPORT.

    Args:
        request_id: The invocation's id.
        output: What the function wrote meanwhile.
        usage: Durations in milliseconds and memory in megabytes, for the REPORT line.
        failure: How the invocation ended, unless the runtime answered.
    """
    lines = [f"START RequestId: {request_id} Version: $LATEST", *_log_lines(output)]
    if failure:
        lines += failure.log.splitlines()
    lines += [f"END RequestId: {request_id}", _report(request_id, usage, failure)]
    return "\n".join(lines) + "\n"


def _log_lines(output: str) -> Iterator[str]:
    """What was written, line by line; what is too long for one event of CloudWatch Logs goes on in the next."""
    for line in output.removesuffix("\n").split("\n") if output else ():
        if len(line) * LONGEST_CHARACTER_BYTES <= LOG_EVENT_BYTES:
            yield line
            continue
        encoded, start = line.encode(), 0
        while start < len(encoded):
            part = encoded[start : start + LOG_EVENT_BYTES].decode(errors="ignore")
            yield part
            start += len(part.encode())


def _report(request_id: str, usage: Usage, failure: Failure | None) -> str:
    # Since August 2025 the billed duration includes the initialization.
    billed = math.ceil(usage.duration_milliseconds + (usage.init_milliseconds or 0))
    fields = [
        f"REPORT RequestId: {request_id}",
        f"Duration: {usage.duration_milliseconds:.2f} ms",
        f"Billed Duration: {billed} ms",
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
