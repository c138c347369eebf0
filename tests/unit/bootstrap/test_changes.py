"""How what is and what should be are compared."""

import pytest

from bootstrap.changes import Action, Difference, compare, differences
from bootstrap.resources.log_group import LogGroup
from tests.unit.bootstrap.fake_account import FakeAccount

GROUP = LogGroup("/aws/lambda/sideEffect", retention_days=1, stack="cookies")


def test_equal_values_do_not_differ() -> None:
    assert list(differences({"a": [1, {"b": None}]}, {"a": [1, {"b": None}]})) == []


@pytest.mark.parametrize(
    ("actual", "desired", "found"),
    [
        ({"a": 1}, {"a": 2}, Difference(("a",), 1, 2)),
        ({}, {"a": 2}, Difference(("a",), None, 2)),
        ({"a": 1}, {}, Difference(("a",), 1, None)),
        ({"a": {"b": 1, "c": 3}}, {"a": {"b": 2, "c": 3}}, Difference(("a", "b"), 1, 2)),
        ({"a": [1]}, {"a": [1, 2]}, Difference(("a",), [1], [1, 2])),
        ({"a": None}, {"a": {"b": 1}}, Difference(("a",), None, {"b": 1})),
    ],
)
def test_a_difference_is_found_where_it_is(
    actual: dict[str, object], desired: dict[str, object], found: Difference
) -> None:
    assert list(differences(actual, desired)) == [found]


def test_what_does_not_exist_is_to_be_created(account: FakeAccount) -> None:
    assert compare(GROUP, account.clients).action is Action.CREATED


def test_a_name_that_only_begins_alike_is_another_resource(account: FakeAccount) -> None:
    LogGroup("/aws/lambda/sideEffectOfSomeoneElse", retention_days=1, stack="cookies").create(account.clients)
    assert compare(GROUP, account.clients).action is Action.CREATED


def test_what_differs_is_to_be_updated_and_the_reason_is_known(account: FakeAccount) -> None:
    LogGroup(GROUP.name, retention_days=7, stack="cookies").create(account.clients)
    change = compare(GROUP, account.clients)
    assert (change.action, change.differences) == (Action.UPDATED, (Difference(("retention",), 7, 1),))


def test_what_is_as_it_should_be_is_unchanged(account: FakeAccount) -> None:
    GROUP.create(account.clients)
    assert compare(GROUP, account.clients).action is Action.UNCHANGED
