"""What nobody should send: one clear line, or a FAILED with a clear cause."""

import json
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import boto3
import pytest

from bootstrap.clients import Clients
from handlers.keys import final_key
from testkit.waiting import wait_for
from tests.e2e.bus import Bus
from tests.e2e.runs import Runs

# Makes a URL that is good for so many seconds.
Signed = Callable[[int], str]

BAD_STARTS: dict[str, tuple[dict[str, Any], str, str]] = {
    "negative": ({"people": -1}, "PeopleError", "people of the start event is -1"),
    "a fraction": ({"people": 2.5}, "PeopleError", "people of the start event is 2.5"),
    "a million": ({"people": 1_000_000}, "PeopleError", "people of the start event is 1000000"),
    "text": ({"people": "3"}, "PeopleError", "people of the start event is '3'"),
    "truth": ({"people": True}, "PeopleError", "people of the start event is True"),
    "a seed that is a list": ({"people": 1, "seed": [1]}, "SeedError", "seed of the start event is [1]"),
}
NAMES = {
    "empty": "",
    "long": "x" * 1000,
    "slash": "../../etc/passwd",
    "quotes": '\'; DROP TABLE "cookies"; --',
    "shell": "$(reboot) `reboot` | & ;",
    "HTML": "<script>alert(1)</script>",
    "emoji": "👩‍🍳🍪",
    "right to left": "\u202eמוישה כהן",
    "control": "a\nb\tc\x1b[31m",
    "format": "{}",
}


@pytest.fixture(scope="module")
def bad_runs(sandbox: Clients) -> dict[str, str]:
    """A run for each bad start event, all at once."""
    runs = Runs(sandbox)
    return {name: runs.start(**detail) for name, (detail, _error, _message) in BAD_STARTS.items()}


@pytest.mark.parametrize("name", BAD_STARTS)
def test_a_start_event_that_asks_for_the_impossible_fails_its_run(
    runs: Runs, bad_runs: dict[str, str], name: str
) -> None:
    _detail, error, message = BAD_STARTS[name]
    run = runs.fail(bad_runs[name])
    assert (run.error, run.failure["function"]) == (error, "getMultiple")
    assert run.failure["message"].startswith(message)


@pytest.mark.parametrize("detail", ["[1]", '"text"', "7", "null", "{", "{}}"])
def test_a_detail_that_is_not_an_object_does_not_reach_the_bus(sandbox: Clients, detail: str) -> None:
    answer = sandbox.events.put_events(Entries=[{"Source": "project", "DetailType": "start", "Detail": detail}])
    assert answer["FailedEntryCount"] == 1
    assert answer["Entries"][0]["ErrorCode"] == "MalformedDetail"


def by_hand(**detail: Any) -> dict[str, Any]:
    """The detail of an event that no state machine has put on the bus."""
    job = f"by-hand-{uuid.uuid4()}"
    return {"TaskToken": "nobody's", "job": job, "execution": job, "start": {}, **detail}


def test_any_name_goes_through_and_is_stored_below_its_run_alone(sandbox: Clients, runs: Runs, bus: Bus) -> None:
    detail = by_hand()
    job = detail["job"]
    for name in [*NAMES.values(), *NAMES.values()]:
        bus.put("getUserProfile", {**detail, "name": name})
    done = bus.wait_for(job, "done", 2 * len(NAMES))
    assert {event["detail"]["name"] for event in done} == set(NAMES.values())
    keys = runs.keys(job)
    assert len(keys) == 2 * len(NAMES), "duplicates are stored once"
    assert {f"{job}/{key}" for key in keys} >= {final_key(job, name) for name in NAMES.values()}
    for name in NAMES.values():
        body = sandbox.s3.get_object(Bucket=sandbox.bucket, Key=final_key(job, name))["Body"]
        assert json.load(body)["name"] == name


@pytest.mark.parametrize("name", [None, 7, ["Ann Lee"], {"name": "Ann Lee"}])
def test_what_is_no_name_is_said_to_be_none(bus: Bus, name: object) -> None:
    detail = by_hand(name=name)
    bus.put("getUserProfile", detail)
    (event,) = bus.wait_for(detail["job"], "failed", 1)
    assert event["detail"]["failure"]["error"] == "DetailError"
    assert f"is {name!r}, not a str" in event["detail"]["failure"]["message"]


class TestAProfileUrl:
    @pytest.fixture
    def key(self, sandbox: Clients) -> str:
        key = f"by-hand-{uuid.uuid4()}/basic-Ann Lee.json"
        sandbox.s3.put_object(Bucket=sandbox.bucket, Key=key, Body=b'{"name": "Ann Lee"}')
        return key

    def failure(self, bus: Bus, url: str) -> str:
        """What comes of an event with a URL: the reason that it failed for."""
        detail = by_hand(name="Ann Lee", profile=url)
        bus.put("getUserCookies", detail)
        (event,) = bus.wait_for(detail["job"], "failed", 1)
        failure = event["detail"]["failure"]
        assert (failure["function"], failure["error"], failure["name"]) == (
            "postProcessSingle",
            "FetchError",
            "Ann Lee",
        )
        message: str = failure["message"]
        return message

    @pytest.fixture
    def signed(self, sandbox: Clients, functions_endpoint: str, key: str) -> Signed:
        """Makes URLs that the functions can read the object with, for so many seconds."""
        session = boto3.Session("test", "test", region_name=sandbox.settings.region)
        s3 = session.client("s3", endpoint_url=functions_endpoint)
        parameters = {"Bucket": sandbox.bucket, "Key": key}
        return lambda seconds: s3.generate_presigned_url("get_object", Params=parameters, ExpiresIn=seconds)

    def test_that_was_tampered_with_is_refused(self, bus: Bus, signed: Signed) -> None:
        url = signed(60)
        assert "answered 403" in self.failure(bus, url[:-1] + ("0" if url[-1] != "0" else "1"))
        assert "answered 403" in self.failure(bus, url.replace("Ann%20Lee", "Bo%20Diaz"))

    def test_that_has_expired_is_refused(self, sandbox: Clients, bus: Bus, key: str, signed: Signed) -> None:
        url = signed(1)
        parameters = {"Bucket": sandbox.bucket, "Key": key}
        twin = sandbox.s3.generate_presigned_url("get_object", Params=parameters, ExpiresIn=1)
        wait_for("the end of both URLs", lambda: status(twin) == HTTPStatus.FORBIDDEN)
        failure = self.failure(bus, url)
        assert "answered 403" in failure
        assert "a signed URL lasts 15 minutes" in failure

    def test_whose_object_is_gone_is_an_error(self, sandbox: Clients, bus: Bus, key: str, signed: Signed) -> None:
        sandbox.s3.delete_object(Bucket=sandbox.bucket, Key=key)
        assert "answered 404" in self.failure(bus, signed(60))

    @pytest.mark.parametrize("url", ["", "file:///etc/passwd", "http://", "no URL"])
    def test_that_is_none_is_an_error(self, bus: Bus, url: str) -> None:
        assert "is not an http or https URL" in self.failure(bus, url)


def status(url: str) -> int:
    """What a URL answers."""
    try:
        with urllib.request.urlopen(url) as response:  # noqa: S310 - an http URL of ours
            return int(response.status)
    except urllib.error.HTTPError as error:
        return error.code
