"""Small changes of a workflow, most of them mistakes: what the check is to find, or what is to run to its end."""

import copy
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from bootstrap.arns import Arns
from bootstrap.check.report import Report, check
from bootstrap.description import FunctionSpec, Stack
from bootstrap.loading import file_of, folder_of, load_stack
from bootstrap.settings import load_settings
from bootstrap.system import System

ARNS = Arns("123456789012", "eu-west-1")
NEXT_KEYS = ("Next", "Default", "StartAt")


class Choose(Protocol):
    """Chooses one of several."""

    def __call__[T](self, options: Sequence[T], /) -> T:
        """One of these."""
        ...


@dataclass(frozen=True)
class Workflow:
    """A stack and the definitions of its machines, which may both be changed."""

    module: str
    stack: Stack
    definitions: dict[str, Any] = field(default_factory=dict)
    changed: str = "nothing"

    @classmethod
    def load(cls, module: str) -> "Workflow":
        """An example as it is."""
        stack, folder = load_stack(module), folder_of(module)
        definitions = {one.name: json.loads((folder / one.definition).read_text()) for one in stack.machines}
        return cls(module, stack, definitions)

    def written(self, folder: Path) -> Stack:
        """Its stack, with its definitions in a folder."""
        machines = []
        for machine in self.stack.machines:
            file = folder / f"{machine.name}.asl.json"
            file.write_text(json.dumps(self.definitions[machine.name], indent=2))
            machines.append(replace(machine, definition=str(file)))
        return replace(self.stack, machines=tuple(machines))

    def check(self, folder: Path) -> Report:
        """What the check finds."""
        stack = self.written(folder)
        return check(System(stack, folder, ARNS, stack.name, load_settings({})), file_of(self.module))


Change = Callable[[Workflow, Choose], Workflow | None]


def _with_definition(change: Callable[[dict[str, Any], Choose], str | None]) -> Change:
    """A change of one machine's definition, which says what it changes; None if there is nothing to change."""

    def changed(workflow: Workflow, choose: Choose) -> Workflow | None:
        machine = choose([*workflow.definitions])
        definition = copy.deepcopy(workflow.definitions[machine])
        what = change(definition, choose)
        return what and replace(  # type: ignore[return-value]
            workflow, definitions={**workflow.definitions, machine: definition}, changed=f"{machine}: {what}"
        )

    return changed


