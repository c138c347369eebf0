"""Why a run failed: what its execution says, and which of its states failed first, before what handles failures did."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from observatory.records.definitions import Definition, parts, places, way_of_success
from observatory.records.states import MAP, PARALLEL, StateRun, States, json_object
from observatory.wording import shortened

NAME_CHARACTERS = 100


@dataclass(frozen=True)
class Failure:
    """What an execution, or a state of it, failed with.

    Args:
        error: The type of the error.
        message: What it says.
        function: The function that raised it; None if no function did.
        item: The item of a Map that it was handling; None if none.
        request_id: The invocation, in the function's log.
    """

    error: str
    message: str
    function: str | None = None
    item: str | None = None
    request_id: str | None = None

    @classmethod
    def read(cls, error: str, cause: str, item_key: str) -> Self:
        """Read an execution's error and cause; a function's is JSON, any other is a sentence of Step Functions."""
        said = json_object(cause)
        if not isinstance(said.get("function"), str):
            return cls(error, cause)
        known = (said.get(key) for key in ("function", item_key, "requestId"))
        return cls(error, str(said.get("message", "")), *(str(value) if value is not None else None for value in known))

    @property
    def what(self) -> str:
        """The error and what it says."""
        return ": ".join(text for text in (self.error, self.message) if text)

    def __str__(self) -> str:
        if self.function is None:
            return self.what
        item = "" if self.item is None else f" for {shortened(self.item, NAME_CHARACTERS)}"
        return f"{self.function} failed{item}: {self.what}"


def origin(states: States, definition: Definition) -> tuple[StateRun, ...]:
    """The states that made a run fail: the one that came first, then those that failed while its failure was handled.

    A state that only failures lead to handles one: that of the state whose failure was caught before it. A run that
    came back to the way of success after its last failure ended otherwise: none made it fail.
    """
    entered = states.inside[None]
    if not entered or (not entered[-1].failed and entered[-1].name in way_of_success(definition)):
        return ()
    chain = [*_origin(states, definition, states.inside[None])][::-1]
    return tuple(state for number, state in enumerate(chain) if number == 0 or state.type != "Fail")


def _origin(states: States, definition: Definition, region: Sequence[StateRun]) -> Iterator[StateRun]:
    """Those of a region, the last one first; of a Map and a Parallel, those in it."""
    failed = [run for run in region if run.failed]
    way = way_of_success(definition)
    while failed:
        last = failed.pop()
        yield from _inside(states, definition, last)
        if last.name in way:
            return


def _inside(states: States, definition: Definition, run: StateRun) -> Iterator[StateRun]:
    inside = [one for one in states.inside[run.id] if one.attempt == run.tries]
    failed = [one for one in inside if one.failed and not one.exited]
    place = places(definition).get(run.name)
    if run.type not in {MAP, PARALLEL} or not failed or place is None:
        yield run
        return
    first = min(failed, key=lambda one: one.failed or one.entered)
    region = [one for one in inside if (one.iteration, one.branch) == (first.iteration, first.branch)]
    yield from _origin(states, parts(place.state)[first.branch or 0], region)
