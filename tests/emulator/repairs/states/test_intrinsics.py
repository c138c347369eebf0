"""Intrinsic functions, and text that is not ASCII."""

import json
from typing import Any

import pytest

from emulator.repairs.states.definition_faults import find_faults
from emulator.repairs.states.intrinsic_syntax import IntrinsicSyntaxError, read_call
from emulator.repairs.states.texts import write
from tests.emulator.repairs.states.conftest import Machines, program

GIVEN = {"n": 5, "größe": "groß", "o": {"b": 1, "a": 2}, "p": {"a": 2, "b": 1}, "t": "x {}", "half": 1.5, "e": []}
CALLS: dict[str, Any] = {
    r"States.Format('\{{}\}', $.n)": "{5}",
    r"States.Format('it\'s {}', $.n)": "it's 5",
    r"States.Format('a\\b {}', $.n)": "a\\b 5",
    "States.Format('grün {} ✓', $.größe)": "grün groß ✓",
    "States.Format('a\nb\t{}', null)": "a\nb\tnull",
    "States.Format($.t, true)": "x true",
    "States.Format('{}', $.o)": "{b=1, a=2}",
    "States.Format('{}', $['größe'])": "groß",
    "States.Base64Decode(States.Base64Encode('grün'))": "grün",
    "States.JsonToString($.größe)": '"groß"',
    "States.MathAdd(1.5, -4)": -2,
    "States.Array(null, true, 'a', $.half)": [None, True, "a", 1.5],
    "States.Array()": [],
    "States.ArrayContains(States.Array(1), true)": False,
    "States.ArrayContains(States.Array($.o), $.p)": True,
    "States.ArrayUnique(States.Array(2, 1, 2, $.o, $.p))": [2, 1, {"b": 1, "a": 2}],
    "States.ArrayRange(5, 1, -2)": [5, 3, 1],
    "States.ArrayLength($.e[?(@.x == 'a)' && @.y > 1)])": 0,
    "States.StringSplit('a, b', ', ')": ["a", "b"],
}
FAILING = {
    "States.ArrayGetItem(States.Array(1), 1)": "The index 1 is out of bounds for an array of 1 items.",
    "States.ArrayGetItem(States.Array(1), -1)": "The index -1 is out of bounds for an array of 1 items.",
    "States.StringToJson('(nope')": "Expecting value",
    "States.Format('{} {}', 1)": "The text has 2 times {}, and there are 1 arguments for it.",
    "States.Format('{', 1)": "The text has 0 times {}, and there are 1 arguments for it.",
    "States.Format('{ {}', 1)": "The character { must be escaped: \\{",
    "States.ArrayUnique('a')": 'It is no array: "a"',
    "States.ArrayRange(1, 2000, 1)": "The array would have 2000 items; 1000 are allowed.",
    "States.Hash('x', 'none')": "Unknown hash function 'none'.",
}


def test_calls_have_the_values_that_they_have_on_aws(machines: Machines) -> None:
    asked = {f"{number}.$": call for number, call in enumerate(CALLS)}
    ended = machines.run({"Type": "Pass", "Parameters": asked, "End": True}, given=GIVEN)
    assert ended["status"] == "SUCCEEDED", ended
    assert list(json.loads(ended["output"]).values()) == list(CALLS.values())


@pytest.mark.parametrize("call", FAILING)
def test_a_call_that_fails_can_be_caught_by_the_name_of_its_error(machines: Machines, call: str) -> None:
    inner = program({"Type": "Pass", "Parameters": {"a.$": call}, "End": True}, names="P")
    around = {
        "Type": "Parallel",
        "Branches": [inner],
        "Catch": [{"ErrorEquals": ["States.IntrinsicFailure"], "Next": "B"}],
        "End": True,
    }
    ended = machines.run(around, {"Type": "Pass", "OutputPath": "$.Cause", "End": True})
    cause = json.loads(ended["output"])
    assert f"The function '{call}' had the following error: {FAILING[call]}" in cause


def test_a_path_of_a_call_that_is_not_there_is_no_failure_of_the_function(machines: Machines) -> None:
    ended = machines.run({"Type": "Pass", "Parameters": {"a.$": "States.Format('{}', $.gone)"}, "End": True})
    assert ended["error"] == "States.Runtime"
    assert ended["cause"].endswith(
        "The function 'States.Format('{}', $.gone)' had the following error: The JsonPath argument for the field "
        "'$.gone' could not be found in the input '{}'"
    )


@pytest.mark.parametrize(
    "text",
    [
        *("States.Nope(1)", "States.Format('a'", "States.Format('a') x", "States.Format(a)", "States.Format('a',)"),
        *(r"States.Format('\n')", r"States.Format('\q')", "States.Format", "$.a", "'a'", "States.ArrayLength()"),
    ],
)
def test_other_text_is_no_call(text: str) -> None:
    with pytest.raises((IntrinsicSyntaxError, ValueError)):
        read_call(text)
    (fault,) = (
        find_faults(program({"Type": "Pass", "Parameters": {"a.$": text}, "End": True})) if text != "$.a" else [None]
    )
    assert fault is None or (fault.code, fault.location) == ("SCHEMA_VALIDATION_FAILED", "/States/A/Parameters")


def test_names_and_paths_may_have_any_letters(machines: Machines) -> None:
    state = {"Type": "Pass", "Result": {"ü": 'ö\n"\\'}, "ResultPath": "$.größe", "Next": 'Ä/"b'}
    choice = {"Type": "Choice", "Choices": [{"Variable": "$.größe.ü", "IsString": True, "Next": "C"}]}
    last = {"Type": "Pass", "InputPath": "$.größe", "Parameters": {"ü.$": "$.ü", "text": "🆗 \\u0041"}, "End": True}
    states = {"Größe": state, 'Ä/"b': choice, "C": last}
    ended = machines.end(machines.start(machines.create({"StartAt": "Größe", "States": states})))
    assert json.loads(ended["output"]) == {"ü": 'ö\n"\\', "text": "🆗 \\u0041"}


def test_a_message_has_the_letters_that_it_was_given(machines: Machines) -> None:
    parameters = {"QueueUrl": machines.queue, "MessageBody": {"a.$": "$.a"}}
    send = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "Parameters": parameters, "End": True}
    assert machines.run(send, given={"a": "grün 🆗"})["status"] == "SUCCEEDED"
    (message,) = machines.sqs.receive_message(QueueUrl=machines.queue, WaitTimeSeconds=5)["Messages"]
    assert message["Body"] == '{"a": "grün 🆗"}'


def test_half_a_letter_stays_an_escape() -> None:
    assert write(["\ud83c", "ü"]) == '["\\ud83c", "\\u00fc"]'
