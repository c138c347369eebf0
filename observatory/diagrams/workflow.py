"""The machine of a run as a picture: its states, what may follow each, and how far each one is."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from bootstrap.clients import Clients
from bootstrap.errors import refusals
from observatory.diagrams.mermaid import safe
from observatory.records.executions import StateRun
from observatory.runs.tally import StateProgress

REMEMBERED_DEFINITIONS = 64
SHAPES = {"Choice": '{{"{}"}}', "Succeed": '(["{}"])', "Fail": '(["{}"])'}
SHAPE = '["{}"]'


@dataclass(frozen=True)
class State:
    """A state of the machine, and how far it is in a run.

    Args:
        name: The state's name.
        kind: What Step Functions calls its type.
        progress: How often it was entered, done and failed; a Map's are those of its items.
        condition: idle (not reached), waiting (for its task token), running, succeeded or failed.
        total: How many items a Map has; None if that is not known, or it is none.
        then: The states that may follow.
        caught: Those that may follow a failure.
        items: The states that a Map goes through with each item.
    """

    name: str
    kind: str
    progress: StateProgress
    condition: str
    total: int | None = None
    then: tuple[str, ...] = ()
    caught: tuple[str, ...] = ()
    items: tuple["State", ...] = ()

    def to_json_objects(self) -> Iterator[dict[str, Any]]:
        """Yield the state and those inside it for programs."""
        counts = {"entered": self.progress.entered, "done": self.progress.done, "failed": self.progress.failed}
        yield {"name": self.name, "kind": self.kind, **counts, "class": self.condition, "total": self.total}
        for item in self.items:
            yield from item.to_json_objects()


@lru_cache(REMEMBERED_DEFINITIONS)
def fetch_definition(clients: Clients, execution: str) -> Mapping[str, Any]:
    """Ask for the definition that an execution was started with, which never changes.

    Raises:
        BootstrapError: It cannot be asked for.
    """
    with refusals(execution, clients.settings):
        answer = clients.states.describe_state_machine_for_execution(executionArn=execution)
    definition: dict[str, Any] = json.loads(answer["definition"])
    return definition


def count_states(runs: Iterable[StateRun]) -> dict[str, StateProgress]:
    """Count how far each state is, from the history of an execution."""
    by_name: defaultdict[str, list[StateRun]] = defaultdict(list)
    for run in runs:
        by_name[run.state].append(run)
    return {
        name: StateProgress(
            entered=len(entered),
            done=sum(run.exited is not None and run.failed is None for run in entered),
            failed=sum(run.failed is not None or run.kind == "Fail" for run in entered),
        )
        for name, entered in by_name.items()
    }


def read_workflow(
    definition: Mapping[str, Any], progress: Mapping[str, StateProgress], status: str, people: int | None
) -> tuple[State, ...]:
    """Join the states of a definition with how far each is.

    Args:
        definition: The machine's, or that of the items of a Map.
        progress: How far the states are, by name; those that are missing were not reached.
        status: What Step Functions says of the execution.
        people: How many items the Map has, if that is known.
    """
    return tuple(_read_state(name, said, progress, status, people) for name, said in definition["States"].items())


def _read_state(
    name: str, said: Mapping[str, Any], progress: Mapping[str, StateProgress], status: str, people: int | None
) -> State:
    then = [said.get("Next"), said.get("Default"), *(choice["Next"] for choice in said.get("Choices", ()))]
    caught = [catcher["Next"] for catcher in said.get("Catch", ())]
    follows = tuple(dict.fromkeys(filter(None, then))), tuple(dict.fromkeys(caught))
    mine, kind = progress.get(name, StateProgress()), said["Type"]
    if kind != "Map":
        return State(name, kind, mine, _condition(kind, mine, status), None, *follows)
    inside = said.get("ItemProcessor") or said["Iterator"]
    items = read_workflow(inside, progress, status, people)
    counted = progress.get(inside["StartAt"], StateProgress())
    return State(name, kind, counted, _map_condition(mine, counted, items, status, people), people, *follows, items)


def _condition(kind: str, progress: StateProgress, status: str) -> str:
    if kind == "Succeed" and status == "SUCCEEDED":
        return "succeeded"
    if progress.entered == 0:
        return "idle"
    if progress.is_open and status == "RUNNING":
        return "waiting" if kind == "Task" else "running"
    if progress.failed or (progress.is_open and status != "SUCCEEDED"):
        return "failed"
    return "succeeded"


def _map_condition(
    mine: StateProgress, counted: StateProgress, items: tuple[State, ...], status: str, people: int | None
) -> str:
    """A Map puts no event on the bus; while there is no history, those of its items say how far it is."""
    if mine.entered == counted.entered == 0:
        return "succeeded" if status == "SUCCEEDED" else "idle"
    if any(item.kind == "Fail" and item.progress.entered for item in items):
        return "failed"
    if mine.done or status == "SUCCEEDED" or counted.done + counted.failed == people:
        return "succeeded"
    return "running" if status == "RUNNING" else "failed"


def draw_workflow(states: Iterable[State]) -> str:
    """Draw the states as a Mermaid flowchart; each has its condition as a class, what follows a failure is dashed."""
    drawing = _Drawing()
    drawing.add(tuple(states), "    ")
    return "\n".join(["flowchart TB", *drawing.nodes, *drawing.edges, *drawing.classes])


class _Drawing:
    def __init__(self) -> None:
        self.nodes: list[str] = []
        self.edges: list[str] = []
        self.classes: list[str] = []

    def add(self, states: tuple[State, ...], indent: str) -> None:
        first = len(self.classes)
        ids = {state.name: f"s{first}x{number}" for number, state in enumerate(states)}
        for state in states:
            identifier = ids[state.name]
            self.classes.append(f"    class {identifier} {state.condition}")
            self._add_node(identifier, state, indent)
            for arrow, followers in (("-->", state.then), ("-.->", state.caught)):
                self.edges += [f"    {identifier} {arrow} {ids[name]}" for name in followers if name in ids]

    def _add_node(self, identifier: str, state: State, indent: str) -> None:
        if not state.items:
            self.nodes.append(indent + identifier + SHAPES.get(state.kind, SHAPE).format(_label(state)))
            return
        self.nodes.append(f'{indent}subgraph {identifier}["{_label(state)}"]')
        self.add(state.items, indent + "    ")
        self.nodes.append(f"{indent}end")


def _label(state: State) -> str:
    counts = state.progress
    label = safe(state.name)
    if state.items:
        label += f" {counts.done} of {counts.entered if state.total is None else state.total}"
    return label + (f", {counts.failed} failed" if counts.failed and state.kind != "Fail" else "")
