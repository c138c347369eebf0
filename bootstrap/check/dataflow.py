"""Paths that lead to nothing: what a state gets is followed through the machine, as far as its file shows it."""

from collections.abc import Iterator
from typing import Any

from bootstrap.check.findings import Finding, did_you_mean
from bootstrap.check.places import Places
from bootstrap.check.shapes import ANYTHING, CAUGHT, EVENT, Shape, way_of, ways_in
from bootstrap.definitions import Definition, Way

# After so many looks at a state, a loop may have put anything into what it gets.
MOST_LOOKS = 8
PATH_FIELDS = ("InputPath", "ItemsPath", "SecondsPath", "TimestampPath", "TimeoutSecondsPath", "HeartbeatSecondsPath")
AFTER_PARAMETERS = ("ErrorPath", "CausePath")


def check_paths(places: Places, definition: Definition, *, starts_with_event: bool = True) -> Iterator[Finding]:
    """Find paths that can lead to nothing, whatever the tasks answer.

    Args:
        places: The machine's file.
        definition: The machine's definition; JSONata is not followed.
        starts_with_event: Whether rules start the machine, so that its input is an event.
    """
    if definition.get("QueryLanguage") == "JSONata":
        return
    flow = _Flow(places)
    flow.follow(definition, (), EVENT if starts_with_event else ANYTHING)
    yield from flow.findings.values()


def given_to(places: Places, way: Way) -> Shape:
    """What a state gets, in a machine that an event starts; anything, if no state leads to it."""
    flow = _Flow(places)
    flow.follow(places.value, (), EVENT)
    return flow.given.get(way, ANYTHING)


