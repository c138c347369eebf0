"""What a seed does to a run: every decision is a function of the seed and of what it is about, of nothing else."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from random import Random
from types import MappingProxyType
from typing import Any

FEWEST_PEOPLE = 2
MOST_PEOPLE = 5


class Fault(StrEnum):
    """What can happen to an event, an invocation or an object."""

    DUPLICATED = "duplicated"
    DELAYED = "delayed"
    REORDERED = "reordered"
    DROPPED = "dropped"
    FAILED_ENTRY = "failed entry of"
    PUT_THROTTLED = "throttled the put of"
    PUT_FAILED = "failed the put of"
    KILLED_IDLE = "killed before the event"
    KILLED = "killed in the middle"
    KILLED_BEFORE_PUT = "killed before its put"
    KILLED_AFTER_PUT = "killed after its put"
    THROTTLED = "throttled"
    SLOW = "slowed"
    BUSY = "SlowDown for"
    STORAGE_FAILED = "InternalError for"


# How often each happens where a seed has only this fault; where it has several, each is rarer.
RATES: Mapping[Fault, float] = MappingProxyType(
    {
        Fault.DUPLICATED: 1.0,
        Fault.DELAYED: 0.5,
        Fault.REORDERED: 1.0,
        Fault.DROPPED: 0.15,
        Fault.FAILED_ENTRY: 0.6,
        Fault.PUT_THROTTLED: 0.6,
        Fault.PUT_FAILED: 0.6,
        Fault.KILLED_IDLE: 0.5,
        Fault.KILLED: 0.5,
        Fault.KILLED_BEFORE_PUT: 0.5,
        Fault.KILLED_AFTER_PUT: 0.5,
        Fault.THROTTLED: 0.6,
        Fault.SLOW: 0.6,
        Fault.BUSY: 0.6,
        Fault.STORAGE_FAILED: 0.6,
    }
)
RARER = 0.15

# These put a run off, but none of them alone may fail it.
HARMLESS = frozenset({Fault.DUPLICATED, Fault.DELAYED, Fault.REORDERED, Fault.SLOW})
DELIVERY = (Fault.DROPPED, Fault.DELAYED, Fault.REORDERED, Fault.DUPLICATED)
PUTS = (Fault.FAILED_ENTRY, Fault.PUT_THROTTLED, Fault.PUT_FAILED)
DEATHS = (Fault.KILLED_IDLE, Fault.KILLED, Fault.KILLED_BEFORE_PUT, Fault.KILLED_AFTER_PUT)
STORAGE = (Fault.SLOW, Fault.BUSY, Fault.STORAGE_FAILED)

LONGEST_DELAY_SECONDS = 2.0
LONGEST_REORDERING_SECONDS = 0.3
LONGEST_SLOWNESS_SECONDS = 1.0
LONGEST_LIFE_SECONDS = 0.06


@dataclass(frozen=True)
class Thing:
    """What may meet a fault, told from all else in its run.

    Args:
        place: Where: a rule, the bus, a function, an operation of S3.
        what: The event's detail type, or the kind of the object.
        item: Which item of a Map it is about; empty if none in particular.
        state: The state that waits for what comes of it, where that is known.
        time: How many of the kind were there before.
    """

    place: str
    what: str
    item: str
    state: str
    time: int

    def __str__(self) -> str:
        whose = f" of {self.item}" if self.item else ""
        return f"{self.what}{whose} at {self.place}"


@dataclass(frozen=True)
class Plan:
    """What becomes of a run.

    Args:
        seed: Decides everything.
    """

    seed: int

    @cached_property
    def people(self) -> int:
        """How many people the run has."""
        return self._random("people").randint(FEWEST_PEOPLE, MOST_PEOPLE)

    @property
    def names_seed(self) -> str:
        """The seed of the names and cookies."""
        return f"chaos-{self.seed}"

    @cached_property
    def rates(self) -> Mapping[Fault, float]:
        """How often each fault happens: of ten seeds one is calm, five have one fault, the others have several."""
        random = self._random("rates")
        faults = list(Fault)
        if self.seed % 10 == 0:
            return {}
        if self.seed % 2:
            fault = faults[self.seed // 2 % len(faults)]
            return {fault: RATES[fault] * random.choice((0.4, 1.0))}
        return {fault: RARER * RATES[fault] for fault in faults if random.random() < 0.5}

    @property
    def start_detail(self) -> dict[str, Any]:
        """The detail of the start event; what comes of it carries it on, and so is known as this seed's."""
        return {"people": self.people, "seed": self.names_seed, "chaos": self.seed}

    def delivery(self, thing: Thing) -> tuple[list[Fault], list[float]]:
        """Decide how an event is delivered.

        Returns:
            The faults, and after how many seconds the event is delivered: once for each.
        """
        random = self._random("seconds", thing)
        faults = [fault for fault in DELIVERY if self._happens(fault, thing)]
        if Fault.DROPPED in faults:
            return [Fault.DROPPED], []
        longest = {Fault.DELAYED: LONGEST_DELAY_SECONDS, Fault.REORDERED: LONGEST_REORDERING_SECONDS}
        seconds = [
            max((random.uniform(0, longest[fault]) for fault in faults if fault in longest), default=0.0)
            for _copy in range(2 if Fault.DUPLICATED in faults else 1)
        ]
        return faults, seconds

    def put(self, thing: Thing) -> Fault | None:
        """Decide whether the bus takes an event."""
        return self._first(PUTS, thing)

    def death(self, thing: Thing) -> tuple[Fault | None, float]:
        """Decide whether an environment is killed, and how many seconds into the invocation, where that matters."""
        return self._first(DEATHS, thing), self._random("life", thing).uniform(0, LONGEST_LIFE_SECONDS)

    def throttled(self, thing: Thing) -> bool:
        """Decide whether Lambda has no environment for an invocation now."""
        return self._happens(Fault.THROTTLED, thing)

    def storage(self, thing: Thing) -> tuple[Fault | None, float]:
        """Decide what S3 does about a request, and for how many seconds it is slow, if it is that."""
        return self._first(STORAGE, thing), self._random("slowness", thing).uniform(0, LONGEST_SLOWNESS_SECONDS)

    def _first(self, faults: tuple[Fault, ...], thing: Thing) -> Fault | None:
        return next((fault for fault in faults if self._happens(fault, thing)), None)

    def _happens(self, fault: Fault, thing: Thing) -> bool:
        return self._random(fault, thing).random() < self.rates.get(fault, 0.0)

    def _random(self, about: str, thing: Thing | None = None) -> Random:
        identity = [thing.place, thing.what, thing.item, thing.state, thing.time] if thing else []
        return Random(json.dumps([self.seed, about, *identity]))  # noqa: S311 - chaos, not secrets
