r"""JSONPath that finds what AWS's does: a list where there may be several, however many there are.

LocalStack 4.14.0 takes a value out of its list when a filter or `[*]` has one hit, and fails when a filter has none. It
does not understand `&&`, `||`, `[0,1]`, nor names with letters that are not ASCII. Of what a backslash escapes within
quotes, AWS reads `\"` as these two letters, as an execution recorded on it shows.
https://docs.aws.amazon.com/step-functions/latest/dg/amazon-states-language-paths.html
https://github.com/json-path/JsonPath#what-is-returned-when
https://github.com/localstack/localstack/blob/v4.14.0/tests/aws/services/stepfunctions/v2/scenarios/test_base_scenarios.snapshot.json
"""

import functools
import re
from collections.abc import Callable
from typing import Any

from localstack.services.stepfunctions.asl.component.common.path import result_path
from localstack.services.stepfunctions.asl.component.common.string import string_expression
from localstack.services.stepfunctions.asl.component.intrinsic.argument import argument
from localstack.services.stepfunctions.asl.component.state.state_choice.comparison.operator.implementations import (
    boolean_equals,
    numeric,
    string_operators,
    timestamp_operators,
)
from localstack.services.stepfunctions.asl.eval import states
from localstack.services.stepfunctions.asl.utils import json_path
from localstack.services.stepfunctions.asl.utils.json_path import NoSuchJsonPathError

# A path that leads to one place at most, and its steps.
STEP = re.compile(r"\.([\w-]+)|\[(\d+)\]|\['((?:[^'\\]|\\[^'\\])*)'\]")
PLAIN = re.compile(rf"\$(?:{STEP.pattern})*")
# AWS takes a dot before a bracket for nothing, and does not cut what is no list.
DOTTED_BRACKET = re.compile(r"(?<!\.)\.\[")
CUT_ROOT = re.compile(r"\$\[-?\d*:-?\d*\]")
REMEMBERED_PATHS = 4096

Find = Callable[[str, Any], Any]
extract_with_jsonpath_ng: Find = json_path.extract_json


def find_as_aws() -> None:
    """Look for all paths that way."""
    using = (string_expression, argument, boolean_equals, numeric, string_operators, timestamp_operators, states)
    for module in (json_path, *using):
        module.extract_json = extract
    result_path.parse = _quoting(result_path.parse)


def extract(path: str, data: Any) -> Any:
    """What a path leads to: a value, or a list of all if there may be several.

    Raises:
        NoSuchJsonPathError: The value is not there.
    """
    if PLAIN.fullmatch(path):
        return _walk(path, data)
    query = _compiled(path)
    if query is None:
        return extract_with_jsonpath_ng(path, data)
    found = query.findall(data) if isinstance(data, dict | list) else []
    if not query.singular_query() and not (CUT_ROOT.match(path) and not isinstance(data, list)):
        return found
    if not found:
        raise NoSuchJsonPathError(path, data)
    return found[0]


def _quoting(parse: Callable[[str], Any]) -> Callable[[str], Any]:
    """Name fields in the form in which jsonpath_ng takes all letters."""

    def parse_quoted(path: str) -> Any:
        if PLAIN.fullmatch(path) and not path.isascii():
            path = "$" + "".join(f"['{step}']" if isinstance(step, str) else f"[{step}]" for step in _steps(path))
        return parse(path)

    return parse_quoted


def _walk(path: str, data: Any) -> Any:
    value = data
    for step in _steps(path):
        there = (
            isinstance(value, list) and step < len(value)
            if isinstance(step, int)
            else isinstance(value, dict) and step in value
        )
        if not there:
            raise NoSuchJsonPathError(path, data)
        value = value[step]
    return value


@functools.lru_cache(REMEMBERED_PATHS)
def _steps(path: str) -> tuple[str | int, ...]:
    found = STEP.findall(path)
    return tuple(int(index) if index else name or quoted for name, index, quoted in found)


@functools.lru_cache(REMEMBERED_PATHS)
def _compiled(path: str) -> Any:
    # When the first one is needed: most machines have none.
    import jsonpath

    try:
        return jsonpath.compile(DOTTED_BRACKET.sub("[", path))
    except jsonpath.JSONPathError:
        return None
