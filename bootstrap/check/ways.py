"""The ways on which the token of a waiting state comes back: by success, by failure, by timeout."""

from collections.abc import Iterator
from dataclasses import dataclass

from bootstrap.check.choreography import Choreography, Emitter, Taker, WaitingState
from handlers.shared.detail_types import DONE

type Passed = tuple[str, ...]


@dataclass(frozen=True)
class Way:
    """One way that an event takes, and how it ends.

    Args:
        passed: The names of the events, and of who takes them, in turn.
        is_done: Whether it ends in a `done`, which closes the task.
        is_undecided: Whether it ends where the code does not show how it goes on.
        end: Who took the last event.
    """

    passed: Passed
    end: Taker
    is_done: bool = False
    is_undecided: bool = False


def ways_of(state: WaitingState, choreography: Choreography) -> tuple[Way, ...]:
    """Follow a waiting state's event to all that comes of it."""
    return tuple(_follow(state, (state.name,), choreography))


def describe(state: WaitingState, choreography: Choreography) -> Iterator[str]:
    """Say on which ways a state's token comes back, a line each."""
    yield f"{state.name} waits"
    for way in ways_of(state, choreography):
        if way.is_done:
            yield f"  success: {' → '.join(way.passed)}"
        elif way.is_undecided:
            yield f"  undecided: {' → '.join(way.passed)}, whose code does not show what it emits"
    finisher = choreography.system.stack.finisher
    for taker in choreography.takers(state):
        if taker.kind == "function" and taker.waited_for:
            yield f"  failure: {taker.name} → failed → {finisher}"
            yield f"  failure: {taker.name} crashes → Lambda's own event → {finisher}"
    yield f"  timeout: {'after its TimeoutSeconds' if state.has_timeout else 'never'}"


def _follow(emitter: Emitter, passed: Passed, choreography: Choreography) -> Iterator[Way]:
    event = emitter.event
    if event is None:
        return
    for taker in choreography.takers(emitter):
        here = (*passed, event, taker.name)
        said = choreography.said_by(taker.name) if taker.kind == "function" else []
        if event == DONE:
            yield Way(here, taker, is_done=True)
        elif not said:
            unread = taker.kind == "function" and taker.name not in choreography.code
            yield Way(here, taker, is_undecided=unread)
        for one in said:
            if one.event is None:
                yield Way(here, taker, is_undecided=True)
            # Events in a circle come to nothing new.
            elif choreography.takers(one) and one.event not in here:
                yield from _follow(one, here, choreography)
            else:
                yield Way((*here, one.event), taker)
