"""Which events fit a pattern, and which patterns are none; the right values are EventBridge's documentation's."""

import json
from typing import Any

import pytest
from localstack.aws.api.events import InvalidEventPatternException

from emulator.repairs.events.patterns import Pattern, matches

ORDERS = {"orders": [{"id": 1, "state": "new"}, {"id": 2, "state": "sent"}], "tags": ["red", "blue"], "none": []}


def fits(detail: Any, pattern: Any) -> bool:
    return Pattern({"detail": pattern}).fits({"source": "any", "detail": detail})


@pytest.mark.parametrize(
    ("value", "condition", "expected"),
    [
        # Each kind of JSON is equal to its own only.
        (True, True, True),
        (1, True, False),
        (True, 1, False),
        (0, False, False),
        (1.0, 1, True),
        ("1", 1, False),
        (None, None, True),
        ("", None, False),
        ("a", "a", True),
        ("A", "a", False),
        # Operators.
        (True, {"numeric": [">=", 0]}, False),
        (5, {"numeric": [">", 0, "<=", 5]}, True),
        (5.1, {"numeric": [">", 0, "<=", 5]}, False),
        (300, {"numeric": ["=", 3.0e2]}, True),
        ("5", {"numeric": [">", 0]}, False),
        ("abc", {"prefix": "ab"}, True),
        ("", {"prefix": ""}, True),
        (12, {"prefix": "1"}, False),
        ("ABC", {"prefix": {"equals-ignore-case": "ab"}}, True),
        (12, {"prefix": {"equals-ignore-case": "1"}}, False),
        ("abc", {"suffix": "bc"}, True),
        ("aBC", {"suffix": {"equals-ignore-case": "bC"}}, True),
        ("ABC", {"equals-ignore-case": "abc"}, True),
        ("ABCD", {"equals-ignore-case": "abc"}, False),
        ("10.0.0.7", {"cidr": "10.0.0.0/24"}, True),
        ("10.0.1.7", {"cidr": "10.0.0.0/24"}, False),
        ("here", {"cidr": "10.0.0.0/24"}, False),
        ("2001:db8::1", {"cidr": "2001:db8::/32"}, True),
        # A star is for any number of letters, none among them.
        ("ab", {"wildcard": "a*b"}, True),
        ("a\nb", {"wildcard": "a*b"}, True),
        ("", {"wildcard": "*"}, True),
        ("a.b", {"wildcard": "a.b"}, True),
        ("axb", {"wildcard": "a.b"}, False),
        ("a*b", {"wildcard": "a\\*b"}, True),
        ("axb", {"wildcard": "a\\*b"}, False),
        ("a\\b", {"wildcard": "a\\\\b"}, True),
        ("a*xyz", {"wildcard": "a\\**z"}, True),
        (5, {"wildcard": "*"}, False),
        # Anything but.
        ("a", {"anything-but": "a"}, False),
        ("b", {"anything-but": ["a", 1]}, True),
        (True, {"anything-but": [1]}, True),
        (1.0, {"anything-but": 1}, False),
        (None, {"anything-but": "a"}, True),
        ("abc", {"anything-but": {"prefix": "ab"}}, False),
        ("abc", {"anything-but": {"prefix": ["x", "ab"]}}, False),
        ("abc", {"anything-but": {"suffix": "x"}}, True),
        ("ABC", {"anything-but": {"equals-ignore-case": ["abc", "d"]}}, False),
        ("lib/a.py", {"anything-but": {"wildcard": "*/a*"}}, False),
        (5, {"anything-but": {"prefix": "5"}}, True),
        # Presence.
        (None, {"exists": True}, True),
        (0, {"exists": False}, False),
    ],
)
def test_a_value_passes_a_condition(value: Any, condition: Any, expected: bool) -> None:
    assert fits({"field": value}, {"field": [condition]}) is expected
    assert fits({"field": ["other", value]}, {"field": [condition]}) is (expected or condition_takes_other(condition))


def condition_takes_other(condition: Any) -> bool:
    return fits({"field": "other"}, {"field": [condition]})


