"""processSingle: the profile of a person."""

import pytest

from handlers.keys import basic_key
from handlers.process_single import lambda_handler
from tests.unit.handlers.fakes import FakeBus, FakeS3
from tests.unit.handlers.samples import CONTEXT, EXECUTION, sample
from tests.unit.handlers.test_keys import NASTY_NAMES


def test_a_profile_is_stored_and_its_url_passed_on(bus: FakeBus, bucket: FakeS3) -> None:
    lambda_handler(sample("get_user_profile"), CONTEXT)
    profile = bucket.stored(f"{EXECUTION}/basic-Ann Lee.json")
    assert profile.keys() == {"name", "company", "city"}
    assert profile["name"] == "Ann Lee"
    assert bus.entries[0]["DetailType"] == "getUserCookies"
    assert "basic-Ann%20Lee.json?X-Amz-Expires=900" in bus.details[0]["profile"]


@pytest.mark.parametrize("name", ["", *NASTY_NAMES.values()], ids=["empty", *NASTY_NAMES])
def test_any_name_is_looked_up_and_comes_out_unchanged(bus: FakeBus, bucket: FakeS3, name: str) -> None:
    lambda_handler(sample("get_user_profile", name=name), CONTEXT)
    assert bucket.stored(basic_key(EXECUTION, name))["name"] == name
    assert bus.details[0]["name"] == name


def test_the_same_event_gives_the_same_profile_again(bus: FakeBus, bucket: FakeS3) -> None:
    lambda_handler(sample("get_user_profile"), CONTEXT)
    first = dict(bucket.objects)
    lambda_handler(sample("get_user_profile"), CONTEXT)
    assert bucket.objects == first
    one, other = ({**detail, "meta": None} for detail in bus.details)
    assert one == other


def test_the_same_seed_gives_the_same_profile_in_another_execution(bus: FakeBus, bucket: FakeS3) -> None:
    for execution in ("one", "other"):
        lambda_handler(sample("get_user_profile", execution=execution, start={"seed": 7}), CONTEXT)
    assert bucket.stored("one/basic-Ann Lee.json") == bucket.stored("other/basic-Ann Lee.json")
    assert len(bus.entries) == 2


def test_two_people_have_different_profiles(bus: FakeBus, bucket: FakeS3) -> None:
    for name in ("Ann Lee", "Bo Diaz"):
        lambda_handler(sample("get_user_profile", name=name), CONTEXT)
    ann, bo = (bucket.stored(basic_key(EXECUTION, name)) for name in ("Ann Lee", "Bo Diaz"))
    assert (ann["company"], ann["city"]) != (bo["company"], bo["city"])
    assert len(bus.entries) == 2
