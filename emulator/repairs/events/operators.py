"""What a single value of an event is compared with: the conditions of an event pattern.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html; what that leaves open, as in
https://github.com/aws/event-ruler, by which EventBridge itself finds its rules.
"""

import ipaddress
import operator
import re
from collections.abc import Callable
from typing import Any

type Test = Callable[[Any], bool]

COMPARISONS = {"=": operator.eq, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
IGNORING_CASE = "equals-ignore-case"
WILDCARD_PART = re.compile(r"\\(.)|\*|[^\\*]+", re.DOTALL)


def test_of(condition: Any) -> Test:
    """What a value must pass to fit a valid condition that asks for one."""
    if not isinstance(condition, dict):
        return lambda value: _is_same(value, condition)
    ((name, operand),) = condition.items()
    return TESTS[name](operand)


def _is_same(value: Any, other: Any) -> bool:
    """To JSON, true is not 1, though 1.0 is."""
    return bool(value == other) and isinstance(value, bool) == isinstance(other, bool)


def _exists(_operand: Any) -> Test:
    return lambda _value: True


def _prefix(operand: Any) -> Test:
    return _of_text(operand, str.startswith)


def _suffix(operand: Any) -> Test:
    return _of_text(operand, str.endswith)


def _equals_ignore_case(operand: str) -> Test:
    return _of_text({IGNORING_CASE: operand}, str.__eq__)


def _of_text(operand: Any, compare: Callable[[str, str], bool]) -> Test:
    if isinstance(operand, dict):
        lowered = operand[IGNORING_CASE].lower()
        return lambda value: isinstance(value, str) and compare(value.lower(), lowered)
    return lambda value: isinstance(value, str) and compare(value, operand)


def _anything_but(operand: Any) -> Test:
    if isinstance(operand, dict):
        ((name, given),) = operand.items()
        tests = [TESTS[name](one) for one in (given if isinstance(given, list) else [given])]
    else:
        tests = [test_of(one) for one in (operand if isinstance(operand, list) else [operand])]
    return lambda value: not any(test(value) for test in tests)


def _numeric(operand: list[Any]) -> Test:
    bounds = [(COMPARISONS[name], bound) for name, bound in zip(operand[::2], operand[1::2], strict=True)]
    return lambda value: (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and all(compare(value, bound) for compare, bound in bounds)
    )


def _cidr(operand: str) -> Test:
    network = ipaddress.ip_network(operand)

    def is_in_network(value: Any) -> bool:
        try:
            return isinstance(value, str) and ipaddress.ip_address(value) in network
        except ValueError:
            return False

    return is_in_network


def _wildcard(operand: str) -> Test:
    """A star stands for any number of letters, also for none; a backslash takes its meaning, and that of another."""
    parts = (".*" if part[0] == "*" else re.escape(part[1] or part[0]) for part in WILDCARD_PART.finditer(operand))
    expression = re.compile("".join(parts), re.DOTALL)
    return lambda value: isinstance(value, str) and expression.fullmatch(value) is not None


TESTS: dict[str, Callable[[Any], Test]] = {
    "exists": _exists,
    "prefix": _prefix,
    "suffix": _suffix,
    IGNORING_CASE: _equals_ignore_case,
    "anything-but": _anything_but,
    "numeric": _numeric,
    "cidr": _cidr,
    "wildcard": _wildcard,
}
