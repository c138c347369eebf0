"""The steps of a run: the states outside of any Map or Parallel, those that it entered and those ahead."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bootstrap.description import ItemSpec, MachineSpec
from observatory.records.definitions import Definition, parts, way
from observatory.records.states import MAP, PARALLEL, RUNNING, SUCCEEDED, StateRun, States

BRANCHES = ItemSpec("branch", "branches")


@dataclass(frozen=True)
class Step:
    """A state outside of any other, how it is, and how far what is in it is.

    Args:
        name: Its name.
        type: What Step Functions calls its type.
        status: As a state's; None if it was not entered.
        entered: When it was entered last.
        ended: When it was left, or failed.
        words: What its parts are called: the items of a Map, the branches of a Parallel; None if it has none.
        done: How many of them are over, whether well or not.
        total: How many there are; None if that is not known yet.
        open: What of it goes on, each with its name and since when.
    """

    name: str
    type: str
    status: str | None = None
    entered: datetime | None = None
    ended: datetime | None = None
    words: ItemSpec | None = None
    done: int = 0
    total: int | None = None
    open: tuple[tuple[str, datetime], ...] = ()

    @property
    def progress(self) -> str:
        """How far it is, such as `3 of 6 orders`; empty if it has no parts, or their number is not known."""
        return f"{self.done} of {self.total} {self.words.many}" if self.words and self.total is not None else ""

    def progress_to_json_object(self) -> dict[str, Any]:
        """Return how far its parts are for programs."""
        words = self.words or ItemSpec()
        return {"state": self.name, "one": words.one, "many": words.many, "done": self.done, "total": self.total}


def steps(states: States, definition: Definition, machine: MachineSpec) -> tuple[Step, ...]:
    """The steps that a run has entered, in their order, and while it goes on those that follow if nothing fails.

    Args:
        states: What its history says.
        definition: What it was started with.
        machine: What the stack says of its machine.
    """
    entered = {run.name: run for run in states.inside[None]}
    found = [_step(states, definition, machine, entered[name]) for name in dict.fromkeys(entered)]
    ahead = [name for name in _ahead(states, definition) if name not in entered]
    return (*found, *(Step(name, definition["States"][name]["Type"]) for name in ahead))


def items_step(states: States, machine: MachineSpec) -> Step | None:
    """The Map that a run is in, outside of any other state."""
    run = next((run for run in states.inside[None] if run.type == MAP and run.is_open), None)
    return _map_step(states, machine, run) if run else None


def _ahead(states: States, definition: Definition) -> Iterator[str]:
    entered = states.inside[None]
    if not entered:
        yield definition["StartAt"]
        yield from way(definition, definition["StartAt"])
    elif entered[-1].status in {RUNNING, SUCCEEDED}:
        yield from way(definition, entered[-1].name)


def _step(states: States, definition: Definition, machine: MachineSpec, run: StateRun) -> Step:
    if run.type == MAP:
        return _map_step(states, machine, run)
    if run.type == PARALLEL:
        return _parallel_step(states, len(parts(definition["States"].get(run.name, {}))), run)
    return Step(run.name, run.type, run.status, run.entered, run.ended)


def _map_step(states: States, machine: MachineSpec, run: StateRun) -> Step:
    words = machine.items.get(run.name, ItemSpec())
    items = states.last_items(run)
    going_on = tuple((item.called(words.one), item.started) for item in items if item.status == RUNNING)
    done = sum(item.ended is not None for item in items)
    return Step(run.name, run.type, run.status, run.entered, run.ended, words, done, run.length, going_on)


def _parallel_step(states: States, branches: int, run: StateRun) -> Step:
    last = {one.branch: one for one in states.inside[run.id] if one.attempt == run.tries}
    going_on = tuple((one.name, one.entered) for one in last.values() if one.is_open)
    done = sum(not one.is_open and one.next is None for one in last.values())
    return Step(run.name, run.type, run.status, run.entered, run.ended, BRANCHES, done, branches, going_on)
