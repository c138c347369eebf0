"""Why a run failed: what its execution says, what the function that failed has logged, and where that is stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from botocore.exceptions import ClientError
from tenacity import RetryCallState, Retrying, retry_if_result, stop_after_attempt, wait_fixed

from bootstrap.clients import Clients
from bootstrap.errors import refusals
from observatory.clock import Clock
from observatory.records.invocations import Invocation, read_invocations
from observatory.records.states import MAP, PARALLEL, StateRun, States, json_object
from observatory.wording import shortened

# A log arrives after the invocation has ended, which is after the event that ends the run.
LOG_LOOKS = 10
LOG_PAUSE_SECS = 0.3
NAME_CHARACTERS = 100
# What a machine may leave in the bucket when it fails.
FAILURE_FILE = "0-failed.json"


@dataclass(frozen=True)
class Failure:
    """What an execution failed with.

    Args:
        error: The type of the error.
        message: What it says.
        function: The function that raised it; None if no function did.
        item: The item of a Map that it was handling; None if none.
        request_id: The invocation, in the function's log.
    """

    error: str
    message: str
    function: str | None = None
    item: str | None = None
    request_id: str | None = None

    @classmethod
    def read(cls, error: str, cause: str, item_key: str) -> Self:
        """Read an execution's error and cause; a function's is JSON, any other is a sentence of Step Functions."""
        said = json_object(cause)
        if not isinstance(said.get("function"), str):
            return cls(error, cause)
        known = (said.get(key) for key in ("function", item_key, "requestId"))
        return cls(error, str(said.get("message", "")), *(str(value) if value is not None else None for value in known))

    def __str__(self) -> str:
        what = ": ".join(text for text in (self.error, self.message) if text)
        if self.function is None:
            return what
        item = "" if self.item is None else f" for {shortened(self.item, NAME_CHARACTERS)}"
        return f"{self.function} failed{item}: {what}"


def first_failure(states: States) -> StateRun | None:
    """The state that failed first of those that did not end well, and that is not merely around another one."""
    failed = [run for run in states.runs if run.failed and run.type not in {MAP, PARALLEL}]
    return min(failed, key=lambda run: run.failed or run.entered, default=None)


@dataclass(frozen=True)
class FailedRun:
    """A run that failed: its execution, when it began, what it failed with, and what its history says."""

    execution: str
    started: datetime
    failure: Failure
    states: States


def describe_failure(clients: Clients, run: FailedRun, clock: Clock) -> str:
    """Say why a run failed, with what there is to read about it.

    Args:
        clients: How to reach the log and the bucket.
        run: The run.
        clock: How to wait for the log.
    """
    failure, lines = run.failure, [str(run.failure)]
    first = first_failure(run.states)
    if first and first.error and first.error != failure.error:
        item = f" for {shortened(first.item, NAME_CHARACTERS)}" if first.item else ""
        lines.append(f"  the first to fail was {first.name}{item}: {first.failure}")
    with refusals(run.execution, clients.settings):
        if failure.function and failure.request_id:
            log = _read_log(clients, failure.function, failure.request_id, run.started, clock)
            lines += [f"  {line}" for line in log]
        key = f"{run.execution}/{FAILURE_FILE}"
        if _exists(clients, key):
            lines.append(f"s3://{clients.bucket}/{key}")
    return "\n".join(lines)


def _read_log(clients: Clients, function: str, request_id: str, started: datetime, clock: Clock) -> list[str]:
    """All that an invocation wrote, every try of it, once the last has been reported or does not come."""
    looks = Retrying(
        retry=retry_if_result(lambda tries: not tries or tries[-1].ended is None),
        stop=stop_after_attempt(LOG_LOOKS),
        wait=wait_fixed(LOG_PAUSE_SECS),
        sleep=clock.sleep,
        retry_error_callback=_last_result,
    )
    tries = looks(_find_tries, clients, function, request_id, round(started.timestamp() * 1000))
    # Lambda keeps a traceback in one line with spaces that do not break, which a terminal need not know.
    return [line.replace("\xa0", " ") for one in tries for text in one.lines for line in text.splitlines()]


def _last_result(state: RetryCallState) -> Any:  # noqa: ANN401 - what the function returns
    return state.outcome and state.outcome.result()


def _find_tries(clients: Clients, function: str, request_id: str, since: int) -> list[Invocation]:
    group = f"/aws/lambda/{function}"
    try:
        named = clients.logs.filter_log_events(logGroupName=group, startTime=since, filterPattern=f'"{request_id}"')
        streams = sorted({event["logStreamName"] for event in named["events"]})
        if not streams:
            return []
        pages = clients.logs.get_paginator("filter_log_events").paginate(
            logGroupName=group, logStreamNames=streams, startTime=since
        )
        events: list[Mapping[str, Any]] = [event for page in pages for event in page["events"]]
    except clients.logs.exceptions.ResourceNotFoundException:
        return []
    tries = [one for one in read_invocations(function, events) if one.request_id == request_id]
    return sorted(tries, key=lambda one: one.started)


def _exists(clients: Clients, key: str) -> bool:
    try:
        clients.s3.head_object(Bucket=clients.bucket, Key=key)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] in {403, 404}:
            return False
        raise
    return True
