"""A state machine's file: JSON, placeholders, and what CreateStateMachine refuses.

The rules of the language are statelint's: https://states-language.net/spec.html
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from statelint.linter import Linter

from bootstrap.check.findings import Finding, Place, did_you_mean
from bootstrap.check.places import Places
from bootstrap.definitions import PLACEHOLDER, Definition, Way, misshapen
from bootstrap.description import Value
from bootstrap.grants import RESOURCE

PATH = re.compile(r"State Machine[^\"]*?(?=$| is \"| is | does not| should|\" is|, )|State Machine.*")
PUT_EVENTS = ":events:putEvents"
EXPRESSION = re.compile(r"\{%(.*)%\}", re.DOTALL)
UNKNOWN_STATE = re.compile(r'No state found named "(?P<name>.*)", referenced at ')
UNKNOWN_START = re.compile(r"StartAt value (?P<name>.*) not found in States field at (?P<path>State Machine.*)")
UNREACHED = re.compile(r"No transition found to state (?P<path>.*)")


def check_definition(places: Places, filled: Definition, values: Mapping[str, Value]) -> Iterator[Finding]:
    """Find what is wrong with a definition by itself.

    Args:
        places: The file as it is written.
        filled: The definition with its placeholders filled in.
        values: What they stand for.
    """
    yield from check_placeholders(places, values)
    for way in places.doubled:
        yield Finding(places.place(way), f"{way[-1]} is there twice, and the last one counts", "remove or rename one")
    names = {name for way, _state in states_with_ways(filled) if isinstance(name := way[-1], str)}
    problems = [*Linter.validate(filled)]
    starts_nowhere = any(map(UNKNOWN_START.match, problems))
    for problem in problems:
        # Where nothing begins, nothing is reached.
        if not (starts_nowhere and UNREACHED.match(problem)):
            yield _of_problem(problem, places, names)
    for way, state in states_with_ways(filled):
        yield from _of_task(way, state, places)
    yield from _of_expressions(places)


def states_with_ways(definition: Definition, way: Way = ()) -> Iterator[tuple[Way, dict[str, Any]]]:
    """Every state with the way to it, those within a Map or a Parallel included."""
    states = definition.get("States")
    for name, state in states.items() if isinstance(states, dict) else ():
        if not isinstance(state, dict):
            continue
        here = (*way, "States", name)
        yield here, state
        for key in ("ItemProcessor", "Iterator"):
            if isinstance(state.get(key), dict):
                yield from states_with_ways(state[key], (*here, key))
        for number, branch in enumerate(state.get("Branches", ())):
            if isinstance(branch, dict):
                yield from states_with_ways(branch, (*here, "Branches", number))


def read_places(file: Path) -> Places | Finding:
    """Read a file, or say why it is no JSON."""
    try:
        return Places(file, file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        return Finding(Place(file), f"it cannot be read: {error}", "give the machine the name of its file")
    except ValueError as error:
        line, column = getattr(error, "lineno", 1), getattr(error, "colno", 1)
        return Finding(Place(file, line, column), f"not JSON: {getattr(error, 'msg', error)}")


def check_placeholders(places: Places, values: Mapping[str, Value]) -> Iterator[Finding]:
    """Find the placeholders that nothing is known for."""
    for way, text in _texts(places.value):
        for name in PLACEHOLDER.findall(text):
            if name not in values:
                advice = did_you_mean(name, values) or f"known are {', '.join(sorted(values))}"
                yield Finding(places.place(way), f"nothing is known for ${{{name}}}", advice)


def check_shape(places: Places) -> Iterator[Finding]:
    """Find the fields of another kind, because of which it cannot be told what a machine's states do."""
    for way, problem in misshapen(places.value):
        yield Finding(places.place(way), problem)


def _texts(part: Any, way: Way = ()) -> Iterator[tuple[Way, str]]:  # noqa: ANN401 - any JSON
    if isinstance(part, str):
        yield way, part
    elif isinstance(part, dict):
        for key, value in part.items():
            yield from _texts(value, (*way, key))
    elif isinstance(part, list):
        for number, value in enumerate(part):
            yield from _texts(value, (*way, number))


def _of_problem(problem: str, places: Places, names: set[str]) -> Finding:
    if start := UNKNOWN_START.match(problem):
        place = places.place((*places.way_of(start["path"]), "StartAt"))
        return Finding(place, f"there is no state {start['name']}", did_you_mean(start["name"], names))
    path = PATH.search(problem)
    place = places.place(places.way_of(path.group().rstrip('"'))) if path else Place(places.file)
    if unknown := UNKNOWN_STATE.match(problem):
        return Finding(place, f"there is no state {unknown['name']}", did_you_mean(unknown["name"], names))
    if unreached := UNREACHED.match(problem):
        way = places.way_of(unreached["path"])
        name = way[-1] if way else "it"
        return Finding(places.place(way), f"no state leads to {name}", "name it in a Next, or remove it")
    return Finding(place, problem.replace("State Machine.", "").replace("State Machine", "the machine"))


def _of_expressions(places: Places) -> Iterator[Finding]:
    texts = list(_texts(places.value))
    if all(text != "JSONata" for _way, text in texts):
        return
    # Most machines have none.
    from jsonata import JException, Jsonata

    for way, text in texts:
        if expression := EXPRESSION.fullmatch(text):
            try:
                Jsonata(expression[1])
            except JException as error:
                yield Finding(places.place(way), f"no JSONata: {error}", "see https://docs.jsonata.org")


def _of_task(way: Way, state: dict[str, Any], places: Places) -> Iterator[Finding]:
    if state.get("Type") != "Task":
        return
    resource = state.get("Resource")
    if not isinstance(resource, str):
        yield Finding(places.place(way), f"task {way[-1]} has no Resource", "say what it does")
    elif not RESOURCE.fullmatch(resource) and ":function:" not in resource and ":activity:" not in resource:
        advice = "give an integration such as arn:aws:states:::events:putEvents.waitForTaskToken"
        yield Finding(places.place((*way, "Resource")), f"{resource!r} is no resource that a task can have", advice)
    elif PUT_EVENTS in resource:
        given = state.get("Parameters", state.get("Arguments", {}))
        if isinstance(given, dict) and given.keys().isdisjoint({"Entries", "Entries.$"}):
            yield Finding(places.place(way), f"task {way[-1]} puts no event on the bus", "give its Parameters Entries")
