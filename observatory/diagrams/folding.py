"""The way of success through a machine: without the states that only an error leads to, and that were not reached."""

from collections.abc import Sequence
from dataclasses import replace

from observatory.diagrams.workflow import IDLE, State


def fold(states: Sequence[State]) -> tuple[State, ...]:
    """Leave out the states that only an error leads to, as long as none has led there.

    Args:
        states: Those of a machine, of the items of a Map, or of a branch; the one that it starts at is the first.
    """
    way = _way_of_success(states)
    return tuple(
        replace(state, parts=tuple(map(fold, state.parts)))
        for state in states
        if state.name in way or state.condition != IDLE
    )


def _way_of_success(states: Sequence[State]) -> set[str]:
    """All that can be reached from the first state as long as nothing is caught."""
    by_name = {state.name: state for state in states}
    found, ahead = set[str](), [state.name for state in states[:1]]
    while ahead:
        name = ahead.pop()
        found.add(name)
        ahead += [after for after in by_name[name].then if after in by_name and after not in found]
    return found
