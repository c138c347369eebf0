"""Choices that fail, and how they compare."""

from typing import Any

import pytest

from emulator.repairs.states.choices import read_timestamp, string_matches
from tests.emulator.repairs.states.conftest import Machines, program

MATCHED = {"Type": "Succeed"}
DEFAULT = {"Type": "Pass", "Result": "default", "End": True}


def choice(rule: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"Type": "Choice", "Choices": [{**rule, "Next": "B"}], **more}


@pytest.mark.parametrize("operator", [{"NumericEquals": 1}, {"StringMatches": "*"}, {"IsNull": True}])
def test_a_rule_about_a_field_that_is_not_there_fails(machines: Machines, operator: dict[str, Any]) -> None:
    ended = machines.run(choice({"Variable": "$.gone", **operator}, Default="C"), MATCHED, DEFAULT)
    assert (ended["status"], ended["error"]) == ("FAILED", "States.Runtime")
    assert ended["cause"].endswith(
        "Invalid path '$.gone': The choice state's condition path references an invalid value."
    )


def test_whether_it_is_there_can_be_asked(machines: Machines) -> None:
    rule = {"And": [{"Variable": "$.gone", "IsPresent": True}, {"Variable": "$.gone", "NumericEquals": 1}]}
    assert machines.run(choice(rule, Default="C"), MATCHED, DEFAULT)["output"] == '"default"'


def test_no_rule_that_fits_can_be_caught_by_its_name(machines: Machines) -> None:
    rule = {"Variable": "$.a", "NumericEquals": 1}
    none_fits = {"Type": "Choice", "Choices": [{**rule, "Next": "Q"}]}
    assert machines.run(choice(rule), MATCHED, given={"a": 2})["error"] == "States.NoChoiceMatched"
    around = {
        "Type": "Parallel",
        "Branches": [program(none_fits, MATCHED, names="PQ")],
        "Catch": [{"ErrorEquals": ["States.NoChoiceMatched"], "Next": "B"}],
        "End": True,
    }
    assert machines.run(around, DEFAULT, given={"a": 2})["output"] == '"default"'


@pytest.mark.parametrize(
    ("text", "pattern", "expected"),
    [
        ("log-a.b.txt", "log-*.txt", True),
        ("log-aXtxt", "log-*.txt", False),
        ("a*c", r"a\*c", True),
        ("abc", r"a\*c", False),
        (r"a\c", r"a\\c", True),
        ("a\nc", "a*c", True),
        ("a[bc]d", "a[bc]d", True),
        ("abd", "a[bc]d", False),
        ("a?", "a?", True),
        ("", "*", True),
        (5, "*", False),
    ],
)
def test_a_pattern_knows_one_wildcard(text: Any, pattern: str, expected: bool) -> None:
    assert string_matches(text, pattern) is expected


@pytest.mark.parametrize(
    "text",
    ["2026-01-01", "2026-01-01T12:00:00", "2026-01-01t12:00:00Z", "2026-13-01T12:00:00Z", "2026-01-01 12:00:00Z", 5],
)
def test_other_text_is_no_timestamp(text: Any) -> None:
    assert read_timestamp(text) is None


@pytest.mark.parametrize("text", ["2026-01-01T12:00:00.000Z", "2026-01-01T13:00:00+01:00", "2026-01-01T12:00:00Z"])
def test_a_time_is_the_same_however_it_is_written(text: str) -> None:
    assert read_timestamp(text) == read_timestamp("2026-01-01T12:00:00Z")
