"""What the events of a run add up to so far: its people, its cookies, its failures, and how far its states are."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from handlers.detail_types import DetailType
from observatory.records.history import PERSON_STATE
from observatory.records.ledger import Event


@dataclass(frozen=True)
class StateProgress:
    """How often a state was entered, and how often it came to its end or failed."""

    entered: int = 0
    done: int = 0
    failed: int = 0

    @property
    def is_open(self) -> bool:
        """Whether it goes on."""
        return self.entered > self.done + self.failed


@dataclass
class _Tokens:
    """The task tokens that a state waited with, and those of them that came back."""

    entered: set[str] = field(default_factory=set)
    done: set[str] = field(default_factory=set)
    failed: set[str] = field(default_factory=set)

    def progress(self) -> StateProgress:
        # Events come at least once: of two answers to a token, one counts.
        return StateProgress(len(self.entered), len(self.done), len(self.failed - self.done))


@dataclass
class Tally:
    """What is known of a run from its events; what is not known yet is None.

    Args:
        people: How many people were asked for, or found.
        cookies: How many cookies they ate.
        seed: What the run was started with, as text.
        failures: How many events say that a handler failed for good.
        events: How many events there are.
    """

    people: int | None = None
    cookies: int | None = None
    seed: str | None = None
    failures: int = 0
    events: int = 0
    _tokens: dict[str, _Tokens] = field(default_factory=dict)

    @property
    def states(self) -> dict[str, StateProgress]:
        """How far each state is that has put an event on the bus, by its name."""
        return {state: tokens.progress() for state, tokens in self._tokens.items()}

    @property
    def people_done(self) -> int:
        """How many people have been dealt with, whether well or not."""
        people = self.states.get(PERSON_STATE, StateProgress())
        return people.done + people.failed

    def take(self, events: Iterable[Event]) -> None:
        """Add events that were not taken yet, in any order; anyone may have written what they say."""
        for event in events:
            self.events += 1
            self.failures += event.type == DetailType.FAILED
            self._take_numbers(event)
            self._take_token(event)

    def _take_numbers(self, event: Event) -> None:
        detail = event.detail
        if event.type == DetailType.START:
            self.seed = str(detail["seed"]) if detail.get("seed") is not None else None
            self.people = _number(detail.get("people")) if self.people is None else self.people
        elif event.type == DetailType.DONE and "totalCookiesConsumed" in detail:
            self.cookies = _number(detail["totalCookiesConsumed"])
        elif event.type == DetailType.DONE and isinstance(names := detail.get("names"), list):
            self.people = len(names)

    def _take_token(self, event: Event) -> None:
        state, token = event.state, event.token
        if state is None or token is None:
            return
        tokens = self._tokens.setdefault(state, _Tokens())
        tokens.entered.add(token)
        if event.type == DetailType.DONE:
            tokens.done.add(token)
        elif event.type == DetailType.FAILED:
            tokens.failed.add(token)


def _number(value: object) -> int | None:
    return value if type(value) is int else None
