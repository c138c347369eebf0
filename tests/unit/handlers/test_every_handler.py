"""What holds for all handlers, one by one and in a run together."""

import json

import pytest

from handlers import get_multiple, post_process_all, post_process_single, process_single, side_effect
from handlers.keys import final_key, report_key
from handlers.shared.invocation import Handler, now
from tests.unit.handlers.fakes import FakeBus, FakeS3, FakeWeb
from tests.unit.handlers.samples import CONTEXT, EXECUTION, SIGNATURE, sample

# Each with its event and with what it adds to the detail.
HANDLERS: dict[str, tuple[Handler, str, set[str]]] = {
    "getMultiple": (get_multiple.lambda_handler, "get_users", {"names"}),
    "processSingle": (process_single.lambda_handler, "get_user_profile", {"profile"}),
    "postProcessSingle": (post_process_single.lambda_handler, "get_user_cookies", {"numberOfCookiesConsumed"}),
    "sideEffect": (side_effect.lambda_handler, "get_user_cookies", set()),
    "postProcessAll": (
        post_process_all.lambda_handler,
        "generate_report",
        {"report", "numberOfPeople", "totalCookiesConsumed"},
    ),
}

every_handler = pytest.mark.parametrize(("handler", "event_name", "adds"), HANDLERS.values(), ids=HANDLERS)


@pytest.fixture(autouse=True)
def stored(bucket: FakeS3, web: FakeWeb) -> None:
    """What the sample events lead to."""
    web.pages["basic-Ann Lee.json"] = b'{"name": "Ann Lee"}'
    for name in ("Ann Lee", "Bo Diaz"):
        bucket.objects[final_key(EXECUTION, name)] = b'{"numberOfCookiesConsumed": 1}'


@every_handler
def test_it_emits_one_event_with_what_came_in_and_what_it_adds(
    bus: FakeBus, handler: Handler, event_name: str, adds: set[str]
) -> None:
    event = sample(event_name, unknown="carried on")
    handler(event, CONTEXT)
    (detail,) = bus.details
    assert detail.keys() == event["detail"].keys() | adds | {"meta"}
    carried_on = event["detail"].keys() - adds - {"meta"}
    assert {key: detail[key] for key in carried_on} == {key: event["detail"][key] for key in carried_on}


@every_handler
def test_an_incoming_key_overwrites_nothing_that_it_adds(
    bus: FakeBus, handler: Handler, event_name: str, adds: set[str]
) -> None:
    handler(sample(event_name, **dict.fromkeys(adds, "mine"), meta="mine"), CONTEXT)
    assert "mine" not in [bus.details[0][key] for key in (*adds, "meta")]


@every_handler
def test_meta_names_the_incoming_event_as_the_cause(
    bus: FakeBus, handler: Handler, event_name: str, adds: set[str]
) -> None:
    event = sample(event_name)
    handler(event, CONTEXT)
    meta = bus.details[0]["meta"]
    assert meta["causationId"] == event["id"]
    assert meta["incoming"]["detailType"] == event["detail-type"]
    assert meta["outgoing"]["detailType"] == bus.entries[0]["DetailType"]


@every_handler
def test_meta_says_which_invocation_emitted_and_when_it_began(
    bus: FakeBus, handler: Handler, event_name: str, adds: set[str]
) -> None:
    before = now()
    handler(sample(event_name), CONTEXT)
    meta = bus.details[0]["meta"]
    assert (meta["requestId"], meta["logStream"]) == (CONTEXT.aws_request_id, CONTEXT.log_stream_name)
    assert before <= meta["startedAt"] <= meta["emittedAt"] <= now()


@every_handler
def test_the_log_begins_with_the_event_that_is_handled(
    bus: FakeBus, handler: Handler, event_name: str, adds: set[str], capsys: pytest.CaptureFixture[str]
) -> None:
    event = sample(event_name)
    handler(event, CONTEXT)
    first = json.loads(capsys.readouterr().out.splitlines()[0])
    assert first["message"] == f"handling {event['detail-type']}"
    assert (first["eventId"], first["requestId"]) == (event["id"], CONTEXT.aws_request_id)
    assert first["startedAt"] == bus.details[0]["meta"]["startedAt"]


@every_handler
def test_the_log_has_neither_token_nor_signature(
    bus: FakeBus, handler: Handler, event_name: str, adds: set[str], capsys: pytest.CaptureFixture[str]
) -> None:
    handler(sample(event_name, TaskToken="t0ken"), CONTEXT)
    printed = capsys.readouterr()
    assert '"emitted ' in printed.out
    assert "t0ken" not in printed.out + printed.err
    assert SIGNATURE not in printed.out + printed.err
    assert bus.details[0]["TaskToken"] == "t0ken"


def run(bus: FakeBus, bucket: FakeS3, web: FakeWeb, execution: str, **start: object) -> dict[str, object]:
    """Hand each handler what the one before it emitted; return the report."""
    web.pages = bucket.objects
    get_multiple.lambda_handler(sample("get_users", execution=execution, start=start), CONTEXT)
    names = bus.details[-1]["names"]
    for name in names:
        process_single.lambda_handler(sample("get_user_profile", execution=execution, start=start, name=name), CONTEXT)
        for handler in (side_effect.lambda_handler, post_process_single.lambda_handler):
            profile = next(detail["profile"] for detail in reversed(bus.details) if "profile" in detail)
            handler(sample("get_user_cookies", execution=execution, start=start, name=name, profile=profile), CONTEXT)
    answered = {"names": names, "outcomes": ["done"] * len(names)}
    post_process_all.lambda_handler(sample("generate_report", execution=execution, start=start, **answered), CONTEXT)
    return bucket.stored(report_key(execution))


def test_the_report_of_a_run_is_the_sum_of_its_people(bus: FakeBus, bucket: FakeS3, web: FakeWeb) -> None:
    report = run(bus, bucket, web, "a run", people=20)
    done = [detail for detail in bus.details if "numberOfCookiesConsumed" in detail]
    assert report["names"] == [detail["name"] for detail in done]
    assert report["numberOfPeople"] == 20
    assert report["totalCookiesConsumed"] == sum(detail["numberOfCookiesConsumed"] for detail in done)


def test_two_runs_with_the_same_seed_have_the_same_report(bus: FakeBus, bucket: FakeS3, web: FakeWeb) -> None:
    one, other, third = (run(bus, bucket, web, str(number), seed=seed) for number, seed in enumerate(("a", "a", "b")))
    assert one == other != third