@pytest.mark.parametrize(
    ("detail", "pattern", "expected"),
    [
        ({}, {"a": [{"exists": False}]}, True),
        ({"a": {"b": 1}}, {"a": [{"exists": False}]}, True),  # only leaves exist
        ({"a": {"b": 1}}, {"a": [{"exists": True}]}, False),
        (ORDERS, {"none": [{"exists": False}]}, True),
        ({}, {"a": ["x", {"exists": False}]}, True),
        ({"a": "x"}, {"a": ["x", {"exists": False}]}, True),
        ({"a": "y"}, {"a": ["x", {"exists": False}]}, False),
        ({}, {"a": [{"anything-but": "x"}]}, False),
        (ORDERS, {"tags": ["blue"]}, True),
        (ORDERS, {"orders": {"id": [1], "state": ["new"]}}, True),
        (ORDERS, {"orders": {"id": [1], "state": ["sent"]}}, False),  # no single order has both
        (ORDERS, {"orders": {"id": [2]}, "tags": ["red"]}, True),
        ({"a": [[{"b": 1, "c": 2}], [{"b": 3, "c": 4}]]}, {"a": {"b": [1], "c": [2]}}, True),
        ({"a": [[{"b": 1, "c": 2}], [{"b": 3, "c": 4}]]}, {"a": {"b": [1], "c": [4]}}, False),
        ({"a.b": 1}, {"a": {"b": [1]}}, True),
        ({"a": {"b": 1}}, {"a.b": [1]}, True),
        ({"a": 1, "c": 3}, {"$or": [{"a": [2]}, {"c": [3]}]}, True),
        ({"a": 1, "c": 3}, {"a": [2], "$or": [{"c": [3]}, {"c": [4]}]}, False),
        ({"a": 2, "c": 3, "d": 5}, {"a": [2], "$or": [{"c": [3]}, {"c": [4]}], "d": [5]}, True),
        ({"x": {"a": 1}}, {"x": {"$or": [{"a": [1]}, {"$or": [{"b": [1]}, {"c": [1]}]}]}}, True),
    ],
)
def test_fields_are_found_in_objects_and_arrays(detail: Any, pattern: Any, expected: bool) -> None:
    assert fits(detail, pattern) is expected


def test_without_a_pattern_all_events_fit_and_what_is_no_object_fits_none() -> None:
    assert matches(None, {})
    assert not matches('{"a": [1]}', "[1]")


def test_an_event_may_be_given_as_text() -> None:
    assert matches('{"a": ["b"]}', '{"a": "b"}')


INVALID = [
    *("{nope", "[]", '"text"', "{}", '{"source": "text"}', '{"source": []}', '{"source": [["a"]]}', '{"a": {}}'),
    *('{"a": [{}]}', '{"a": [{"nope": 1}]}', '{"a": [{"prefix": "a", "suffix": "b"}]}', '{"a": [{"exists": 1}]}'),
    *('{"a": [{"prefix": 5}]}', '{"a": [{"suffix": null}]}', '{"a": [{"equals-ignore-case": 1}]}'),
    *('{"a": [{"prefix": {"equals-ignore-case": 5}}]}', '{"a": [{"prefix": {}}]}', '{"a": [{"cidr": "10.0.0.0"}]}'),
    *('{"a": [{"numeric": []}]}', '{"a": [{"numeric": ["<"]}]}', '{"a": [{"numeric": ["=", "1"]}]}'),
    *('{"a": [{"numeric": ["=", true]}]}', '{"a": [{"numeric": [">", 5, "<", 1]}]}', '{"a": [{"numeric": "= 1"}]}'),
    *('{"a": [{"wildcard": "a**b"}]}', '{"a": [{"wildcard": "a\\\\b"}]}', '{"a": [{"wildcard": "a\\\\"}]}'),
    *('{"a": [{"anything-but": []}]}', '{"a": [{"anything-but": null}]}', '{"a": [{"anything-but": true}]}'),
    *('{"a": [{"anything-but": [true]}]}', '{"a": [{"anything-but": [{"prefix": "a"}]}]}'),
    *('{"a": [{"anything-but": {"prefix": []}}]}', '{"a": [{"anything-but": {"exists": true}}]}'),
    *('{"$or": {"a": [1]}}', '{"$or": [{"a": [1]}]}', '{"$or": ["a", "b"]}', '{"$or": [{"a": []}, {"b": [1]}]}'),
]


def test_a_text_that_none_may_begin_or_end_with_is_text() -> None:
    for name in ("prefix", "suffix"):
        with pytest.raises(InvalidEventPatternException, match="prefix/suffix match pattern must be a string"):
            matches(f'{{"a": [{{"anything-but": {{"{name}": [null, "x"]}}}}]}}', {})


@pytest.mark.parametrize("pattern", INVALID)
def test_what_aws_refuses_is_no_pattern(pattern: str) -> None:
    with pytest.raises(InvalidEventPatternException, match="Event pattern is not valid"):
        matches(pattern, {})


def test_a_large_event_is_looked_through_at_once() -> None:
    many = [{"id": number, "state": "new"} for number in range(2000)]
    pattern = json.dumps({"detail": {"orders": {"id": [1999], "state": ["new"], "other": [{"exists": False}]}}})
    assert matches(pattern, {"detail": {"orders": many}})


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ({"source": "a", "detail-type": "b"}, True),
        ({"source": "a", "detail-type": "c"}, False),
        ({"source": "a"}, False),
        ({"source": ["x", "a"], "detail-type": "b"}, True),
        ({"source": {"a": "a"}, "detail-type": "b"}, False),
        ({"source": None, "detail-type": "b"}, False),
    ],
)
def test_what_is_plain_fits_whatever_the_event_holds(event: Any, expected: bool) -> None:
    assert matches('{"source": ["a"], "detail-type": ["b"]}', event) is expected
