"""The runs of a stack, newest first: what Step Functions says of each, and what its events add up to.

As JSON, a run is

    job         by what it is asked for: the id of its start event, after its machine's name and a colon where that
                event starts other machines as well
    machine, execution, status, startedAt, endedAt, seconds
    columns     what the stack finds worth a column, by its name: a value, or null while it is not known, as the output
                of a run that has ended is not before it was looked into
    progress    of the Map that it is in, outside of any other state: `state`, what its items are called (`one` and
                `many`), `done` and `total`; null if it is in none, or has ended
    start       the detail of its start event; of a run that none started, empty in the list, and its input elsewhere
    failures    how many things failed for good; of a run that has ended, as long as it was not looked into, a guess
    cause       why it did not end well, in a line; null if it did, goes on, or was not looked into
"""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from bootstrap.clients import Clients
from bootstrap.description import ColumnSpec, MachineSpec, Stack
from bootstrap.errors import refusals
from observatory.clock import iso
from observatory.errors import NotBootstrappedError
from observatory.records.executions import (
    EVENT_ID_CHARACTERS,
    LARGEST_PAGE_EXECUTIONS,
    Execution,
    list_executions,
    machine_of,
    run_id,
    standard_machines,
)
from observatory.records.history import History
from observatory.records.ledger import Ledger
from observatory.records.stacks import deployed_stack
from observatory.records.states import BAD, RUNNING, States, json_object
from observatory.runs.outcomes import Outcome, Outcomes, count_failures, lengths_of
from observatory.runs.steps import Step, items_step
from observatory.runs.tally import Tally

# What is asked for with each look, of each machine.
NEWEST_RUNS = 200
# Of older ones there may be any number; more than these are left out.
OLDER_PAGES = 10
OLDER_PAUSE_FACTOR = 20
SHORTEST_OLDER_PAUSE_SECONDS = 10.0
# Of those that run, so many are looked at closely.
FOLLOWED_RUNS = 10
NOTHING = Stack("", ())


@dataclass(frozen=True)
class Run:
    """A run at a moment; see the module for what its parts mean."""

    execution: Execution
    machine: MachineSpec
    id: str
    columns: Mapping[str, Any] = field(default_factory=dict)
    progress: Step | None = None
    start: Mapping[str, Any] | None = None
    failures: int = 0
    events: int = 0
    states: States | None = None
    cause: str | None = None
    items: set[str] = field(default_factory=set, compare=False)

    @property
    def job(self) -> str:
        """The id of its start event."""
        return self.execution.job

    @property
    def is_running(self) -> bool:
        """Whether it goes on."""
        return self.execution.is_running

    @property
    def seconds(self) -> float:
        """How long it took; one that goes on, until now."""
        ended = self.execution.stopped or datetime.now(UTC)
        return max((ended - self.execution.started).total_seconds(), 0.0)

    def with_outcome(self, outcome: Outcome | None, output: Mapping[str, Any] | None) -> "Run":
        """The run with what came of it and what it came to, as far as that is known."""
        if output is None:
            return self
        known = Known(output, self.start or {}, outcome.lengths if outcome else {})
        run = replace(self, columns={column.name: known.value(column) for column in self.machine.columns})
        return replace(run, failures=outcome.failures, cause=outcome.cause) if outcome else run

    def to_json_object(self) -> dict[str, Any]:
        """Return the run for programs."""
        execution = self.execution
        return {
            "job": self.id,
            "machine": execution.machine,
            "execution": execution.arn,
            "status": execution.status,
            "startedAt": iso(execution.started),
            "endedAt": iso(execution.stopped),
            "seconds": self.seconds,
            "columns": self.columns,
            "progress": self.progress.progress_to_json_object() if self.progress else None,
            "start": self.start or {},
            "failures": self.failures,
            "cause": self.cause,
        }