class _Flow:
    def __init__(self, places: Places) -> None:
        self._places = places
        self.findings: dict[tuple[Way, str], Finding] = {}
        self.given: dict[Way, Shape] = {}

    def follow(self, machine: Definition, way: Way, given: Shape) -> None:
        """Follow what a machine, or a part of one, is given, through its states."""
        inputs = {machine["StartAt"]: given}
        waiting = [machine["StartAt"]]
        looks: dict[str, int] = {}
        while waiting:
            name = waiting.pop(0)
            state = machine["States"].get(name)
            if state is None:
                continue
            looks[name] = looks.get(name, 0) + 1
            shape = inputs[name] if looks[name] <= MOST_LOOKS else ANYTHING
            self.given[(*way, "States", name)] = shape
            for following, output in self._leave(state, (*way, "States", name), shape):
                known = inputs.get(following)
                joined = output if known is None else known.joined(output)
                if joined != known and looks.get(following, 0) <= MOST_LOOKS:
                    inputs[following] = joined
                    waiting.append(following)

    def _leave(self, state: dict[str, Any], way: Way, given: Shape) -> Iterator[tuple[str, Shape]]:
        """Every state that may follow, with what it is given."""
        if state.get("QueryLanguage") == "JSONata":
            output = ANYTHING
            yield from ((name, ANYTHING) for name in _followers(state))
            return
        for key in PATH_FIELDS:
            self._read(state.get(key), given, (*way, key))
        taken = self._at(state.get("InputPath", "$"), given)
        passed = self._template(state["Parameters"], taken, (*way, "Parameters")) if "Parameters" in state else taken
        for key in AFTER_PARAMETERS:
            self._read(state.get(key), given, (*way, key))
        self._inside(state, way, taken, passed)
        self._choices(state, way, taken)
        output = self._output(state, way, given, passed)
        for catcher in state.get("Catch", ()):
            yield catcher["Next"], _put(given, catcher.get("ResultPath", "$"), CAUGHT)
        yield from ((name, output) for name in _followers(state))

    def _inside(self, state: dict[str, Any], way: Way, taken: Shape, passed: Shape) -> None:
        for number, branch in enumerate(state.get("Branches", ())):
            self.follow(branch, (*way, "Branches", number), passed)
        for key in ("ItemProcessor", "Iterator"):
            if key in state:
                selector = state.get("ItemSelector")
                items = self._template(selector, taken, (*way, "ItemSelector")) if selector else ANYTHING
                self.follow(state[key], (*way, key), passed if "Parameters" in state else items)

    def _output(self, state: dict[str, Any], way: Way, given: Shape, passed: Shape) -> Shape:
        result = passed if state["Type"] in {"Pass", "Choice", "Wait", "Succeed"} else ANYTHING
        if "Result" in state:
            result = Shape.of_json(state["Result"])
        if "ResultSelector" in state:
            result = self._template(state["ResultSelector"], ANYTHING, (*way, "ResultSelector"))
        keeps_nothing = state["Type"] in {"Choice", "Wait", "Succeed"}
        output = result if keeps_nothing else _put(given, state.get("ResultPath", "$"), result)
        self._read(state.get("OutputPath"), output, (*way, "OutputPath"))
        return self._at(state.get("OutputPath", "$"), output)

    def _choices(self, state: dict[str, Any], way: Way, given: Shape) -> None:
        """Read what a Choice compares, but for what it asks the presence of."""
        rules = [*_rules(state.get("Choices", ()), (*way, "Choices"))]
        asked = {rule.get("Variable") for rule, _where in rules if "IsPresent" in rule}
        for rule, where in rules:
            if rule.get("Variable") not in asked:
                self._read(rule.get("Variable"), given, (*where, "Variable"))

    def _template(self, template: Any, given: Shape, way: Way) -> Shape:  # noqa: ANN401 - any JSON
        if not isinstance(template, dict):
            return ANYTHING
        fields = {}
        for key, value in template.items():
            if key.endswith(".$") and isinstance(value, str):
                self._read(value, given, (*way, key))
                plain = way_of(value)
                found = given.at(plain) if plain is not None else None
                fields[key.removesuffix(".$")] = found or ANYTHING
            elif isinstance(value, list):
                for number, inner in enumerate(value):
                    self._template(inner, given, (*way, key, number))
                fields[key] = ANYTHING
            else:
                fields[key] = self._template(value, given, (*way, key))
        return Shape(fields)

    def _read(self, expression: object, given: Shape, way: Way) -> None:
        for keys in ways_in(expression) if isinstance(expression, str) else ():
            if given.at(keys) is None:
                depth = next(depth for depth in range(1, len(keys) + 1) if given.at(keys[:depth]) is None)
                around = given.at(keys[: depth - 1]) or ANYTHING
                known = ", ".join(sorted(around.fields)) or "nothing"
                where = "$" + "".join(f".{key}" for key in keys[: depth - 1])
                message = f"{expression} leads to nothing: {where} has {known}"
                advice = did_you_mean(keys[depth - 1], around.fields) or "see the ResultPath of the states before"
                self.findings[way, message] = Finding(self._places.place(way), message, advice)

    @staticmethod
    def _at(path: object, given: Shape) -> Shape:
        if path is None:
            return Shape()
        way = way_of(path) if isinstance(path, str) else None
        return (given.at(way) if way is not None else None) or ANYTHING


def _put(given: Shape, path: object, value: Shape) -> Shape:
    if path is None:
        return given
    way = way_of(path) if isinstance(path, str) else None
    return given.having(way, value) if way is not None else ANYTHING


def _followers(state: dict[str, Any]) -> Iterator[str]:
    if "Next" in state:
        yield state["Next"]
    if "Default" in state:
        yield state["Default"]
    yield from (choice["Next"] for choice in state.get("Choices", ()) if "Next" in choice)


def _rules(rules: Any, way: Way) -> Iterator[tuple[dict[str, Any], Way]]:  # noqa: ANN401 - any JSON
    for number, rule in enumerate(rules):
        here = (*way, number)
        yield rule, here
        for key in ("And", "Or"):
            yield from _rules(rule.get(key, ()), (*here, key))
        if "Not" in rule:
            yield rule["Not"], (*here, "Not")
            for key in ("And", "Or"):
                yield from _rules(rule["Not"].get(key, ()), (*here, "Not", key))
