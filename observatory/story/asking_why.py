"""Why a run waits, or failed, for whoever follows it: asked for only once something takes long, and seldom."""

from contextlib import suppress
from datetime import UTC, datetime

from bootstrap.clients import Clients
from bootstrap.description import Stack
from bootstrap.errors import BootstrapError
from observatory.clock import Clock
from observatory.errors import RunError
from observatory.records.ledger import Ledger
from observatory.records.states import StateRun, States
from observatory.story.failure_card import FailureCard, failure_card
from observatory.story.reasons import Wait, waits
from observatory.story.story import EARLIER, Story, tell

# What takes less needs no reason.
LONG_SECS = 2.0
SHORTEST_PAUSE_SECS = 1.0
# Looking may take long where the run is large; then it is done less often.
PAUSE_PER_LOOK = 5
# A log arrives after the invocation has ended, which is after the event that ends the run.
LOG_PATIENCE_SECS = 3.0
LOG_PAUSE_SECS = 0.3


class Why:
    """Asks why a run waits or failed.

    Args:
        clients: How to reach the services.
        stack: Whose run it is.
        job: The run's start event.
        clock: How to wait.
    """

    def __init__(self, clients: Clients, stack: Stack, job: str, clock: Clock) -> None:
        self._clients = clients
        self._stack = stack
        self._job = job
        self._clock = clock
        self._ledger: Ledger | None = None
        self._began = clock.now()
        self._found: tuple[Wait, ...] = ()
        self._next_look = 0.0

    def waits(self, states: States) -> tuple[Wait, ...]:
        """Say why those states wait that have done so for long, as far as that is known by now."""
        now = self._clock.now()
        open_ = [state for state in states.runs if state.is_open and state.type == "Task"]
        long = {state.id for state in open_ if now - self._since(state) >= LONG_SECS}
        if long and now >= self._next_look:
            self._found = self.all_waits()
            looked = self._clock.now()
            self._next_look = looked + max(SHORTEST_PAUSE_SECS, PAUSE_PER_LOOK * (looked - now))
        return tuple(wait for wait in self._found if wait.state.id in long)

    def _since(self, state: StateRun) -> float:
        """When a state was entered, on the clock; not before the run, however wrong the endpoint's clock is."""
        age = (datetime.now(UTC) - state.entered).total_seconds()
        return max(self._clock.now() - age, self._began)

    def all_waits(self) -> tuple[Wait, ...]:
        """Ask why each state waits; nothing is said where that cannot be asked."""
        with suppress(BootstrapError, RunError):
            return waits(self._tell())
        return ()

    def failure(self) -> FailureCard | None:
        """Say why the run failed, once its log has arrived, or does not; None where that cannot be asked."""
        patience = self._clock.now() + LOG_PATIENCE_SECS
        card = None
        with suppress(BootstrapError, RunError):
            while ((card := failure_card(self._tell())) is None or not card.is_whole) and self._clock.now() < patience:
                self._clock.sleep(LOG_PAUSE_SECS)
        return card

    def _tell(self) -> Story:
        story = tell(self._clients, self._stack, self._job, self._ledger)
        self._ledger = self._ledger or Ledger(self._clients, self._stack.ledger, story.execution.started - EARLIER)
        return story
