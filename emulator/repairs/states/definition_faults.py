"""What is wrong with the definition of a state machine beyond its grammar: transitions, names, paths, wildcards."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from emulator.repairs.states.intrinsic_syntax import read_call

# Those that have neither Next nor End.
ENDS, CHOICE = frozenset({"Succeed", "Fail"}), "Choice"
PATHS = ("InputPath", "OutputPath", "ResultPath", "ItemsPath")
TEMPLATES = ("Parameters", "ResultSelector", "ItemSelector")
NAME_LETTERS = 80
ALL = "States.ALL"


@dataclass(frozen=True)
class Fault:
    """What is wrong, by the code that AWS has for it, and where: a JSON pointer."""

    code: str
    message: str
    location: str

    def __str__(self) -> str:
        return f"{self.code}: {self.message} at {self.location}"


def find_faults(definition: dict[str, Any]) -> list[Fault]:
    """All that AWS refuses in a definition whose grammar is right."""
    programs = list(_programs(definition, "", definition.get("QueryLanguage", "JSONPath")))
    faults = [fault for program in programs for fault in program.faults()]
    counted = Counter(name for program in programs for name in program.states)
    for program in programs:
        faults += [
            Fault("DUPLICATE_STATE_NAME", f"Duplicate State name: {name}", f"{program.at}/States/{name}")
            for name in program.states
            if counted[name] > 1
        ]
    return faults


def _programs(definition: dict[str, Any], at: str, language: str) -> "Iterator[_Program]":
    """A machine, and those within it."""
    program = _Program(definition, at, language)
    yield program
    for name, state in program.states.items():
        inner = [(f"Branches/{number}", branch) for number, branch in enumerate(state.get("Branches", []))]
        inner += [(field, state[field]) for field in ("ItemProcessor", "Iterator") if field in state]
        for where, part in inner:
            yield from _programs(part, f"{at}/States/{name}/{where}", program.language_of(state))


@dataclass(frozen=True)
class _Program:
    definition: dict[str, Any]
    at: str
    language: str

    @property
    def states(self) -> dict[str, Any]:
        states: dict[str, Any] = self.definition["States"]
        return states

    def language_of(self, state: dict[str, Any]) -> str:
        language: str = state.get("QueryLanguage", self.language)
        return language

    def faults(self) -> Iterator[Fault]:
        start = self.definition["StartAt"]
        if start not in self.states:
            yield _missing("StartAt", start, f"{self.at}/StartAt")
        for name, state in self.states.items():
            where = f"{self.at}/States/{name}"
            if len(name) > NAME_LETTERS:
                message = f"State name is longer than {NAME_LETTERS} characters"
                yield Fault("SCHEMA_VALIDATION_FAILED", message, where)
            yield from self._transition_faults(state, where)
            yield from _wildcard_faults(state, where)
            if self.language_of(state) == "JSONPath":
                yield from _path_faults(state, where)
        yield from self._reach_faults(start)

    def _transition_faults(self, state: dict[str, Any], where: str) -> Iterator[Fault]:
        for pointer, target in _targets(state):
            if target not in self.states:
                yield _missing(pointer.rpartition("/")[2], target, f"{where}/{pointer}")
        if state["Type"] not in ENDS | {CHOICE} and "Next" not in state and state.get("End") is not True:
            yield Fault("SCHEMA_VALIDATION_FAILED", "One of these fields is required: [End, Next]", where)

    def _reach_faults(self, start: str) -> Iterator[Fault]:
        reached, waiting = set(), [start]
        while waiting:
            name = waiting.pop()
            if name in self.states and name not in reached:
                reached.add(name)
                waiting += [target for _pointer, target in _targets(self.states[name])]
        # Beside a Choice without Default, states that nothing leads to are often its default to be.
        may_be_left = any(_is_open_choice(state) for state in self.states.values())
        for name in self.states:
            if name not in reached and not may_be_left:
                message = f"State '{name}' is not reachable"
                yield Fault("MISSING_TRANSITION_TARGET", message, f"{self.at}/States/{name}")
        if not any(_is_terminal(state) for state in self.states.values()):
            yield Fault("MISSING_TERMINAL_STATE", "No terminal state found", f"{self.at}/States")


def _is_open_choice(state: dict[str, Any]) -> bool:
    return state["Type"] == CHOICE and "Default" not in state


def _is_terminal(state: dict[str, Any]) -> bool:
    return state["Type"] in ENDS or state.get("End") is True


def _missing(field: str, target: Any, where: str) -> Fault:
    return Fault("MISSING_TRANSITION_TARGET", f"Missing '{field}' target: {target}", where)


def _targets(state: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Where a state may lead to, each with where it says so."""
    for field in ("Next", "Default"):
        if field in state:
            yield field, state[field]
    for field in ("Choices", "Catch"):
        for number, rule in enumerate(state.get(field, [])):
            if "Next" in rule:
                yield f"{field}/{number}/Next", rule["Next"]


def _wildcard_faults(state: dict[str, Any], where: str) -> Iterator[Fault]:
    for field in ("Retry", "Catch"):
        rules = state.get(field, [])
        for number, rule in enumerate(rules):
            errors = rule.get("ErrorEquals", [])
            if ALL in errors and (len(errors) > 1 or number < len(rules) - 1):
                message = f"{ALL} must appear alone, and only in the last element of {field}"
                yield Fault("SCHEMA_VALIDATION_FAILED", message, f"{where}/{field}/{number}/ErrorEquals")


def _path_faults(state: dict[str, Any], where: str) -> Iterator[Fault]:
    for field in PATHS:
        path = state.get(field)
        if isinstance(path, str) and not path.startswith("$") and not _is_intrinsic(path):
            yield Fault("SCHEMA_VALIDATION_FAILED", "Value is not a Reference Path", f"{where}/{field}")
    for field in TEMPLATES:
        yield from _template_faults(state.get(field), f"{where}/{field}")


def _template_faults(template: Any, where: str) -> Iterator[Fault]:
    if isinstance(template, list):
        for number, item in enumerate(template):
            yield from _template_faults(item, f"{where}/{number}")
    if not isinstance(template, dict):
        return
    for name, value in template.items():
        if not name.endswith(".$"):
            yield from _template_faults(value, f"{where}/{name}")
        elif not isinstance(value, str) or not (value.startswith("$") or _is_intrinsic(value)):
            message = f"The value for the field '{name}' must be a valid JSONPath or a valid intrinsic function call"
            yield Fault("SCHEMA_VALIDATION_FAILED", message, where)


def _is_intrinsic(text: str) -> bool:
    try:
        read_call(text)
    except ValueError:
        return False
    return True
