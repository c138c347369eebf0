"""Definitions that are refused."""

import json
from typing import Any

import pytest

from emulator.repairs.states.definition_faults import find_faults
from tests.emulator.repairs.states.conftest import Machines, code, program, unique

PASS = {"Type": "Pass", "End": True}
FLAWLESS = program(
    {"Type": "Choice", "Choices": [{"Variable": "$.a", "IsPresent": True, "Next": "B"}], "Default": "C"},
    {
        "Type": "Map",
        "ItemProcessor": program(PASS | {"Parameters": {"a.$": "States.Format('{}', $)"}}, names="P"),
        "Catch": [{"ErrorEquals": ["One"], "Next": "D"}, {"ErrorEquals": ["States.ALL"], "Next": "C"}],
        "End": True,
    },
    {"Type": "Succeed"},
    {"Type": "Fail"},
)
RETRIED = {"Type": "Parallel", "Branches": [program(PASS, names="P")], "End": True}
MAP = {"Type": "Map", "End": True}
ASKED = {"Variable": "$.a", "IsNull": True}
FAULTS: list[tuple[str, str, dict[str, Any]]] = [
    ("MISSING_TRANSITION_TARGET", "/StartAt", {"StartAt": "X", "States": {"A": PASS}}),
    ("MISSING_TRANSITION_TARGET", "/States/A/Next", program({"Type": "Pass", "Next": "X"}, PASS)),
    ("MISSING_TRANSITION_TARGET", "/States/B", program(PASS, PASS)),
    (
        "MISSING_TRANSITION_TARGET",
        "/States/A/Choices/0/Next",
        program({"Type": "Choice", "Choices": [ASKED | {"Next": "X"}], "Default": "B"}, PASS),
    ),
    (
        "MISSING_TRANSITION_TARGET",
        "/States/A/Default",
        program({"Type": "Choice", "Choices": [ASKED | {"Next": "B"}], "Default": "X"}, PASS),
    ),
    (
        "MISSING_TRANSITION_TARGET",
        "/States/A/Catch/0/Next",
        program(RETRIED | {"Catch": [{"ErrorEquals": ["E"], "Next": "X"}]}),
    ),
    ("SCHEMA_VALIDATION_FAILED", "/States/A", program({"Type": "Pass"}, PASS)),
    ("MISSING_TERMINAL_STATE", "/States", program({"Type": "Pass", "Next": "A"})),
    (
        "MISSING_TRANSITION_TARGET",
        "/States/A/ItemProcessor/States/P/Next",
        program(
            {"Type": "Map", "ItemProcessor": program({"Type": "Pass", "Next": "A"}, PASS, names="PQ"), "End": True}
        ),
    ),
    (
        "SCHEMA_VALIDATION_FAILED",
        "/States/A/Retry/0/ErrorEquals",
        program(RETRIED | {"Retry": [{"ErrorEquals": ["States.ALL"]}, {"ErrorEquals": ["E"]}]}),
    ),
    (
        "DUPLICATE_STATE_NAME",
        "/States/A/ItemProcessor/States/A",
        program(MAP | {"ItemProcessor": program(PASS)}),
    ),
    ("SCHEMA_VALIDATION_FAILED", "/States/A/InputPath", program(PASS | {"InputPath": "nope"})),
    ("SCHEMA_VALIDATION_FAILED", "/States/A/Parameters", program(PASS | {"Parameters": {"a.$": "nope"}})),
    (
        "SCHEMA_VALIDATION_FAILED",
        "/States/A/Parameters/l/0",
        program(PASS | {"Parameters": {"l": [{"a.$": 1}]}}),
    ),
    ("SCHEMA_VALIDATION_FAILED", f"/States/{'n' * 81}", {"StartAt": "n" * 81, "States": {"n" * 81: PASS}}),
]


@pytest.mark.parametrize(("fault", "where", "definition"), FAULTS)
def test_a_fault_is_found_and_located(fault: str, where: str, definition: dict[str, Any]) -> None:
    assert (fault, where) in {(found.code, found.location) for found in find_faults(definition)}


def test_what_is_right_has_none() -> None:
    assert not find_faults(FLAWLESS)


def test_paths_are_no_paths_in_jsonata() -> None:
    state = {"Type": "Pass", "Parameters": {"a.$": "nope"}, "End": True}
    assert not find_faults(program(state) | {"QueryLanguage": "JSONata"})
    assert not find_faults(program(state | {"QueryLanguage": "JSONata"}))


def test_it_is_refused_when_it_is_made_and_when_it_is_changed(machines: Machines) -> None:
    faulty = json.dumps(program({"Type": "Pass", "Next": "X"}))
    make = machines.api.create_state_machine
    assert code(make, name=unique("machine"), definition=faulty, roleArn=machines.role) == "InvalidDefinition"
    change, machine = machines.api.update_state_machine, machines.create(FLAWLESS)
    assert code(change, stateMachineArn=machine, definition=faulty) == "InvalidDefinition"


def test_validation_names_each_fault(machines: Machines) -> None:
    validate = machines.api.validate_state_machine_definition
    assert validate(definition=json.dumps(FLAWLESS))["result"] == "OK"
    answer = validate(definition=json.dumps(program({"Type": "Pass", "Next": "X"})))
    assert answer["result"] == "FAIL"
    assert answer["diagnostics"][0] == {
        "severity": "ERROR",
        "code": "MISSING_TRANSITION_TARGET",
        "message": "Missing 'Next' target: X",
        "location": "/States/A/Next",
    }
