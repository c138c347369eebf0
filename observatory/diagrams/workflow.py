"""The machine of a run as a picture: its states, what may follow each, and how far each one is.

As JSON, a state of the picture is `id` (what the picture calls it), `name`, `kind` (its type), `parent` (the name of
the Map or Parallel that it is in), `branch`, `class` (idle, waiting, running, succeeded, failed or aborted), and how
often it was `entered`, `done` and `failed`: of a Map, how many of its items were, with `total`, how many there are, if
that is known.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from observatory.diagrams.mermaid import safe
from observatory.records.definitions import Definition, parts, places
from observatory.records.states import ABORTED, FAILED, MAP, RUNNING, SUCCEEDED, TIMED_OUT, StateRun, States

SHAPES = {"Choice": '{{"{}"}}', "Succeed": '(["{}"])', "Fail": '(["{}"])'}
SHAPE = '["{}"]'
IDLE = "idle"


@dataclass(frozen=True)
class State:
    """A state of the machine, and how far it is in a run; see the module for what its parts mean.

    Args:
        then: The states that may follow.
        caught: Those that may follow a failure.
        parts: The states inside it: those of each item of a Map, or those of each branch of a Parallel.
        number: Which it is of all states of the machine, from 0.
    """

    name: str
    kind: str
    condition: str = IDLE
    entered: int = 0
    done: int = 0
    failed: int = 0
    total: int | None = None
    parent: str | None = None
    branch: int | None = None
    then: tuple[str, ...] = ()
    caught: tuple[str, ...] = ()
    parts: tuple[tuple["State", ...], ...] = ()
    number: int = 0

    @property
    def id(self) -> str:
        """What it is called in a picture."""
        return f"s{self.number}"

    def to_json_objects(self) -> Iterator[dict[str, Any]]:
        """Yield the state and those inside it for programs."""
        yield {
            "id": self.id,
            "name": self.name,
            "kind": self.kind,
            "parent": self.parent,
            "branch": self.branch,
            "entered": self.entered,
            "done": self.done,
            "failed": self.failed,
            "class": self.condition,
            "total": self.total,
        }
        for part in self.parts:
            for state in part:
                yield from state.to_json_objects()


def read_workflow(definition: Definition, states: States) -> tuple[State, ...]:
    """Join the states of a definition with how far each is.

    Args:
        definition: What the execution was started with.
        states: What its history says.
    """
    runs: defaultdict[str, list[StateRun]] = defaultdict(list)
    # What was tried again counts as it is in the last try.
    for run in filter(states.is_last, states.runs):
        runs[run.name].append(run)
    numbers = {name: number for number, name in enumerate(places(definition))}
    return tuple(_numbered(state, numbers) for state in _read_part(definition, runs, states, None, None))


def _numbered(state: State, numbers: Mapping[str, int]) -> State:
    parts = tuple(tuple(_numbered(one, numbers) for one in part) for part in state.parts)
    return replace(state, number=numbers[state.name], parts=parts)


def _read_part(
    definition: Definition,
    runs: Mapping[str, Sequence[StateRun]],
    states: States,
    parent: str | None,
    branch: int | None,
) -> tuple[State, ...]:
    found = []
    # The way begins with the first.
    states_said = sorted(definition.get("States", {}).items(), key=lambda state: state[0] != definition.get("StartAt"))
    for name, said in states_said:
        mine, kind = runs.get(name, ()), said["Type"]
        inside = tuple(
            _read_part(part, runs, states, name, None if kind == MAP else number)
            for number, part in enumerate(parts(said))
        )
        counted = [item.status for run in mine for item in states.last_items(run)] if kind == MAP else None
        statuses = [run.status for run in mine] if counted is None else counted
        failed = sum(status in {FAILED, TIMED_OUT} for status in statuses)
        lengths = [run.length for run in mine if run.length is not None]
        found.append(
            State(
                name,
                kind,
                _condition(kind, mine),
                len(statuses),
                sum(status == SUCCEEDED for status in statuses),
                failed,
                sum(lengths) if lengths else None,
                parent,
                branch,
                *_following(said),
                inside,
            )
        )
    return tuple(found)


def _following(said: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    then = [said.get("Next"), *(choice["Next"] for choice in said.get("Choices", ())), said.get("Default")]
    caught = [catcher["Next"] for catcher in said.get("Catch", ())]
    return tuple(dict.fromkeys(filter(None, then))), tuple(dict.fromkeys(caught))


def _condition(kind: str, runs: Iterable[StateRun]) -> str:
    statuses = {run.status for run in runs}
    if RUNNING in statuses:
        return "waiting" if kind == "Task" else "running"
    if statuses & {FAILED, TIMED_OUT}:
        return "failed"
    return "aborted" if ABORTED in statuses else "succeeded" if statuses else IDLE


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
        ids = {state.name: state.id for state in states}
        for state in states:
            identifier = ids[state.name]
            self.classes.append(f"    class {identifier} {state.condition}")
            self._add_node(identifier, state, indent)
            for arrow, followers in (("-->", state.then), ("-.->", state.caught)):
                self.edges += [f"    {identifier} {arrow} {ids[name]}" for name in followers if name in ids]

    def _add_node(self, identifier: str, state: State, indent: str) -> None:
        if not state.parts:
            self.nodes.append(indent + identifier + SHAPES.get(state.kind, SHAPE).format(_label(state)))
            return
        self.nodes.append(f'{indent}subgraph {identifier}["{_label(state)}"]')
        for number, part in enumerate(state.parts):
            if state.kind == MAP:
                self.add(part, indent + "    ")
                continue
            self.nodes.append(f'{indent}    subgraph {identifier}b{number}["branch {number}"]')
            self.add(part, indent + "        ")
            self.nodes.append(f"{indent}    end")
        self.nodes.append(f"{indent}end")


def _label(state: State) -> str:
    label = safe(state.name)
    if state.kind == MAP:
        label += f" {state.done} of {state.entered if state.total is None else state.total}"
    elif state.entered > 1:
        return f"{label}<br/>{_counts(state)}"
    return label + (f", {state.failed} failed" if state.failed and state.kind != "Fail" else "")


def _counts(state: State) -> str:
    """How often it was entered, by what became of that; what was aborted counts as neither."""
    open_ = state.entered - state.done - state.failed if state.condition in {"waiting", "running"} else 0
    counts = ((open_, "running"), (state.done, "done"), (state.failed, "failed"))
    return ", ".join(f"{count} {what}" for count, what in counts if count)
