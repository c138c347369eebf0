"""The runs of an account, newest first: what Step Functions says of each, and what its events add up to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from bootstrap.clients import Clients
from bootstrap.errors import refusals
from bootstrap.stack import STACK
from observatory.clock import iso
from observatory.errors import NotBootstrappedError
from observatory.records.executions import Execution
from observatory.records.ledger import Ledger
from observatory.runs.tally import StateProgress, Tally

# Older ones can still be asked for by their job.
LISTED_RUNS = 200
PAGE_EXECUTIONS = 1000
EVENT_ID_CHARACTERS = 36


@dataclass(frozen=True)
class Run:
    """A run at a moment, as far as its events are recorded.

    Args:
        job: The id of its start event.
        execution: The ARN of its execution.
        status: What Step Functions says of that.
        started: When it began.
        stopped: When it ended; None while it goes on.
        seed: What it was started with.
        people: How many people it is about; None until that is known.
        people_done: How many of them have been dealt with.
        cookies: How many cookies they ate; None until that is known.
        failures: How many things failed for good.
        events: How many events were recorded.
        states: How far each state is that has put an event on the bus.
    """

    job: str
    execution: str
    status: str
    started: datetime
    stopped: datetime | None
    seed: str | None = None
    people: int | None = None
    people_done: int = 0
    cookies: int | None = None
    failures: int = 0
    events: int = 0
    states: Mapping[str, StateProgress] = field(default_factory=dict)

    @property
    def running(self) -> bool:
        """Whether it goes on."""
        return self.status == "RUNNING"

    def to_json_object(self) -> dict[str, Any]:
        """Return the run for programs; one that goes on has taken the seconds until now."""
        return {
            "job": self.job,
            "execution": self.execution,
            "status": self.status,
            "startedAt": iso(self.started),
            "endedAt": iso(self.stopped),
            "seconds": max(((self.stopped or datetime.now(UTC)) - self.started).total_seconds(), 0.0),
            "people": self.people,
            "peopleDone": self.people_done,
            "cookies": self.cookies,
            "failures": self.failures,
            "seed": self.seed,
        }


def summarize(execution: Execution, tally: Tally) -> Run:
    """Join what Step Functions says of an execution with what its events add up to."""
    ended_badly = execution.status not in {"RUNNING", "SUCCEEDED"}
    return Run(
        execution.job,
        execution.arn,
        execution.status,
        execution.started,
        execution.stopped,
        tally.seed,
        tally.people,
        tally.people_done,
        tally.cookies,
        max(tally.failures, int(ended_badly)),
        tally.events,
        tally.states,
    )


class RunList:
    """Looks at all runs, and remembers their events; not to be shared by threads.

    Args:
        clients: How to reach the services.
    """

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._seen: set[str] = set()
        self._forget()

    def _forget(self) -> None:
        self.ledger = Ledger(self._clients)
        self._position = 0
        self._tallies: dict[str, Tally] = {}

    def look(self) -> tuple[Run, ...]:
        """Return the newest runs, newest first.

        Raises:
            NotBootstrappedError: There is no machine or no ledger.
            BootstrapError: They cannot be asked for.
        """
        executions = self._list()
        found = {execution["executionArn"] for execution in executions}
        if not self._seen <= found:
            # Executions do not go away; another sandbox is where this one was.
            self._forget()
        self._seen = found
        self.ledger.refresh()
        new, self._position = self.ledger.new_events(self._position)
        for event in new:
            if event.job:
                self._tallies.setdefault(event.job, Tally()).take([event])
        newest = sorted(executions, key=lambda execution: execution["startDate"], reverse=True)[:LISTED_RUNS]
        return tuple(self._read(execution) for execution in newest)

    def _read(self, listed: Mapping[str, Any]) -> Run:
        # LocalStack names an execution after its start event, and so does AWS, with a suffix.
        job = listed["name"][:EVENT_ID_CHARACTERS]
        job = job if job in self._tallies else listed["name"]
        execution = Execution(
            listed["executionArn"], job, listed["status"], listed["startDate"], listed.get("stopDate")
        )
        return summarize(execution, self._tallies.get(job, Tally()))

    def _list(self) -> list[Any]:
        with refusals(STACK.machines[0].name, self._clients.settings):
            pages = self._clients.states.get_paginator("list_executions").paginate(
                stateMachineArn=self._clients.arns.machine(STACK.machines[0].name),
                PaginationConfig={"PageSize": PAGE_EXECUTIONS},
            )
            try:
                return [execution for page in pages for execution in page["executions"]]
            except ClientError as error:
                if error.response["Error"]["Code"] != "StateMachineDoesNotExist":
                    raise
                raise NotBootstrappedError(
                    f"there is no machine {STACK.machines[0].name}: run `python -m bootstrap up`"
                ) from error
