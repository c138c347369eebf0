"""The definition that an execution was started with, and where each of its states stands in it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from bootstrap.clients import Clients
from bootstrap.errors import refusals

REMEMBERED_DEFINITIONS = 64

Definition = Mapping[str, Any]


@dataclass(frozen=True)
class Place:
    """Where a state stands.

    Args:
        state: What the definition says of it.
        parent: The Map or Parallel that it is in; None if it is in none.
        branch: Which of a Parallel's branches, from 0; None in a Map.
    """

    state: Mapping[str, Any]
    parent: str | None = None
    branch: int | None = None


@lru_cache(REMEMBERED_DEFINITIONS)
def fetch_definition(clients: Clients, execution: str) -> Definition:
    """Ask for the definition that an execution was started with, which never changes.

    Raises:
        BootstrapError: It cannot be asked for.
    """
    with refusals(execution, clients.settings):
        answer = clients.states.describe_state_machine_for_execution(executionArn=execution)
    definition: dict[str, Any] = json.loads(answer["definition"])
    return definition


def places(definition: Definition) -> dict[str, Place]:
    """Where every state stands, by its name, which no other state of the machine has."""
    return dict(_places(definition, None, None))


def parts(state: Mapping[str, Any]) -> tuple[Definition, ...]:
    """What is inside a state: what a Map goes through with each item, or the branches of a Parallel."""
    inside = state.get("ItemProcessor") or state.get("Iterator")
    return (inside,) if inside else tuple(state.get("Branches", ()))


def way(definition: Definition, state: str) -> Iterator[str]:
    """The states that come after one if nothing fails, up to a Choice or the end."""
    seen = {state}
    while (following := definition["States"].get(state, {}).get("Next")) and following not in seen:
        yield following
        seen.add(following)
        state = following


def way_of_success(definition: Definition) -> frozenset[str]:
    """All states outside of any other that can be reached as long as nothing is caught."""
    found, ahead = set[str](), [definition.get("StartAt")]
    while ahead:
        name = ahead.pop()
        state = definition["States"].get(name)
        if name is None or state is None or name in found:
            continue
        found.add(name)
        ahead += [state.get("Next"), state.get("Default"), *(choice.get("Next") for choice in state.get("Choices", ()))]
    return frozenset(found)


def _places(definition: Definition, parent: str | None, branch: int | None) -> Iterator[tuple[str, Place]]:
    for name, state in definition.get("States", {}).items():
        yield name, Place(state, parent, branch)
        for number, inside in enumerate(parts(state)):
            yield from _places(inside, name, number if state["Type"] == "Parallel" else None)
