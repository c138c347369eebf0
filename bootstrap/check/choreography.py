"""The choreography of a stack as one graph: who emits which event, which rule takes it, and what comes of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from bootstrap.check.definitions import PUT_EVENTS, states_with_ways
from bootstrap.check.findings import Place
from bootstrap.check.handlers import HandlerCode
from bootstrap.check.places import Places
from bootstrap.definitions import Way
from bootstrap.description import FunctionSpec
from bootstrap.policies import EVENT_BUS
from bootstrap.system import System
from handlers.shared.detail_types import DONE, FAILED

WAITING = ".waitForTaskToken"
TOKENS = {"$$.Task.Token", "{% $states.context.Task.Token %}"}

type Kind = Literal["state", "function", "machine", "queue", "account", "start"]


@dataclass(frozen=True)
class Emitter:
    """A state that puts an event on the bus, or a function that does.

    Args:
        kind: Which of these.
        name: Its name; a state's is `machine.state`.
        event: The event's detail type; None where it is known only when it runs.
        place: Where that is said.
        source: The event's source; a function's is the stack's.
        bus: The bus that it is put on; None where that is the account's own, or known only when it runs.
    """

    kind: Kind
    name: str
    event: str | None
    place: Place
    source: str | None = None
    bus: str | None = None


@dataclass(frozen=True)
class WaitingState(Emitter):
    """A state that puts an event on the bus and waits for the task token to come back.

    Args:
        carries_token: Whether the token is in the event.
        timeout: The way to what says how long it waits; None if nothing does.
    """

    carries_token: bool = True
    has_timeout: bool = True


@dataclass(frozen=True)
class Taker:
    """What a rule brings an event to."""

    kind: Kind
    name: str
    rule: str
    waited_for: bool = True


@dataclass(frozen=True)
class Choreography:
    """Who says what, and who listens.

    Args:
        system: The stack, spelled out.
        places: The file of each machine's definition, by the machine's name.
        code: The code of each function, by the function's name.
        stack_file: The file that describes the stack.
    """

    system: System
    places: dict[str, Places]
    code: dict[str, HandlerCode]
    stack_file: Path

    @cached_property
    def emitters(self) -> tuple[Emitter, ...]:
        """Every state and function that puts an event on the bus, an entry an event."""
        return (*self._states(), *self._functions(), *self._starts())

    @cached_property
    def waiting(self) -> tuple[WaitingState, ...]:
        """The states that wait for a task token."""
        return tuple(emitter for emitter in self.emitters if isinstance(emitter, WaitingState))

    @property
    def events(self) -> frozenset[str]:
        """The detail types that somebody listens to by name."""
        return frozenset(self._takers)

    def takers(self, emitter: Emitter) -> tuple[Taker, ...]:
        """What the rules bring an event to, the ledger left out."""
        return self._takers.get(emitter.event or "", ()) if self.can_hear(emitter) else ()

    def can_hear(self, emitter: Emitter) -> bool:
        """Whether an event has the source, and comes to the bus, that the rules look for."""
        return emitter.source in {None, self.system.stack.source} and emitter.bus in {None, EVENT_BUS}

    @cached_property
    def _takers(self) -> dict[str, tuple[Taker, ...]]:
        takers: dict[str, tuple[Taker, ...]] = {}
        for event, taker in self._all_takers():
            takers[event] = (*takers.get(event, ()), taker)
        return takers

    def _all_takers(self) -> Iterator[tuple[str, Taker]]:
        stack = self.system.stack
        for function in stack.functions:
            yield function.event, Taker("function", function.name, function.rule, function.waited_for)
        for consumer in stack.consumers:
            taker = Taker("account", consumer.function.name, consumer.forwarding_rule, waited_for=False)
            yield consumer.function.event, taker
        for queue in stack.queues:
            if queue.event:
                yield queue.event, Taker("queue", queue.name, queue.rule, waited_for=False)
        for machine in stack.machines:
            for start in machine.starts:
                yield start.event, Taker("machine", machine.name, start.rule)
        yield DONE, Taker("machine", stack.finisher, stack.finisher_rule)
        yield FAILED, Taker("machine", stack.finisher, stack.failed_rule)

    def said_by(self, function: str) -> list[Emitter]:
        """What a function puts on the bus."""
        return [emitter for emitter in self.emitters if (emitter.kind, emitter.name) == ("function", function)]

    def function(self, name: str) -> FunctionSpec | None:
        """The function of a name, if the stack has one."""
        return next((function for function in self.system.stack.functions if function.name == name), None)

    def _states(self) -> Iterator[Emitter]:
        for machine in self.system.stack.machines:
            places = self.places.get(machine.name)
            if places is None:
                continue
            definition = self.system.definitions[machine.name]
            for way, state in states_with_ways(definition):
                resource = str(state.get("Resource", ""))
                if state.get("Type") == "Task" and PUT_EVENTS in resource:
                    yield from _entries(machine.name, way, state, places, waits=resource.endswith(WAITING))

    def _functions(self) -> Iterator[Emitter]:
        stack = self.system.stack
        away = {consumer.function.name: consumer.account for consumer in stack.consumers}
        for name, code in self.code.items():
            for emission in code.emissions:
                if name in away:
                    # On the bus of its own account, where this stack has no rule but its own.
                    yield Emitter("account", name, emission.detail_type, emission.place, f"account {away[name]}")
                else:
                    yield Emitter("function", name, emission.detail_type, emission.place, stack.source)

    def _starts(self) -> Iterator[Emitter]:
        for machine in self.system.stack.machines:
            for start in machine.starts:
                yield Emitter("start", "somebody", start.event, Place(self.stack_file), self.system.stack.source)


def _entries(machine: str, way: Way, state: dict[str, Any], places: Places, *, waits: bool) -> Iterator[Emitter]:
    given = state.get("Parameters", state.get("Arguments", {}))
    entries = given.get("Entries") if isinstance(given, dict) else None
    fields = "Parameters" if "Parameters" in state else "Arguments"
    name = f"{machine}.{way[-1]}"
    for number, entry in enumerate(entries if isinstance(entries, list) else ()):
        place = places.place((*way, fields, "Entries", number, "DetailType"))
        event = _constant(entry, "DetailType")
        source, bus = _constant(entry, "Source"), _constant(entry, "EventBusName")
        # An ARN's account may be this one; which that is, files do not tell.
        bus = bus and bus.rpartition("/")[2]
        if waits:
            carries = bool(TOKENS & set(_texts(entry)))
            timeout = any(key.startswith(("TimeoutSeconds", "HeartbeatSeconds")) for key in state)
            yield WaitingState("state", name, event, place, source, bus, carries, timeout)
        else:
            yield Emitter("state", name, event, place, source, bus)


def _constant(entry: Any, key: str) -> str | None:  # noqa: ANN401 - any JSON
    """A text of an event's entry; None where it is known only when it runs."""
    said = entry.get(key) if isinstance(entry, dict) else None
    return said if isinstance(said, str) and not said.startswith("{%") else None


def _texts(part: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON
    if isinstance(part, str):
        yield part
    elif isinstance(part, dict):
        for value in part.values():
            yield from _texts(value)
    elif isinstance(part, list):
        for value in part:
            yield from _texts(value)
