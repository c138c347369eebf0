"""Task tokens say which machine they are of."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.iam.setting import SETTING, is_enforced
from emulator.iam.tokens import machine_of, token_of


@given(st.uuids(), st.text(min_size=1))
def test_a_token_says_its_machine(identifier: uuid.UUID, name: str) -> None:
    arn = f"arn:aws:states:us-east-1:000000000000:stateMachine:{name}"
    assert machine_of(token_of(str(identifier), arn)) == arn


@given(st.text())
def test_any_other_text_says_none_or_something_else_than_a_machine(text: str) -> None:
    assert not (machine_of(text) or "").startswith("arn:aws:states:")


@pytest.mark.parametrize(("value", "enforced"), [(None, True), ("enforce", True), ("off", False)])
def test_policies_count_unless_the_setting_says_otherwise(
    monkeypatch: pytest.MonkeyPatch, value: str | None, enforced: bool
) -> None:
    monkeypatch.delenv(SETTING, raising=False)
    if value:
        monkeypatch.setenv(SETTING, value)
    assert is_enforced() is enforced
