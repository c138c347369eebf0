"""JSONata as Step Functions has it, and the processes that evaluate it."""

import hashlib
import json
import subprocess
import sys
from typing import Any

import pytest

from emulator.repairs.states.queries import language
from emulator.repairs.states.queries.asking import QueryError, _Process, ask
from testkit.waiting import wait_for

GIVEN = {
    "states": {"input": {"ü": 'a"b\\c\n', "nil": None, "list": [1, None, 2], "one": [7], "none": [], "n": 1.0}},
    "name": "grün",
}
WHOLE = json.dumps({"a": "grün", "b": 0.3, "c": 1, "d": [1, 2]}, separators=(",", ":"), ensure_ascii=False)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("$states.input.`ü`", 'a"b\\c\n'),
        ("$name & ' ' & 1", "grün 1"),
        ("$states.input.nil", None),
        ("$states.input.nil = null", True),
        ("$map($states.input.list, function($item) { $item = null })", [False, True, False]),
        ("$states.input.one", [7]),
        ("$states.input.none", []),
        ("$states.input.n", 1),
        ("6 / 2", 3),
        ("5.5 % 2", 1.5),
        ("[1..3]", [1, 2, 3]),
        ("$string({'a': 'grün', 'b': 0.1 + 0.2, 'c': 1.0, 'd': [1..2]})", WHOLE),
        ("$partition([1..5], 2)", [[1, 2], [3, 4], [5]]),
        ("$partition([1], 5)", [[1]]),
        ("$partition([], 2)", []),
        ("$range(0, 10, 3)", [0, 3, 6, 9]),
        ("$range(9, 1, -4)", [9, 5, 1]),
        # As recorded on AWS: one number is no array.
        ("$range(1, 9, 9)", 1),
        ("$hash('ü', 'SHA-256')", hashlib.sha256("ü".encode()).hexdigest()),
        ("$hash('x', 'MD5')", hashlib.md5(b"x", usedforsecurity=False).hexdigest()),
        ("$random(7) = $random(7)", True),
        ("$random() < 1", True),
        ("$length($uuid())", 36),
        ('$parse(\'{"a": [null, "ü"]}\')', {"a": [None, "ü"]}),
        ("$parse('null')", None),
        ("($range := 5; $range)", 5),
        ("($f := function($n) { $n = 0 ? 0 : 1 + $f($n - 1) }; $f(1000))", 1000),
    ],
)
def test_an_expression_has_the_value_that_it_has_on_aws(expression: str, value: Any) -> None:
    assert ask(expression, GIVEN) == value


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("$nobody", "returned nothing (undefined)."),
        ("field", "returned nothing (undefined)."),
        ("$", "returned nothing (undefined)."),
        ("function($x) { $x }", "returned an unsupported result type."),
        ("[$sum]", "returned an unsupported result type."),
        ("$eval('1')", "threw an error during evaluation. T1006: Attempted to invoke a non-function"),
        ("$randomSeeded(1)", "threw an error during evaluation. T1006: Attempted to invoke a non-function"),
        (
            "'a' + 1",
            'threw an error during evaluation. T2001: The left side of the "+" operator must evaluate to a number',
        ),
        ("1 / 0", "threw an error during evaluation. D1001: Number out of range: null"),
        ("$error('mine')", "threw an error during evaluation. D3137: mine"),
        (
            "$range(1, 2, 0)",
            'threw an error during evaluation. T0410: Argument 3 of function "range" does not match function signature',
        ),
        ("$pad('', 10000000000)", "threw an error during evaluation. Evaluation takes more than 512 MB of memory"),
    ],
)
def test_what_has_no_value_says_why(expression: str, problem: str) -> None:
    with pytest.raises(QueryError) as failed:
        ask(expression, GIVEN)
    assert str(failed.value) == problem


@pytest.mark.parametrize(
    "expression",
    [
        *("$parse('{')", "$parse('NaN')", "$parse(1)", "$hash('x', 'none')", "$hash(1, 'MD5')", "$uuid(1)"),
        *(
            "$partition([1], 0)",
            "$partition([1], 1.5)",
            "$random('a')",
            "1 +",
            "($f := function($n) { 1 + $f($n) }; $f(1))",
        ),
    ],
)
def test_wrong_arguments_and_syntax_are_errors(expression: str) -> None:
    with pytest.raises(language.EvaluationError):
        language.evaluate(expression, {})


def test_each_evaluation_has_its_own_time() -> None:
    first = ask("$millis()", {})
    ask("1", {})
    wait_for("another time", lambda: ask("$millis()", {}) > first)


@pytest.mark.parametrize(
    "expression", ["($f := function($n) { $f($n + 1) }; $f(1))", "$match('a' & $pad('', 60, 'a') & '!', /(a+)+b/)"]
)
def test_what_takes_too_long_is_ended_and_the_next_is_evaluated(expression: str) -> None:
    module = "emulator.repairs.states.queries.evaluator"
    program = f"import {module} as evaluator; evaluator.SECONDS = 0.1; evaluator.main()"
    questions = [{"expression": text, "variables": {}} for text in (expression, "1 + 1")]
    ended = subprocess.run(
        [sys.executable, "-c", program], input="\n".join(map(json.dumps, questions)), capture_output=True, text=True
    )
    too_long, right = map(json.loads, ended.stdout.splitlines())
    assert too_long["cause"].startswith("D1012: Evaluation timeout after")
    assert right == {"value": 2}


def test_a_process_that_has_ended_is_replaced() -> None:
    process, question = _Process(), json.dumps({"expression": "1 + 1", "variables": {}})
    assert process.ask(question) == {"value": 2}
    assert process._process
    process._process.kill()
    process._process.wait()
    assert process.ask(question)["failed"]
    assert process.ask(question) == {"value": 2}
