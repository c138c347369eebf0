"""postProcessSingle: the cookies of a person."""

from http import HTTPStatus

import pytest

from handlers.keys import final_key
from handlers.post_process_single import lambda_handler
from tests.unit.handlers.fakes import FakeBus, FakeS3, FakeWeb
from tests.unit.handlers.samples import CONTEXT, EXECUTION, sample
from tests.unit.handlers.test_keys import NASTY_NAMES


@pytest.fixture(autouse=True)
def profile(web: FakeWeb) -> None:
    """The page that the sample event's URL leads to."""
    web.pages["basic-Ann Lee.json"] = b'{"name": "Ann Lee", "company": "Lee Inc", "city": "Leeds"}'


def test_the_cookies_are_stored_with_the_profile_and_passed_on(bus: FakeBus, bucket: FakeS3) -> None:
    lambda_handler(sample("get_user_cookies"), CONTEXT)
    cookies = bus.details[0]["numberOfCookiesConsumed"]
    assert bus.entries[0]["DetailType"] == "done"
    assert bucket.stored(f"{EXECUTION}/final-Ann Lee.json") == {
        "name": "Ann Lee",
        "company": "Lee Inc",
        "city": "Leeds",
        "numberOfCookiesConsumed": cookies,
    }


@pytest.mark.usefixtures("bucket")
def test_the_profile_comes_from_the_url_of_the_event(bus: FakeBus, web: FakeWeb) -> None:
    lambda_handler(sample("get_user_cookies"), CONTEXT)
    assert (len(web.requests), len(bus.entries)) == (1, 1)


@pytest.mark.usefixtures("bucket")
def test_a_person_eats_0_to_9_cookies(bus: FakeBus) -> None:
    for number in range(200):
        lambda_handler(sample("get_user_cookies", name=f"Ann {number}"), CONTEXT)
    assert {detail["numberOfCookiesConsumed"] for detail in bus.details} == set(range(10))


def test_the_same_event_gives_the_same_cookies_again(bus: FakeBus, bucket: FakeS3) -> None:
    for number in range(20):
        lambda_handler(sample("get_user_cookies", name=f"Ann {number}"), CONTEXT)
    first = dict(bucket.objects)
    for number in range(20):
        lambda_handler(sample("get_user_cookies", name=f"Ann {number}"), CONTEXT)
    assert bucket.objects == first
    details = [{**detail, "meta": None} for detail in bus.details]
    assert details[:20] == details[20:]


@pytest.mark.usefixtures("bucket")
def test_the_same_seed_gives_the_same_cookies_in_another_execution(bus: FakeBus) -> None:
    for execution in ("one", "other"):
        for number in range(20):
            event = sample("get_user_cookies", name=f"Ann {number}", execution=execution, start={"seed": 7})
            lambda_handler(event, CONTEXT)
    cookies = [detail["numberOfCookiesConsumed"] for detail in bus.details]
    assert cookies[:20] == cookies[20:]


@pytest.mark.parametrize("name", ["", *NASTY_NAMES.values()], ids=["empty", *NASTY_NAMES])
def test_any_name_is_stored_under_its_own_key(bus: FakeBus, bucket: FakeS3, name: str) -> None:
    lambda_handler(sample("get_user_cookies", name=name), CONTEXT)
    assert list(bucket.objects) == [final_key(EXECUTION, name)]
    assert bus.details[0]["name"] == name


def test_a_url_that_fails_is_an_error_and_nothing_is_stored(bus: FakeBus, bucket: FakeS3, web: FakeWeb) -> None:
    web.status = HTTPStatus.FORBIDDEN
    lambda_handler(sample("get_user_cookies"), CONTEXT)
    assert bus.failure["error"] == "FetchError"
    assert "answered 403 Forbidden" in bus.failure["message"]
    assert bucket.objects == {}
