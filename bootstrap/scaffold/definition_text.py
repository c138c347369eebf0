"""The text of a definition with one state more; all else stays as it was written."""

import json
import re
from collections.abc import Mapping
from typing import Any

from bootstrap.check.choreography import WAITING
from bootstrap.check.dataflow import given_to
from bootstrap.check.definitions import PUT_EVENTS, states_with_ways
from bootstrap.check.findings import did_you_mean
from bootstrap.check.places import Places
from bootstrap.check.shapes import Shape, ways_in
from bootstrap.definitions import Definition, Way
from bootstrap.scaffold.names import Names, ScaffoldError

State = dict[str, Any]

FOLLOWABLE = ("Task", "Pass", "Map", "Parallel")
EVENT = "arn:aws:states:::events:putEvents.waitForTaskToken"
CONTEXT = {
    "TaskToken.$": "$$.Task.Token",
    "execution.$": "$$.Execution.Id",
    "stateMachine.$": "$$.StateMachine.Name",
    "stateName.$": "$$.State.Name",
}
LONE_ITEM = re.compile(r'\[\s+("(?:[^"\\]|\\.)*")\s+\]')


def state_to_follow(places: Places, machine: str, name: str) -> tuple[Way, State]:
    """Find the state that a new one is to follow.

    Raises:
        ScaffoldError: There is none, or nothing can follow it.
    """
    states = {str(way[-1]): (way, state) for way, state in states_with_ways(places.value)}
    if name not in states:
        advice = did_you_mean(name, states) or f"it has {', '.join(states)}"
        raise ScaffoldError(f"machine {machine} has no state {name}: {advice}")
    way, state = states[name]
    if state.get("Type") not in FOLLOWABLE or not ("Next" in state or state.get("End") is True):
        raise ScaffoldError(
            f"{machine}.{name} is a {state.get('Type')}, which no step can follow: name a "
            f"{', '.join(FOLLOWABLE[:-1])} or {FOLLOWABLE[-1]} that has Next or End"
        )
    if "JSONata" in {places.value.get("QueryLanguage"), state.get("QueryLanguage")}:
        raise ScaffoldError(f"machine {machine} is written in JSONata, and new-step writes JSONPath: add it by hand")
    return way, state


def with_state(places: Places, text: str, way: Way, names: Names, source: str) -> str:
    """Write a state that emits an event and waits for its answer, which changes nothing of what the next one gets.

    Args:
        places: The definition.
        text: Its text.
        way: The way to the state that it is to follow.
        names: The new function's.
        source: The source of the stack's events.
    """
    model = _model(places.value, way)
    state = _state(model, _value(places.value, way), names, source)
    here = (*way[:-1], names.state)
    given = given_to(Places(places.file, _insert(places, text, way, names.state, state)), here)
    entry = state["Parameters"]["Entries"][0]
    entry["Detail"] = {key: value for key, value in entry["Detail"].items() if _is_surely_there(key, value, given)}
    if given.open:
        # What a Catch adds to must be an object.
        state.pop("Catch", None)
    return _insert(places, text, way, names.state, state)


def _is_surely_there(key: str, value: Any, given: Shape) -> bool:  # noqa: ANN401 - any JSON
    """Whether all that a part of a template reads is in what a state gets."""
    if isinstance(value, dict):
        return all(_is_surely_there(inner, each, given) for inner, each in value.items())
    return not key.endswith(".$") or all(_has(given, way) for way in ways_in(str(value)))


def _has(given: Shape, way: tuple[str, ...]) -> bool:
    for key in way:
        if key not in given.fields:
            return False
        given = given.fields[key]
    return True


def _model(definition: Definition, way: Way) -> State:
    """The state that the new one takes after: that which it follows, or another in the same part that waits."""
    part = _value(definition, way[:-1])
    waiting = {name: state for name, state in part.items() if _waits(state)}
    return waiting.get(way[-1]) or next(iter(waiting.values()), {})


def _waits(state: Mapping[str, Any]) -> bool:
    resource = str(state.get("Resource", ""))
    return PUT_EVENTS in resource and resource.endswith(WAITING) and "Parameters" in state


def _state(model: State, followed: State, names: Names, source: str) -> State:
    entries = model.get("Parameters", {}).get("Entries", ())
    entry = entries[0] if entries and isinstance(entries[0], dict) else {}
    given = entry.get("Detail")
    said = given if isinstance(given, dict) else {}
    after = {"Next": followed["Next"]} if "Next" in followed else {"End": True}
    caught = [rule for rule in model.get("Catch", ()) if rule.get("ErrorEquals") == ["States.ALL"]]
    return {
        "Type": "Task",
        "Comment": f"{names.sentence}; the answer is not kept.",
        "Resource": EVENT,
        "Parameters": {
            "Entries": [
                {
                    "EventBusName": entry.get("EventBusName", "${EventBus}"),
                    "Source": entry.get("Source", source),
                    "DetailType": names.function,
                    "Detail": {**CONTEXT, **said},
                }
            ]
        },
        "TimeoutSeconds": model.get("TimeoutSeconds", "${TaskTimeoutSeconds}"),
        **({"Retry": model["Retry"]} if "Retry" in model else {}),
        **({"Catch": caught} if caught else {}),
        "ResultPath": None,
        **after,
    }


def _insert(places: Places, text: str, way: Way, name: str, state: State) -> str:
    """Put a state behind another one, which leads to it from now on."""
    key = places.offset(way)
    indent = text[text.rfind("\n", 0, key) + 1 : key]
    outer = places.offset(way[:-1])
    unit = len(indent) - len(text[text.rfind("\n", 0, outer) + 1 : outer])
    shown = LONE_ITEM.sub(r"[\1]", json.dumps(state, indent=max(unit, 2), ensure_ascii=False))
    if indent.strip():
        indent = ""
    block = f",\n{indent}{json.dumps(name)}: " + shown.replace("\n", f"\n{indent}")
    _start, end = places.span(way)
    leads = "Next" if (*way, "Next") in places else "End"
    first, last = places.offset((*way, leads)), places.span((*way, leads))[1]
    return f'{text[:first]}"Next": {json.dumps(name)}{text[last:end]}{block}{text[end:]}'


def _value(part: Any, way: Way) -> Any:  # noqa: ANN401 - any JSON
    for key in way:
        part = part[key]
    return part
