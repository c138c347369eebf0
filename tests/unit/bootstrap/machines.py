"""What tests look for in the definition of a state machine."""

from collections.abc import Iterator
from typing import Any

Definition = dict[str, Any]

EMIT_AND_WAIT = "arn:aws:states:::events:putEvents.waitForTaskToken"


def states_of(definition: Definition) -> Iterator[tuple[str, Definition]]:
    """Every state, those inside a Map included."""
    for name, state in definition["States"].items():
        yield name, state
        if "ItemProcessor" in state:
            yield from states_of(state["ItemProcessor"])


def emitted(definition: Definition) -> Iterator[Definition]:
    """Every event that a machine puts on the bus."""
    for _, state in states_of(definition):
        if state.get("Resource") == EMIT_AND_WAIT:
            yield from state["Parameters"]["Entries"]
