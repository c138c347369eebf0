"""What came of a run, as its own execution and history say: its output, how many things failed for good, and why."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any

from bootstrap.clients import Clients
from bootstrap.errors import refusals
from observatory.records.executions import Execution
from observatory.records.history import History
from observatory.records.states import BAD, MAP, PARALLEL, StateRun, States, json_object
from observatory.runs.failures import Failure

AROUND = frozenset({MAP, PARALLEL})


@dataclass(frozen=True)
class Outcome:
    """What came of a run that has ended.

    Args:
        failures: How many things failed for good.
        cause: Why it did not end well, in a line; None if it did.
        lengths: How many items each of its Maps had, by the Map's name.
    """

    failures: int
    cause: str | None
    lengths: Mapping[str, int]


class Outcomes:
    """Reads the outcome of each run that has ended once, which takes a few requests; may be shared by threads.

    Args:
        clients: How to reach Step Functions.
        item_key: The key of an item that says what it is called.
    """

    def __init__(self, clients: Clients, item_key: str) -> None:
        self._clients = clients
        self._item_key = item_key
        self._lock = Lock()
        self._known: dict[tuple[str, object], Outcome] = {}
        self._described: dict[tuple[str, object], Mapping[str, Any]] = {}

    def find(self, execution: Execution) -> Outcome | None:
        """The outcome of a run, if it has been read; one that was redriven since has none."""
        return self._known.get(_key(execution))

    def find_output(self, execution: Execution) -> Mapping[str, Any] | None:
        """What a run came to, if that has been read; empty, if that has no names or is nothing."""
        said = self._described.get(_key(execution))
        return None if said is None else json_object(said.get("output"))

    def read(self, executions: Iterable[Execution], seconds: float) -> bool:
        """Read the outcomes of runs, the first ones first, and return whether all of them are known now.

        Args:
            executions: The runs; those that go on have no outcome.
            seconds: How long this may take; what has been begun is brought to an end.

        Raises:
            BootstrapError: Step Functions cannot be asked.
        """
        return self._read_on(executions, seconds, self._known, self._read)

    def read_outputs(self, executions: Iterable[Execution], seconds: float) -> bool:
        """Read only what runs came to, which takes a request each; else as `read` does."""
        return self._read_on(executions, seconds, self._described, self._describe)

    def _read_on[T](
        self,
        executions: Iterable[Execution],
        seconds: float,
        known: dict[tuple[str, object], T],
        read: Callable[[Execution], T],
    ) -> bool:
        until = time.monotonic() + seconds
        with self._lock:
            for execution in executions:
                if execution.is_running or _key(execution) in known:
                    continue
                if time.monotonic() >= until:
                    return False
                known[_key(execution)] = read(execution)
        return True

    def _read(self, execution: Execution) -> Outcome:
        if (key := _key(execution)) not in self._described:
            self._described[key] = self._describe(execution)
        said = self._described[key]
        states = History(self._clients, execution.arn, self._item_key).read()
        cause = str(Failure.read(said.get("error", ""), said.get("cause", ""), self._item_key)) or execution.status
        return Outcome(
            count_failures(states, execution.status), cause if execution.status in BAD else None, lengths_of(states)
        )

    def _describe(self, execution: Execution) -> Mapping[str, Any]:
        with refusals(execution.arn, self._clients.settings):
            return self._clients.states.describe_execution(executionArn=execution.arn)


def _key(execution: Execution) -> tuple[str, object]:
    """What changes of an execution that is redriven is when it stopped."""
    return execution.arn, execution.stopped


def lengths_of(states: States) -> dict[str, int]:
    """How many items each Map has, by its name; one that was entered more than once, in all."""
    lengths: Counter[str] = Counter()
    for run in states.runs:
        if run.length is not None and states.is_last(run):
            lengths[run.name] += run.length
    return dict(lengths)


def count_failures(states: States, status: str) -> int:
    """Count what failed for good: each item of a Map once, each branch of a Parallel, and each state outside of any.

    What failed and went well when it was tried again has not, and side effects are no part of the run. One that did not
    end well, though nothing in it failed, counts as one.

    Args:
        states: What the run's history says.
        status: How its execution is.
    """
    return max(len(failed_things(states)), int(status in BAD))


def failed_things(states: States) -> set[tuple[object, ...]]:
    """What failed for good; of an item of a Map, the Map's id, its number and the try."""
    return {_thing(states, run) for run in states.runs if _failed_for_good(states, run)}


def _thing(states: States, run: StateRun) -> tuple[object, ...]:
    """What a failure is one of: the innermost item that a state is in, else the innermost branch, else the state."""
    around = (run, *states.around(run))
    item = next(((one.parent, one.iteration, one.attempt) for one in states.items_around(run)), None)
    branch = next(((one.parent, one.branch, "branch") for one in around if one.branch is not None), None)
    return item or branch or (run.id,)


def _failed_for_good(states: States, run: StateRun) -> bool:
    # A Fail outside of any other state says only how the run ends.
    if not run.failed or run.type in AROUND or (run.type == "Fail" and run.parent is None):
        return False
    return states.is_last(run)