def _scopes(definition: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The machine, and each machine within it."""
    yield definition
    for state in definition["States"].values():
        for inner in (state.get("ItemProcessor"), *state.get("Branches", ())):
            if inner:
                yield from _scopes(inner)


def _states(definition: dict[str, Any]) -> list[tuple[dict[str, Any], str]]:
    return [(scope, name) for scope in _scopes(definition) for name in scope["States"]]


def _entries(definition: dict[str, Any]) -> list[dict[str, Any]]:
    states = [scope["States"][name] for scope, name in _states(definition)]
    return [entry for state in states for entry in state.get("Parameters", {}).get("Entries", ())]


def _drop_state(definition: dict[str, Any], choose: Choose) -> str:
    scope, name = choose(_states(definition))
    del scope["States"][name]
    return f"no state {name}"


def _rename_state_only(definition: dict[str, Any], choose: Choose) -> str:
    scope, name = choose(_states(definition))
    scope["States"] = {f"{one}s" if one == name else one: state for one, state in scope["States"].items()}
    return f"{name} is called {name}s"


def _drop_field(definition: dict[str, Any], choose: Choose) -> str:
    scope, name = choose(_states(definition))
    key = choose([*scope["States"][name]])
    del scope["States"][name][key]
    return f"{name} has no {key}"


def _lead_on(definition: dict[str, Any], choose: Choose) -> str | None:
    """Lead to a later state, for a circle need not end."""
    scope, name = choose(_states(definition))
    later = [*scope["States"]][[*scope["States"]].index(name) + 1 :]
    if "Next" not in scope["States"][name] or not later:
        return None
    scope["States"][name]["Next"] = choose(later)
    return f"{name} leads to {scope['States'][name]['Next']}"


def _rename_event(definition: dict[str, Any], choose: Choose) -> str:
    entry, other = choose(_entries(definition)), choose(_entries(definition))
    entry["DetailType"] = choose([f"{entry['DetailType']}s", other["DetailType"]])
    return f"it emits {entry['DetailType']}"


def _drop_detail(definition: dict[str, Any], choose: Choose) -> str:
    entry = choose(_entries(definition))
    key = choose([*entry["Detail"]])
    del entry["Detail"][key]
    return f"{entry['DetailType']} has no {key}"


def _misspell_path(definition: dict[str, Any], choose: Choose) -> str | None:
    entry = choose(_entries(definition))
    paths = [key for key, value in entry["Detail"].items() if str(value).startswith("$.")]
    if not paths:
        return None
    key = choose(paths)
    entry["Detail"][key] += "s"
    return f"{entry['DetailType']} has {entry['Detail'][key]}"


def _with_function(change: Callable[[FunctionSpec, Choose], FunctionSpec | None]) -> Change:
    """A change of one function's row; None takes it out."""

    def changed(workflow: Workflow, choose: Choose) -> Workflow:
        functions = list(workflow.stack.functions)
        number = choose(range(len(functions)))
        name, row = functions[number].name, change(functions[number], choose)
        functions[number : number + 1] = [row] if row else []
        stack = replace(workflow.stack, functions=tuple(functions))
        return replace(workflow, stack=stack, changed=f"the row of {name}: {row}")

    return changed


def _of_another_event(workflow: Workflow, choose: Choose) -> Workflow:
    events = [function.event for function in workflow.stack.functions]
    return _with_function(lambda row, pick: replace(row, event=pick(events)))(workflow, choose) or workflow


MISTAKES: tuple[Change, ...] = (
    *map(
        _with_definition,
        (
            _drop_state,
            _rename_state_only,
            _drop_field,
            _drop_field,
            _lead_on,
            _rename_event,
            _drop_detail,
            _misspell_path,
        ),
    ),
    _with_function(lambda _row, _choose: None),
    _with_function(lambda row, _choose: replace(row, uses_bucket=not row.uses_bucket)),
    _with_function(lambda row, _choose: replace(row, waited_for=not row.waited_for)),
    _with_function(lambda row, _choose: replace(row, variables={}, grants=())),
    _of_another_event,
)


def _rename_state(definition: dict[str, Any], choose: Choose) -> str:
    # A Map's name may stand in the stack as well.
    scope, name = choose([(one, name) for one, name in _states(definition) if one["States"][name]["Type"] != "Map"])
    new = f"{name} too"
    scope["States"] = {new if one == name else one: state for one, state in scope["States"].items()}
    _lead_to(scope, name, new)
    return f"{name} is called {new} everywhere"


def _lead_to(part: Any, name: str, new: str) -> None:
    """Let all that leads to a state lead to its new name; no other state has the old one, in whatever Map it may be."""
    for key, value in part.items() if isinstance(part, dict) else enumerate(part):
        if key in NEXT_KEYS and value == name:
            part[key] = new
        elif isinstance(value, dict | list):
            _lead_to(value, name, new)


def _reorder(definition: dict[str, Any], choose: Choose) -> str:
    scope = choose([*_scopes(definition)])
    first = choose([*scope["States"]])
    scope["States"] = {first: scope["States"].pop(first), **scope["States"]}
    return f"{first} comes first"


def _comment(definition: dict[str, Any], choose: Choose) -> str:
    scope, name = choose(_states(definition))
    scope["States"][name]["Comment"] = choose(["", "Another one."])
    return f"{name} has another comment"


HARMLESS: tuple[Change, ...] = (
    *map(_with_definition, (_rename_state, _reorder, _comment)),
    _with_function(lambda row, choose: replace(row, memory_megabytes=choose([128, 512]))),
    _with_function(lambda row, choose: replace(row, timeout_seconds=choose([5, 900]))),
    _with_function(lambda row, _choose: replace(row, variables={**row.variables, "MORE": "x"})),
)


def mutant(workflow: Workflow, choose: Choose, changes: Sequence[Change] = MISTAKES) -> Workflow:
    """A workflow with one change; if there is nothing to change where it was to be, without."""
    return choose(changes)(workflow, choose) or workflow