def summarize(stack: Stack, execution: Execution, machine: MachineSpec, tally: Tally, states: States | None) -> Run:
    """Join what is known of a run: what it is about, and how it ended.

    Args:
        stack: Whose run it is.
        execution: What Step Functions says of it.
        machine: What the stack says of its machine.
        tally: What its events add up to.
        states: What its history says, if that was read.
    """
    # The answers of its items may have the same keys.
    output = tally.answers if execution.is_running else json_object(execution.output)
    start = tally.start if execution.given is None else execution.start
    known = Known(output, start or {}, lengths_of(states) if states else {})
    return Run(
        execution,
        machine,
        run_id(stack, machine, execution.job),
        {column.name: known.value(column) for column in machine.columns},
        items_step(states, machine) if states and execution.is_running else None,
        start,
        count_failures(states, execution.status) if states else max(tally.failures, int(execution.status in BAD)),
        tally.events,
        states,
        items=tally.items,
    )


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
    """Looks at all runs, and remembers what it has seen; not to be shared by threads.

    The newest runs are asked for each time; older ones, which change only when somebody redrives them, the more rarely
    the longer that takes.

    Args:
        clients: How to reach the services.
    """

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self.stack = NOTHING
        self._forget()

    def _forget(self) -> None:
        self._listed: dict[str, dict[str, Any]] = {}
        self._older_hold_until = 0.0
        self.ledger = Ledger(self._clients, self.stack.ledger)
        self.outcomes = Outcomes(self._clients, self.stack.item_key)
        self._position = 0
        self._tallies: dict[str, Tally] = {}
        self._histories: dict[str, History] = {}
        self._made: dict[str, tuple[object, Run]] = {}

    def look(self) -> tuple[Run, ...]:
        """Return the runs of all machines, newest first.

        Raises:
            NotBootstrappedError: There is no machine or no ledger.
            BootstrapError: They cannot be asked for.
        """
        stack = deployed_stack(self._clients)
        machines = {machine.name: machine for machine in standard_machines(stack)}
        newest = self._list(machines)
        is_another = stack.ledger != self.stack.ledger or any(
            self._is_of_another_sandbox(name, *page) for name, page in newest.items()
        )
        if stack != self.stack:
            self.stack = stack
            self._made.clear()
        if is_another:
            self._forget()
        for page in newest.values():
            self._take(page[0])
        self._list_older(name for name, (_executions, token) in newest.items() if token)
        self._read_events()
        states = self._read_histories()
        runs = (
            self._read(one, machines[machine_of(arn)], states.get(arn))
            for arn, one in self._listed.items()
            if machine_of(arn) in machines
        )
        return tuple(sorted(runs, key=lambda run: run.execution.started, reverse=True))

    def _list(self, machines: Iterable[str]) -> dict[str, tuple[list[Any], str | None]]:
        """The newest executions of each machine that there is."""
        with refusals("runs", self._clients.settings):
            pages = {name: list_executions(self._clients, name, NEWEST_RUNS) for name in machines}
        if all(page is None for page in pages.values()):
            named = " or ".join(pages) or "standard machine in the stack"
            raise NotBootstrappedError(f"there is no {named}: run `python -m bootstrap up`")
        return {name: page for name, page in pages.items() if page}

    def _list_older(self, machines: Iterable[str]) -> None:
        began = time.monotonic()
        if began < self._older_hold_until:
            return
        for name in machines:
            token: str | None = None
            for _page in range(OLDER_PAGES):
                with refusals(name, self._clients.settings):
                    page = list_executions(self._clients, name, LARGEST_PAGE_EXECUTIONS, token)
                executions, token = page or ([], None)
                self._take(executions)
                if token is None:
                    break
        pause = max(OLDER_PAUSE_FACTOR * (time.monotonic() - began), SHORTEST_OLDER_PAUSE_SECONDS)
        self._older_hold_until = time.monotonic() + pause

    def _take(self, executions: Iterable[dict[str, Any]]) -> None:
        self._listed |= {one["executionArn"]: one for one in executions}

    def _is_of_another_sandbox(self, machine: str, executions: Iterable[Any], token: str | None) -> bool:
        """Executions do not go away; of those that were seen, only older ones than are listed now may be missing."""
        listed = {one["executionArn"]: one["startDate"] for one in executions}
        oldest = min(listed.values()) if token and listed else None
        return any(
            arn not in listed and (oldest is None or one["startDate"] > oldest)
            for arn, one in self._listed.items()
            if machine_of(arn) == machine
        )

    def _read_histories(self) -> dict[str, States]:
        """Read on those of the newest runs that go on."""
        running = [one for one in self._listed.values() if one["status"] == RUNNING]
        newest = sorted(running, key=lambda one: one["startDate"], reverse=True)[:FOLLOWED_RUNS]
        arns = [one["executionArn"] for one in newest]
        self._histories = {arn: self._histories.get(arn) or self._history(arn) for arn in arns}
        return {arn: history.read() for arn, history in self._histories.items()}

    def _history(self, arn: str) -> History:
        return History(self._clients, arn, self.stack.item_key)

    def _read_events(self) -> None:
        self.ledger.refresh()
        keys = {column.output for machine in self.stack.machines for column in machine.columns if column.output}
        starting = {start.event for machine in self.stack.machines for start in machine.starts}
        new, self._position = self.ledger.new_events(self._position)
        for event in new:
            # An event of one run may start another one.
            jobs = {event.job or event.id} | ({event.id} if event.type in starting else set())
            for job in jobs:
                self._tallies.setdefault(job, Tally(job)).take([event], keys, self.stack.item_key)

    def _read(self, listed: Mapping[str, Any], machine: MachineSpec, states: States | None) -> Run:
        """Make a run of what is known of it, unless that is the same as it was."""
        # LocalStack names an execution after its start event, and so does AWS, with a suffix.
        job = listed["name"][:EVENT_ID_CHARACTERS]
        job = job if job in self._tallies else listed["name"]
        arn, tally = listed["executionArn"], self._tallies.get(job, Tally(job))
        known = (job, listed["status"], listed.get("stopDate"), tally.events)
        if states is None and arn in self._made and self._made[arn][0] == known:
            return self._made[arn][1]
        execution = Execution(arn, job, listed["status"], listed["startDate"], listed.get("stopDate"))
        run = summarize(self.stack, execution, machine, tally, states)
        self._made[arn] = (known, run)
        return run
