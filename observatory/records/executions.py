"""The execution of a run: which one it is, and what its history says of every state."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bootstrap.clients import Clients
from bootstrap.stack import STACK
from observatory.errors import UnknownRunError

LATEST = "latest"
PERSON_KEY = "name"
# What an execution, a Map or a state's task says when it did not come to its end.
FAILURES = ("TaskFailed", "TaskTimedOut", "TaskSubmitFailed", "TaskStartFailed")


@dataclass(frozen=True)
class Execution:
    """An execution of the machine; *error* and *cause* say why it failed, *start* is the detail of its start event."""

    arn: str
    job: str
    status: str
    started: datetime
    stopped: datetime | None = None
    error: str | None = None
    cause: str | None = None
    start: Mapping[str, Any] = field(default_factory=dict)

    def to_json_object(self) -> dict[str, Any]:
        """Return the execution for programs."""
        return {
            "arn": self.arn,
            "status": self.status,
            "started": self.started.isoformat(),
            "stopped": self.stopped.isoformat() if self.stopped else None,
            "error": self.error,
            "cause": self.cause,
        }


@dataclass(frozen=True)
class StateRun:
    """A state that the execution entered; one in a Map as often as it has people.

    Args:
        state: The state's name.
        kind: Task, Map or Succeed.
        person: Who it is about, in the Map.
        entered: When the execution entered it.
        emitted: When it began to put its event on the bus.
        event_ids: The event that it put on the bus; more than one if it was put again.
        answered: When its task token came back.
        exited: When the execution left it; None if it waits, or if it failed.
        error: Why it failed.
        failed: When it failed.
    """

    state: str
    kind: str
    entered: datetime
    person: str | None = None
    emitted: datetime | None = None
    event_ids: tuple[str, ...] = ()
    answered: datetime | None = None
    exited: datetime | None = None
    error: str | None = None
    failed: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether it neither ended nor failed; nothing is left by a Fail state, which ends the execution."""
        return self.exited is None and self.failed is None and self.kind != "Fail"

    def to_json_object(self) -> dict[str, Any]:
        """Return the state for programs."""
        times = {name: getattr(self, name) for name in ("entered", "emitted", "answered", "exited", "failed")}
        return {
            "state": self.state,
            "kind": self.kind,
            "person": self.person,
            "eventIds": self.event_ids,
            "error": self.error,
            **{name: moment.isoformat() if moment else None for name, moment in times.items()},
        }


def find_execution(clients: Clients, job: str) -> Execution:
    """Find the execution of a run.

    Args:
        clients: How to reach Step Functions.
        job: The id of its start event, the beginning of it, or `latest`.

    Raises:
        UnknownRunError: There is none.
    """
    pages = clients.states.get_paginator("list_executions").paginate(
        stateMachineArn=clients.arns.machine(STACK.machines[0].name)
    )
    for page in pages:
        found = [one for one in page["executions"] if job == LATEST or one["name"].startswith(job)]
        if found:
            # Newest first on AWS; not everywhere.
            newest = max(found, key=lambda one: one["startDate"])
            return read_execution(clients.states.describe_execution(executionArn=newest["executionArn"]))
    endpoint = clients.settings.endpoint_url or f"AWS in {clients.settings.region}"
    known = "no run yet" if job == LATEST else f"no run {job!r:.100}"
    raise UnknownRunError(f"{endpoint} has {known}: start one with `python scripts/start_run.py`")


def read_execution(answer: Mapping[str, Any]) -> Execution:
    """Read how an execution is, from DescribeExecution's answer; a run is called after its start event."""
    given = _json_object(answer.get("input"))
    job, start = given.get("id"), given.get("detail")
    return Execution(
        answer["executionArn"],
        job if isinstance(job, str) else answer["name"],
        answer["status"],
        answer["startDate"],
        answer.get("stopDate"),
        answer.get("error"),
        answer.get("cause"),
        start if isinstance(start, dict) else {},
    )


def read_states(history: Iterable[Mapping[str, Any]]) -> tuple[StateRun, ...]:
    """Read the states that an execution entered from its history."""
    reader = _Reader()
    for event in history:
        reader.read(event)
    return tuple(reader.runs.values())


class _Reader:
    """Every event of a history names the one before it, and so leads back to the entry of its state."""

    def __init__(self) -> None:
        self.runs: dict[int, StateRun] = {}
        self._entries: dict[int, int] = {}

    def read(self, event: Mapping[str, Any]) -> None:
        number, kind = event["id"], event["type"]
        if kind.endswith("StateEntered"):
            details = event["stateEnteredEventDetails"]
            person = _json_object(details.get("input")).get(PERSON_KEY)
            kind = kind.removesuffix("StateEntered")
            person = person if isinstance(person, str) else None
            self.runs[number] = StateRun(details["name"], kind, event["timestamp"], person)
            self._entries[number] = number
            return
        entry = self._entries[number] = self._entries.get(event.get("previousEventId", 0), 0)
        if kind.endswith("StateExited"):
            self._exit(entry, event)
        elif entry in self.runs:
            self.runs[entry] = _proceed(self.runs[entry], event)

    def _exit(self, entry: int, event: Mapping[str, Any]) -> None:
        name = event["stateExitedEventDetails"]["name"]
        # What comes before the exit of a Map is the end of one of its items.
        if entry not in self.runs or self.runs[entry].state != name:
            entry = next(number for number, run in reversed(self.runs.items()) if run.state == name)
        self.runs[entry] = replace(self.runs[entry], exited=event["timestamp"])
        self._entries[event["id"]] = entry


def _proceed(run: StateRun, event: Mapping[str, Any]) -> StateRun:
    kind, when = event["type"], event["timestamp"]
    if kind == "TaskSubmitted":
        answer = _json_object(event["taskSubmittedEventDetails"].get("output"))
        ids = tuple(entry["EventId"] for entry in answer.get("Entries", ()) if "EventId" in entry)
        return replace(run, event_ids=(*run.event_ids, *ids))
    if kind == "TaskSucceeded":
        return replace(run, answered=when)
    if kind in FAILURES:
        details = event.get(f"{kind[0].lower()}{kind[1:]}EventDetails", {})
        return replace(run, failed=when, error=": ".join(filter(None, (details.get("error"), details.get("cause")))))
    if kind == "TaskScheduled":
        # If it failed, it is tried again after all.
        return replace(run, emitted=when, failed=None, error=None)
    return run


def _json_object(text: str | None) -> dict[str, Any]:
    value = json.loads(text or "{}")
    return value if isinstance(value, dict) else {}
