"""Follow an execution to its end with few calls: about one a second, more often only while it is young."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from bootstrap.clients import Clients
from bootstrap.description import MachineSpec
from bootstrap.errors import refusals
from observatory.clock import Clock
from observatory.records.history import History
from observatory.records.states import RUNNING, SUCCEEDED, States
from observatory.runs.failures import Failure
from observatory.runs.steps import Step, steps

# A pause is this share of the time followed so far: what takes a second is noticed within a quarter of one.
PAUSE_SHARE = 0.2
SHORTEST_PAUSE_SECS = 0.1
LONGEST_PAUSE_PER_CALL_SECS = 1.0
# After reading a history, the next pause is at least so many times as long as that took.
HISTORY_PAUSE_FACTOR = 20


@dataclass(frozen=True)
class Snapshot:
    """How far an execution is; of its states, what was read so far."""

    status: str
    started: datetime
    stopped: datetime | None = None
    output: str = ""
    failure: Failure | None = None
    states: States = field(default_factory=States)
    steps: tuple[Step, ...] = ()

    @property
    def running(self) -> bool:
        """Whether the execution goes on."""
        return self.status == RUNNING

    @property
    def succeeded(self) -> bool:
        """Whether the execution ended as it should."""
        return self.status == SUCCEEDED

    @property
    def seconds(self) -> float | None:
        """How long the execution took, once it has ended."""
        return (self.stopped - self.started).total_seconds() if self.stopped else None


class Follower:
    """Looks at an execution again and again.

    Of its history, each event is asked for once; and if that takes long, as where histories come as a whole, seldom.

    Args:
        clients: How to reach Step Functions.
        execution: The execution's ARN.
        clock: How to wait.
        machine: What the stack says of its machine.
        item_key: The key of an item that says what it is called.
    """

    def __init__(self, clients: Clients, execution: str, clock: Clock, machine: MachineSpec, item_key: str) -> None:
        self._clients = clients
        self._execution = execution
        self._clock = clock
        self._machine = machine
        self._item_key = item_key
        self._history: History | None = None
        self._states = States()
        self._next_reading = 0.0

    def snapshots(self, deadline: float, *, in_detail: bool) -> Iterator[Snapshot]:
        """Yield how far the execution is, until it has ended or the deadline has passed.

        Args:
            deadline: When to stop following, on the clock.
            in_detail: Look at the steps all the way; otherwise only at the end, unless it is a success.
        """
        start = self._clock.now()
        longest_pause = LONGEST_PAUSE_PER_CALL_SECS * (2 if in_detail else 1)
        while (snapshot := self.describe()).running and (now := self._clock.now()) < deadline:
            if in_detail and now >= self._next_reading:
                self._read()
            yield self._with_steps(snapshot)
            pause = min(max((now - start) * PAUSE_SHARE, SHORTEST_PAUSE_SECS), longest_pause)
            self._clock.sleep(min(pause, deadline - now))
        if in_detail or not snapshot.succeeded:
            self._read()
        yield self._with_steps(snapshot)

    def describe(self) -> Snapshot:
        """Ask once how the execution is, without its steps."""
        with refusals(self._execution, self._clients.settings):
            said = self._clients.states.describe_execution(executionArn=self._execution)
        error, cause = said.get("error", ""), said.get("cause", "")
        failure = Failure.read(error, cause, self._item_key) if error or cause else None
        return Snapshot(said["status"], said["startDate"], said.get("stopDate"), said.get("output", ""), failure)

    def _with_steps(self, snapshot: Snapshot) -> Snapshot:
        if self._history is None:
            return snapshot
        found = steps(self._states, self._history.definition, self._machine)
        return replace(snapshot, states=self._states, steps=found)

    def _read(self) -> None:
        began = self._clock.now()
        self._history = self._history or History(self._clients, self._execution, self._item_key)
        self._states = self._history.read()
        now = self._clock.now()
        self._next_reading = now + HISTORY_PAUSE_FACTOR * (now - began)
