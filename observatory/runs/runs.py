"""The runs of a stack, newest first: what Step Functions says of each, and what its events add up to.

As JSON, a run is

    job, machine, execution, status, startedAt, endedAt, seconds
    columns     what the stack finds worth a column, by its name: a value, or null while it is not known
    progress    of the Map that it is in, outside of any other state: `state`, what its items are called (`one` and
                `many`), `done` and `total`; null if it is in none, or has ended
    start       the detail of its start event
    failures    how many things failed for good
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bootstrap.clients import Clients
from bootstrap.description import ColumnSpec, MachineSpec, Stack
from bootstrap.errors import refusals
from observatory.clock import iso
from observatory.errors import NotBootstrappedError
from observatory.records.executions import (
    EVENT_ID_CHARACTERS,
    Execution,
    list_executions,
    standard_machines,
)
from observatory.records.history import History
from observatory.records.ledger import Ledger
from observatory.records.stacks import deployed_stack
from observatory.records.states import BAD, RUNNING, States, json_object
from observatory.runs.outcomes import count_failures
from observatory.runs.steps import Step, items_step
from observatory.runs.tally import Tally

# Older ones can be asked for page by page, and each by its job.
LISTED_RUNS = 200
# Of those that run, so many are looked at closely.
FOLLOWED_RUNS = 10
NOTHING = Stack("", ())


@dataclass(frozen=True)
class Run:
    """A run at a moment; see the module for what its parts mean."""

    execution: Execution
    columns: Mapping[str, Any] = field(default_factory=dict)
    progress: Step | None = None
    start: Mapping[str, Any] = field(default_factory=dict)
    failures: int = 0
    events: int = 0
    states: States | None = None

    @property
    def job(self) -> str:
        """The id of its start event."""
        return self.execution.job

    @property
    def is_running(self) -> bool:
        """Whether it goes on."""
        return self.execution.is_running

    def to_json_object(self) -> dict[str, Any]:
        """Return the run for programs; one that goes on has taken the seconds until now."""
        execution = self.execution
        ended = execution.stopped or datetime.now(UTC)
        return {
            "job": execution.job,
            "machine": execution.machine,
            "execution": execution.arn,
            "status": execution.status,
            "startedAt": iso(execution.started),
            "endedAt": iso(execution.stopped),
            "seconds": max((ended - execution.started).total_seconds(), 0.0),
            "columns": self.columns,
            "progress": self.progress.progress_to_json_object() if self.progress else None,
            "start": self.start,
            "failures": self.failures,
        }


def summarize(
    execution: Execution,
    machine: MachineSpec,
    tally: Tally,
    states: States | None,
    lengths: Mapping[str, int] | None = None,
) -> Run:
    """Join what is known of a run: what it is about, and how it ended.

    Args:
        execution: What Step Functions says of it.
        machine: What the stack says of its machine.
        tally: What its events add up to.
        states: What its history says, if that was read.
        lengths: How many items each Map has, if that was read earlier.
    """
    output = json_object(execution.output) or tally.answers
    known = Known(output, tally.start or execution.start, lengths_of(states) if states else lengths or {})
    return Run(
        execution,
        {column.name: known.value(column) for column in machine.columns},
        items_step(states, machine) if states and execution.is_running else None,
        known.start,
        count_failures(states, execution.status) if states else max(tally.failures, int(execution.status in BAD)),
        tally.events,
        states,
    )


def lengths_of(states: States) -> dict[str, int]:
    """How many items each Map has, by its name; one that was entered more than once, in all."""
    lengths: Counter[str] = Counter()
    for run in states.runs:
        if run.length is not None:
            lengths[run.name] += run.length
    return dict(lengths)


@dataclass(frozen=True)
class Known:
    """What is known of a run that may stand in a column: what it came to, what started it, how many items there are."""

    output: Mapping[str, Any]
    start: Mapping[str, Any]
    lengths: Mapping[str, int]

    def value(self, column: ColumnSpec) -> Any:  # noqa: ANN401 - whatever JSON holds
        """What stands in a column: what the run came to, else how many items there are, else what was asked for."""
        if column.output and column.output in self.output:
            return self.output[column.output]
        if column.items_of is None:
            return None
        asked = self.start.get(column.name)
        return self.lengths.get(column.items_of, asked if type(asked) is int else None)


class RunList:
    """Looks at the newest runs, and remembers their events; not to be shared by threads.

    Args:
        clients: How to reach the services.
    """

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self.stack = NOTHING
        self._forget()

    def _forget(self) -> None:
        self._seen: dict[str, datetime] = {}
        self.ledger = Ledger(self._clients, self.stack.ledger)
        self._position = 0
        self._tallies: dict[str, Tally] = {}
        self._histories: dict[str, History] = {}
        self._lengths: dict[str, dict[str, int]] = {}

    def look(self) -> tuple[Run, ...]:
        """Return the newest runs of all machines, newest first.

        Raises:
            NotBootstrappedError: There is no machine or no ledger.
            BootstrapError: They cannot be asked for.
        """
        stack = deployed_stack(self._clients)
        listed = self._list(stack)
        is_another = stack.ledger != self.stack.ledger or self._is_another_sandbox(listed)
        self.stack = stack
        if is_another:
            self._forget()
        self._seen = {one["executionArn"]: one["startDate"] for one in listed}
        self._read_events()
        states = self._read_histories(listed)
        return tuple(self._read(one, states.get(one["executionArn"])) for one in listed)

    def _read_histories(self, listed: Iterable[Mapping[str, Any]]) -> dict[str, States]:
        """Read on those of the runs that go on, and once that of each other one that left a column empty."""
        running = [one["executionArn"] for one in listed if one["status"] == RUNNING]
        ended = [one["executionArn"] for one in listed if one["status"] != RUNNING and self._lacks_lengths(one)]
        followed = (running + ended)[:FOLLOWED_RUNS]
        self._histories = {arn: self._histories.get(arn) or self._history(arn) for arn in followed}
        states = {arn: history.read() for arn, history in self._histories.items()}
        self._lengths |= {arn: lengths_of(found) for arn, found in states.items()}
        return states

    def _lacks_lengths(self, listed: Mapping[str, Any]) -> bool:
        run = self._read(listed, None)
        counts = [column.name for column in listed["machine"].columns if column.items_of]
        return run.execution.arn not in self._lengths and any(run.columns[name] is None for name in counts)

    def _history(self, arn: str) -> History:
        return History(self._clients, arn, self.stack.item_key)

    def page(self, machine: MachineSpec, token: str | None) -> tuple[tuple[Run, ...], str | None]:
        """Return runs of a machine, newest first, and a token for those before them, if there are any.

        Args:
            machine: The machine.
            token: What this method returned with the page before; None for the newest.

        Raises:
            NotBootstrappedError: There is no such machine.
            BootstrapError: They cannot be asked for.
        """
        with refusals(machine.name, self._clients.settings):
            page = list_executions(self._clients, machine.name, LISTED_RUNS, token)
        if page is None:
            raise NotBootstrappedError(f"there is no machine {machine.name}: run `python -m bootstrap up`")
        return tuple(self._read({**one, "machine": machine}, None) for one in page[0]), page[1]

    def _is_another_sandbox(self, listed: Iterable[Mapping[str, Any]]) -> bool:
        """Executions do not go away; of those that were seen, only older ones than are listed now may be missing."""
        found = {one["executionArn"]: one["startDate"] for one in listed}
        oldest = min(found.values()) if len(found) >= LISTED_RUNS else None
        return any(arn not in found and (oldest is None or started > oldest) for arn, started in self._seen.items())

    def _read_events(self) -> None:
        self.ledger.refresh()
        keys = {column.output for machine in self.stack.machines for column in machine.columns if column.output}
        starting = {start.event for machine in self.stack.machines for start in machine.starts}
        new, self._position = self.ledger.new_events(self._position)
        for event in new:
            # An event of one run may start another one.
            jobs = {event.job or event.id} | ({event.id} if event.type in starting else set())
            for job in jobs:
                self._tallies.setdefault(job, Tally(job)).take([event], keys)

    def _read(self, listed: Mapping[str, Any], states: States | None) -> Run:
        # LocalStack names an execution after its start event, and so does AWS, with a suffix.
        job = listed["name"][:EVENT_ID_CHARACTERS]
        job = job if job in self._tallies else listed["name"]
        execution = Execution(
            listed["executionArn"], job, listed["status"], listed["startDate"], listed.get("stopDate")
        )
        tally, lengths = self._tallies.get(job, Tally(job)), self._lengths.get(execution.arn)
        return summarize(execution, listed["machine"], tally, states, lengths)

    def _list(self, stack: Stack) -> list[dict[str, Any]]:
        machines = standard_machines(stack)
        with refusals("runs", self._clients.settings):
            pages = [(one, list_executions(self._clients, one.name, LISTED_RUNS)) for one in machines]
        if all(page is None for _machine, page in pages):
            named = " or ".join(machine.name for machine in machines) or "standard machine in the stack"
            raise NotBootstrappedError(f"there is no {named}: run `python -m bootstrap up`")
        listed = [{**one, "machine": machine} for machine, page in pages if page for one in page[0]]
        return sorted(listed, key=lambda one: one["startDate"], reverse=True)[:LISTED_RUNS]
