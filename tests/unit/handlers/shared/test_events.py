"""How a value is read from an event's detail."""

import pytest

from handlers.shared.events import DetailError, read
from tests.unit.handlers.samples import sample


def test_a_value_of_the_right_kind_is_read() -> None:
    assert read(sample("get_user_profile", name=""), "name", str) == ""


@pytest.mark.parametrize("value", [None, 7, ["Ann Lee"]])
def test_a_value_of_another_kind_is_an_error_that_names_event_key_and_value(value: object) -> None:
    event = sample("get_user_profile", name=value)
    with pytest.raises(DetailError) as caught:
        read(event, "name", str)
    for part in ("detail.name", "getUserProfile", event["id"], repr(value), "not a str"):
        assert part in str(caught.value)


def test_a_missing_value_is_an_error() -> None:
    with pytest.raises(DetailError, match=r"detail\.names of the getUsers event .* is None, not a list"):
        read(sample("get_users"), "names", list)


def test_an_error_shows_only_the_beginning_of_a_long_value() -> None:
    with pytest.raises(DetailError) as caught:
        read(sample("get_users", start="x" * 10_000), "start", dict)
    assert len(str(caught.value)) < 400
