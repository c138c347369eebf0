"""Whatever is in an event: a handler answers it, `done` or `failed`, and never with more than it may."""

import json
from http import HTTPStatus
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from handlers import get_multiple, post_process_all, post_process_single, process_single
from handlers.keys import basic_key, failure_key, final_key, safe
from handlers.shared.events import EventBridgeEvent
from handlers.shared.invocation import Handler
from tests.unit.handlers.fakes import FakeBus, FakeS3, FakeWeb
from tests.unit.handlers.samples import CONTEXT, sample

SCALARS = some.none() | some.booleans() | some.integers() | some.floats(allow_nan=False) | some.text()
JSON = some.recursive(SCALARS, lambda inner: some.lists(inner) | some.dictionaries(some.text(), inner), max_leaves=10)
STARTS = some.fixed_dictionaries({}, optional={"people": JSON | some.integers(-2, 30), "seed": JSON})
DETAILS = some.fixed_dictionaries(
    {"TaskToken": some.just("token")},
    optional={
        "execution": JSON,
        "start": JSON | STARTS,
        "name": JSON,
        "names": JSON | some.lists(some.text()),
        "outcomes": JSON | some.lists(some.sampled_from(["done", "failed"])),
        "toleratedFailures": JSON | some.integers(0, 100),
        "profile": JSON | some.just("https://bucket.test/profile"),
        "failure": JSON,
        "meta": JSON,
    },
)
ANSWERS = {
    "getMultiple": (get_multiple.lambda_handler, {"done", "failed"}),
    "processSingle": (process_single.lambda_handler, {"getUserCookies", "failed"}),
    "postProcessSingle": (post_process_single.lambda_handler, {"done", "failed"}),
    "postProcessAll": (post_process_all.lambda_handler, {"done", "failed"}),
}

# The fakes are made anew for each example by hand.
many_times = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


class GenerousS3(FakeS3):
    """A bucket in which everyone has a result, or failed."""

    def answer(self, key: str) -> tuple[HTTPStatus, bytes]:
        content = {"numberOfCookiesConsumed": 1, "name": "Ann Lee", "error": "OddError", "cause": ""}
        return HTTPStatus.OK, json.dumps(content).encode()


@pytest.mark.parametrize(("handler", "answers"), ANSWERS.values(), ids=ANSWERS)
@many_times
@given(detail=DETAILS)
def test_any_detail_is_answered_once(
    monkeypatch: pytest.MonkeyPatch, web: FakeWeb, handler: Handler, answers: set[str], detail: dict[str, Any]
) -> None:
    bus = FakeBus()
    monkeypatch.setattr("handlers.shared.emit.EVENTS", bus)
    web.bucket = GenerousS3("the-bucket")
    monkeypatch.setattr("handlers.shared.storage.S3", web.bucket)
    web.pages["profile"] = b'{"name": "Ann Lee"}'
    event: EventBridgeEvent = {**sample("get_users"), "detail": detail}
    handler(event, CONTEXT)
    (entry,) = bus.entries
    assert entry["DetailType"] in answers
    assert bus.details[0]["TaskToken"] == "token"
    assert bus.details[0]["meta"]["causationId"] == event["id"]


@given(one=some.text(), other=some.text())
def test_no_two_names_share_a_key(one: str, other: str) -> None:
    assert (safe(one) == safe(other)) == (one == other)


@given(name=some.text(some.characters(exclude_categories=[])))
def test_the_key_of_any_name_is_one_plain_part_of_a_path(name: str) -> None:
    for key in (basic_key("run", name), final_key("run", name)):
        assert key.count("/") == 1
        assert key.isascii()
        assert key.isprintable()
        assert len(key) < 200
        assert key != failure_key("run", 0)
