"""An event that a function could get, made up of what the stack's files say of it."""

import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from bootstrap.check.choreography import Choreography
from bootstrap.check.definitions import PUT_EVENTS, states_with_ways
from bootstrap.definitions import Definition
from bootstrap.description import FunctionSpec

type Detail = dict[str, Any]

TOKEN = "sample-task-token"  # noqa: S105 - nobody's
OF_KIND: Mapping[str, Any] = {"dict": {}, "list": [], "int": 1, "float": 1.0, "bool": True}


def sample_event(choreography: Choreography, function: FunctionSpec) -> Detail:
    """Make an event that a function could get, as EventBridge would hand it over.

    What its detail holds is what the state that emits it puts there, or what came to the function that emits it; and
    what the function itself reads. Values are made up, of the types that it reads them with.

    Args:
        choreography: The stack.
        function: One of its functions.
    """
    system = choreography.system
    detail = dict(_detail(choreography, function.event, frozenset()))
    code = choreography.code.get(function.name)
    for reading in code.readings if code else ():
        if detail.get(reading.key) is None:
            detail[reading.key] = _made_up(reading.key, reading.kind)
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": str(function.event),
        "source": system.stack.source,
        "account": system.arns.account,
        "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": system.arns.region,
        "resources": [],
        "detail": {key: _made_up(key, "str") if value is None else value for key, value in detail.items()},
    }


def _detail(choreography: Choreography, event: str, seen: frozenset[str]) -> Detail:
    """What an event's detail holds; None where nothing says what."""
    system = choreography.system
    for machine in system.stack.machines:
        for state, detail in _emitted(system.definitions[machine.name], event):
            return filled_in(choreography, machine.name, state, detail)
    for emitter in choreography.emitters:
        function = choreography.function(emitter.name) if emitter.kind == "function" else None
        if emitter.event == event and function and event not in seen:
            # A handler carries on what came to it.
            return _detail(choreography, function.event, seen | {event})
    return {}


def filled_in(choreography: Choreography, machine: str, state: str, detail: Detail) -> Detail:
    """What a state says of its event's detail, filled in with a run's context; None where that does not tell."""
    known = _context(choreography, machine, state)
    return {key.removesuffix(".$"): _filled(key, value, known) for key, value in detail.items()}


def _emitted(definition: Definition, event: str) -> Iterator[tuple[str, Detail]]:
    """The states that put an event on the bus, each with what it says of its detail."""
    for way, state in states_with_ways(definition):
        given = state.get("Parameters", state.get("Arguments"))
        if PUT_EVENTS not in str(state.get("Resource")) or not isinstance(given, dict):
            continue
        for entry in given.get("Entries", ()):
            if isinstance(entry, dict) and entry.get("DetailType") == event and isinstance(entry.get("Detail"), dict):
                yield str(way[-1]), entry["Detail"]


def _context(choreography: Choreography, machine: str, state: str) -> Mapping[str, Any]:
    """What paths into a machine's context object, and into the event that started it, come to."""
    arns, job = choreography.system.arns, str(uuid.uuid4())
    return {
        "Task.Token": TOKEN,
        "Execution.Id": f"arn:aws:states:{arns.region}:{arns.account}:execution:{machine}:{job}",
        "Execution.Name": job,
        "StateMachine.Name": machine,
        "StateMachine.Id": arns.machine(machine),
        "State.Name": state,
        "Map.Item.Index": 0,
        "$.id": job,
        "$.detail": {},
    }


def _filled(key: str, value: Any, known: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any JSON
    """A constant as it is; the value of a path or of JSONata, where it is of the context; else None."""
    if isinstance(value, dict):
        return {inner.removesuffix(".$"): _filled(inner, each, known) for inner, each in value.items()}
    if not isinstance(value, str) or not (key.endswith(".$") or value.startswith("{%")):
        return value
    path = value.removeprefix("{% $states.context.").removesuffix(" %}").removeprefix("$$.")
    return known.get(path)


def _made_up(key: str, kind: str) -> Any:  # noqa: ANN401 - any JSON
    return ["sample"] if kind == "texts" else OF_KIND.get(kind, f"sample {key}")
