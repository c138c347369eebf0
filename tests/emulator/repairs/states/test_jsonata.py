"""Machines in JSONata, and variables in both languages."""

import json
from typing import Any

import pytest

from tests.emulator.repairs.states.conftest import Machines, program

JSONATA = "JSONata"
ERROR = "States.QueryEvaluationError"
CATCH = [{"ErrorEquals": [ERROR], "Output": "{% $states.errorOutput %}", "Next": "B"}]
SHOW = {"Type": "Pass", "Output": "{% $states.input %}", "End": True}


def call(**more: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sqs:listQueues", "Arguments": {}, **more}


def output(ended: Any) -> Any:
    assert ended["status"] == "SUCCEEDED", ended
    return json.loads(ended["output"])


def test_a_machine_computes_and_keeps_variables(machines: Machines) -> None:
    each = {"Type": "Pass", "Assign": {"z": "{% $states.input.v * $k %}"}, "Next": "Y"}
    ended = machines.run(
        {"Type": "Pass", "Assign": {"k": "{% $states.input.k %}", "text": 'a"ü\n'}, "Next": "B"},
        {
            "Type": "Map",
            "Items": "{% [1..3] %}",
            "ItemSelector": {"v": "{% $states.context.Map.Item.Value %}"},
            "ItemProcessor": program(each, {"Type": "Pass", "Output": "{% $z %}", "End": True}, names="XY"),
            "Assign": {"all": "{% $sum($states.result) %}"},
            "Output": {"items": "{% $states.result %}", "was": "{% $exists($all) %}"},
            "Next": "C",
        },
        {"Type": "Pass", "Output": {"in": "{% $states.input %}", "all": "{% $all %}", "t": "{% $text %}"}, "End": True},
        given={"k": 10},
        QueryLanguage=JSONATA,
    )
    # What is assigned is there in the next state only.
    assert output(ended) == {"in": {"items": [10, 20, 30], "was": False}, "all": 60, "t": 'a"ü\n'}


def test_variables_are_json_in_the_history(machines: Machines) -> None:
    machine = machines.make({"Type": "Pass", "Assign": {"text": 'a"ü', "list.$": "$.list"}, "End": True})
    execution = machines.start(machine, {"list": [1, "x"]})
    machines.end(execution)
    left = next(event for event in machines.history(execution) if event["type"] == "PassStateExited")
    assigned = left["stateExitedEventDetails"]["assignedVariables"]
    assert {name: json.loads(text) for name, text in assigned.items()} == {"text": 'a"ü', "list": [1, "x"]}


def test_variables_need_no_jsonata_where_jsonpath_is_the_language(machines: Machines) -> None:
    ended = machines.run(
        {"Type": "Pass", "Assign": {"x.$": "$.x"}, "Next": "B"},
        {
            "Type": "Pass",
            "Parameters": {"all.$": "$x.list[*].v", "text.$": "States.Format('{}', $x.n)", "x.$": "$x"},
            "End": True,
        },
        given={"x": {"list": [{"v": 1}], "n": "ü"}},
    )
    assert output(ended) == {"all": [1], "text": "ü", "x": {"list": [{"v": 1}], "n": "ü"}}


@pytest.mark.parametrize("path", ["$nobody", "$nobody.name"])
def test_a_variable_that_is_not_there_fails_with_its_name(machines: Machines, path: str) -> None:
    ended = machines.run({"Type": "Pass", "Parameters": {"a.$": path}, "End": True})
    assert ended["error"] == "States.Runtime"
    assert f"The JSONPath '{path}' specified for the field 'a.$' could not be found" in ended["cause"]


FAILING = [
    (call(Arguments={"QueueNamePrefix": "{% $gone %}"}), "Arguments/QueueNamePrefix", "returned nothing (undefined)."),
    (call(Output={"a": [{"b": "{% $gone %}"}]}), "Output/a/b", "returned nothing (undefined)."),
    (call(Assign={"a": "{% $gone %}"}), "Assign/a", "returned nothing (undefined)."),
    (
        {"Type": "Parallel", "Branches": [program({"Type": "Succeed"}, names="X")], "Output": "{% $gone %}"},
        "Output",
        "returned nothing (undefined).",
    ),
    (
        call(TimeoutSeconds="{% 'x' %}"),
        "TimeoutSeconds",
        "returned an unexpected result type. Expected 'number', but was 'string' for value: \"x\"",
    ),
    (call(TimeoutSeconds="{% -1 %}"), "TimeoutSeconds", "returned a value that is out of range: -1"),
    (
        {"Type": "Map", "Items": "{% {'a': 1} %}", "ItemProcessor": program({"Type": "Succeed"}, names="X")},
        "Items",
        "returned an unexpected result type. Expected 'array', but was 'object' for value: {\"a\":1}",
    ),
]


@pytest.mark.parametrize(("state", "field", "problem"), FAILING)
def test_what_cannot_be_evaluated_can_be_caught(
    machines: Machines, state: dict[str, Any], field: str, problem: str
) -> None:
    machine = machines.make(state | {"Catch": CATCH, "Next": "B"}, SHOW, QueryLanguage=JSONATA)
    execution = machines.start(machine)
    caught = output(machines.end(execution))
    assert caught["Error"] == ERROR
    assert f"specified for the field '{field}' {problem}" in caught["Cause"]
    (failed,) = [event for event in machines.history(execution) if event["type"] == "EvaluationFailed"]
    details = failed["evaluationFailedEventDetails"]
    assert details == {"error": ERROR, "cause": caught["Cause"], "location": field, "state": "A"}


def test_an_expression_that_fails_is_an_event_with_its_place(machines: Machines) -> None:
    machine = machines.make({"Type": "Pass", "Output": {"a": "{% 1 + 'x' %}"}, "End": True}, QueryLanguage=JSONATA)
    execution = machines.start(machine)
    ended = machines.end(execution)
    assert machines.types(execution) == ["ExecutionStarted", "PassStateEntered", "EvaluationFailed", "ExecutionFailed"]
    assert ended["error"] == ERROR
    assert ended["cause"] == (
        "An error occurred while executing the state 'A' (entered at the event id #2). The JSONata expression "
        "'1 + 'x'' specified for the field 'Output/a' threw an error during evaluation. T2002: The right side of the "
        '"+" operator must evaluate to a number'
    )


@pytest.mark.parametrize(
    ("state", "cause"),
    [
        (
            {"Type": "Choice", "Choices": [{"Condition": "{% 1 %}", "Next": "B"}], "Default": "B"},
            "'Condition' returned an unexpected result type. Expected 'boolean', but was 'number' for value: 1",
        ),
        ({"Type": "Wait", "Seconds": "{% -5 %}", "Next": "B"}, "'Seconds' returned a value that is out of range: -5"),
        (
            {"Type": "Wait", "Timestamp": "{% '2026-13-05T21:29:29Z' %}", "Next": "B"},
            "The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: "
            "2026-13-05T21:29:29Z",
        ),
    ],
)
def test_a_field_takes_what_it_can_be(machines: Machines, state: dict[str, Any], cause: str) -> None:
    ended = machines.run(state, SHOW, QueryLanguage=JSONATA)
    assert ended["error"] == ERROR
    assert ended["cause"].endswith(cause)


def test_a_timestamp_may_have_an_offset(machines: Machines) -> None:
    state = {"Type": "Wait", "Timestamp": "{% '2020-01-01T12:00:00.5+01:00' %}", "Next": "B"}
    assert machines.run(state, SHOW, QueryLanguage=JSONATA)["status"] == "SUCCEEDED"


def test_there_is_no_error_where_none_was_caught(machines: Machines) -> None:
    ended = machines.run(
        call(Output="{% [$exists($states.errorOutput), $exists($states.result)] %}", End=True), QueryLanguage=JSONATA
    )
    assert output(ended) == [False, True]
