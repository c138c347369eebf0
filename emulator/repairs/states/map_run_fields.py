"""What a definition may say of a distributed Map, and LocalStack 4.14.0's grammar does not know.

It knows no ItemBatcher, no express children, no JSON Lines, no other delimiter of CSV than the comma, no WriterConfig,
and no whole number as a percentage. They are taken out of the definition before it is read, and given to the state that
they belong to.
https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
"""

import functools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from localstack.services.stepfunctions.asl.component.state.state_execution.state_map.state_map import StateMap
from localstack.services.stepfunctions.asl.component.state.state_execution.state_parallel.state_parallel import (
    StateParallel,
)
from localstack.services.stepfunctions.asl.parse.asl_parser import AmazonStateLanguageParser

UNKNOWN_TO_GRAMMAR = re.compile(
    r'"(ItemBatcher|WriterConfig|CSVDelimiter|ItemsPointer|ToleratedFailurePercentage)"|:\s*"(EXPRESS|JSONL)"'
)
PERCENTAGE = "ToleratedFailurePercentage"
READERS = ("CSVDelimiter", "ItemsPointer")
# Parsed to find out what the templates of an ItemBatcher are; never run.
CARRIER = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "End": True}


@dataclass
class MapRunFields:
    """What a distributed Map says beyond the grammar; *batch_input* and *limits* are evaluated with its input."""

    batch_input: Any = None
    limits: Any = None
    reader: dict[str, Any] = field(default_factory=dict)
    writer: dict[str, Any] = field(default_factory=dict)


def know_all_fields() -> None:
    """Read a definition without what the grammar does not know, and keep that."""
    StateMap.fields = MapRunFields()
    parse = AmazonStateLanguageParser.parse

    @functools.wraps(parse)
    def parse_all(definition: str) -> Any:
        if not UNKNOWN_TO_GRAMMAR.search(definition):
            return parse(definition)
        try:
            known = json.loads(definition)
            found = {name: _take_out(state, known) for name, state in _maps(known)}
        except (ValueError, KeyError, TypeError, AttributeError):
            return parse(definition)  # and be told what is wrong
        program, tree = parse(json.dumps(known))
        for state in _map_states(program.states):
            state.fields = found.get(state.name, state.fields)
        return program, tree

    AmazonStateLanguageParser.parse = staticmethod(parse_all)


def _maps(definition: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, state in definition["States"].items():
        inner = [*state.get("Branches", []), *(state[key] for key in ("ItemProcessor", "Iterator") if key in state)]
        for part in inner:
            yield from _maps(part)
        if state["Type"] == "Map":
            yield name, state


def _take_out(state: dict[str, Any], definition: dict[str, Any]) -> MapRunFields:
    language = state.get("QueryLanguage") or definition.get("QueryLanguage") or "JSONPath"
    found = MapRunFields()
    if batcher := state.pop("ItemBatcher", None):
        # A field that ends in Path is a path, as those of a template that end in `.$` are.
        limits = {_as_template(name): value for name, value in batcher.items() if name != "BatchInput"}
        found.limits = _template(limits, language)
        if "BatchInput" in batcher:
            found.batch_input = _template(batcher["BatchInput"], language)
    if isinstance(state.get(PERCENTAGE), int):  # the grammar wants a fraction
        state[PERCENTAGE] = float(state[PERCENTAGE])
    config = state.get("ItemProcessor", {}).get("ProcessorConfig", {})
    if config.get("ExecutionType") == "EXPRESS":
        config["ExecutionType"] = "STANDARD"
    reading = state.get("ItemReader", {}).get("ReaderConfig", {})
    found.reader = {name: reading.pop(name) for name in READERS if name in reading}
    if reading.get("InputType") == "JSONL":
        reading["InputType"] = "JSON"
        found.reader["InputType"] = "JSONL"
    found.writer = state.get("ResultWriter", {}).pop("WriterConfig", {})
    if state.get("ResultWriter") == {}:
        del state["ResultWriter"]
    return found


def _as_template(name: str) -> str:
    return f"{name.removesuffix('Path')}.$" if name.endswith("Path") else name


def _template(template: Any, language: str) -> Any:
    """The component that makes a value of a template."""
    field_name = "Arguments" if language == "JSONata" else "Parameters"
    state = CARRIER | {field_name: template}
    carrier = {"QueryLanguage": language, "StartAt": "Carrier", "States": {"Carrier": state}}
    program, _tree = AmazonStateLanguageParser.parse(json.dumps(carrier))
    return program.states.states["Carrier"].parargs


def _map_states(states: Any) -> Iterator[Any]:
    for state in states.states.values():
        if isinstance(state, StateMap):
            yield state
            yield from _map_states(state.iteration_component._states)
        elif isinstance(state, StateParallel):
            for program in state.branches.programs:
                yield from _map_states(program.states)
