"""When a condition holds: AWS's operators, qualifiers and suffixes.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
"""

import pytest

from emulator.iam.conditions import OPERATORS, Condition
from emulator.iam.policies import PolicyError, read

ARN = "arn:aws:events:us-east-1:111122223333:rule/some"

CASES = [
    ("StringEquals", ["a", "b"], ["b"], True),
    ("StringEquals", ["a"], ["A"], False),
    ("StringEquals", ["a*"], ["ab"], False),
    ("StringEquals", ["a*"], ["a*"], True),
    ("StringEquals", ["${aws:username}"], ["ana"], True),
    ("StringEquals", ["a"], None, False),
    ("StringEqualsIfExists", ["a"], None, True),
    ("StringEqualsIfExists", ["a"], ["b"], False),
    ("StringNotEquals", ["a", "b"], ["b"], False),
    ("StringNotEquals", ["a", "b"], ["c"], True),
    ("StringNotEquals", ["a"], None, True),
    ("StringEqualsIgnoreCase", ["A"], ["a"], True),
    ("StringNotEqualsIgnoreCase", ["A"], ["a"], False),
    ("StringLike", ["a*c?"], ["abbbcd"], True),
    ("StringLike", ["a*"], ["ba"], False),
    ("StringNotLike", ["a*"], ["ba"], True),
    ("ArnLike", ["arn:aws:events:*:*:rule/*"], [ARN], True),
    ("ArnEquals", [ARN], [ARN], True),
    ("ArnLike", ["arn:aws:*/some"], [ARN], False),
    ("ArnNotLike", ["arn:aws:events:*:*:rule/*"], [ARN], False),
    ("ArnNotEquals", [ARN], ["arn:aws:events:us-east-1:111122223333:rule/other"], True),
    ("NumericEquals", ["10"], ["10.0"], True),
    ("NumericNotEquals", ["10"], ["11"], True),
    ("NumericLessThan", ["10"], ["9"], True),
    ("NumericLessThan", ["10"], ["10"], False),
    ("NumericLessThanEquals", ["10"], ["10"], True),
    ("NumericGreaterThan", ["10"], ["9"], False),
    ("NumericGreaterThanEquals", ["10"], ["10"], True),
    ("NumericEquals", ["10"], ["ten"], False),
    ("DateGreaterThan", ["2020-04-01T00:00:00Z"], ["2026-01-01T00:00:00Z"], True),
    ("DateLessThan", ["2020-06-30T23:59:59Z"], ["2026-01-01T00:00:00+00:00"], False),
    ("DateLessThanEquals", ["1593561599"], ["2020-06-30T23:59:59Z"], True),
    ("DateEquals", ["2020-06-30"], ["2020-06-30T00:00:00Z"], True),
    ("DateNotEquals", ["2020-06-30"], ["2020-06-30T00:00:00Z"], False),
    ("DateGreaterThanEquals", ["2020-06-30"], ["2020-06-30T00:00:00Z"], True),
    ("DateGreaterThan", ["soon"], ["2020-06-30T00:00:00Z"], False),
    ("Bool", ["true"], ["true"], True),
    ("Bool", ["false"], ["true"], False),
    ("Bool", ["true"], None, False),
    ("BoolIfExists", ["true"], None, True),
    ("BinaryEquals", ["QmluYXJ5"], ["QmluYXJ5"], True),
    ("IpAddress", ["203.0.113.0/24"], ["203.0.113.9"], True),
    ("IpAddress", ["203.0.113.0/24", "2001:db8::/32"], ["2001:db8::7"], True),
    ("IpAddress", ["203.0.113.0/24"], ["203.0.114.9"], False),
    ("NotIpAddress", ["203.0.113.0/24"], ["203.0.114.9"], True),
    ("Null", ["true"], None, True),
    ("Null", ["true"], ["a"], False),
    ("Null", ["false"], ["a"], True),
    ("ForAllValues:StringEquals", ["a", "b"], ["a", "b"], True),
    ("ForAllValues:StringEquals", ["a", "b"], ["a", "c"], False),
    ("ForAllValues:StringEquals", ["a"], None, True),
    ("ForAnyValue:StringEquals", ["a", "b"], ["a", "c"], True),
    ("ForAnyValue:StringEquals", ["a"], ["c"], False),
    ("ForAnyValue:StringEquals", ["a"], None, False),
    ("ForAnyValue:StringNotEquals", ["a"], ["a", "c"], True),
    ("ForAllValues:StringLikeIfExists", ["a*"], ["ab", "ac"], True),
    ("forallvalues:stringlike", ["a*"], ["ab", "ac"], True),
]


@pytest.mark.parametrize(("operator", "wanted", "found", "holds"), CASES)
def test_a_condition_holds_as_on_aws(operator: str, wanted: list[str], found: list[str] | None, holds: bool) -> None:
    values = {"aws:username": ("ana",)} | ({"key": tuple(found)} if found is not None else {})
    assert Condition(operator, "key", tuple(wanted)).holds(values) is holds


def test_each_operator_has_a_case() -> None:
    assert {*OPERATORS, "Null"} <= {operator for operator, *_ in CASES}


def test_an_operator_that_aws_does_not_know_is_named() -> None:
    document = '{"Statement": {"Effect": "Allow", "Action": "*", "Condition": {"StringIs": {"aws:username": "a"}}}}'
    with pytest.raises(PolicyError, match="'StringIs': AWS knows StringEquals"):
        read(document)
