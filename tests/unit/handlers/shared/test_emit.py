"""The one place that puts events on the bus."""

import json

import pytest

from handlers.detail_types import DetailType
from handlers.shared import emit
from handlers.shared.invocation import now
from tests.unit.handlers.fakes import FakeBus
from tests.unit.handlers.samples import EXECUTION, INVOCATION, JOB, sample


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that are waited between tries, without waiting."""
    waits: list[float] = []
    monkeypatch.setattr(emit.put.retry, "sleep", waits.append)
    return waits


def test_an_event_goes_to_the_bus_of_the_environment_from_its_source(bus: FakeBus) -> None:
    emit.emit(sample("get_users"), DetailType.DONE, {})
    (entry,) = bus.entries
    assert (entry["EventBusName"], entry["Source"], entry["DetailType"]) == ("the-bus", "project", "done")


def test_the_incoming_detail_is_carried_on_with_keys_that_nobody_knows(bus: FakeBus) -> None:
    event = sample("get_users", unknown={"deep": ["🍪", None]})
    emit.emit(event, DetailType.DONE, {"names": ["Ann Lee"]})
    (detail,) = bus.details
    assert detail.pop("meta")
    assert detail == {**event["detail"], "names": ["Ann Lee"]}


def test_meta_says_what_came_in_what_goes_out_and_why(bus: FakeBus) -> None:
    event = sample("get_users")
    event["account"], event["source"] = "111111111111", "elsewhere"
    emit.emit(event, DetailType.DONE, {})
    meta = bus.details[0]["meta"]
    assert INVOCATION.started_at < meta.pop("emittedAt") <= now()
    assert meta == {
        "incoming": {"account": "111111111111", "source": "elsewhere", "detailType": "getUsers"},
        "outgoing": {"source": "project", "detailType": "done"},
        "fn": "theFunction",
        "stateMachine": "EventdrivenMachine",
        "job": JOB,
        "causationId": event["id"],
        "requestId": INVOCATION.request_id,
        "logStream": INVOCATION.log_stream,
        "startedAt": INVOCATION.started_at,
    }


def test_an_incoming_key_overwrites_nothing_that_is_added(bus: FakeBus) -> None:
    emit.emit(sample("get_users", names="mine", meta={"fn": "mine"}), DetailType.DONE, {"names": ["Ann Lee"]})
    assert bus.details[0]["names"] == ["Ann Lee"]
    assert bus.details[0]["meta"]["fn"] == "theFunction"


def test_the_incoming_event_is_left_as_it_was(bus: FakeBus) -> None:
    event = sample("get_user_cookies")
    emit.emit(event, DetailType.DONE, {"numberOfCookiesConsumed": 3})
    assert event == sample("get_user_cookies")


def test_an_event_that_is_of_no_run_can_be_answered(bus: FakeBus) -> None:
    event = sample("get_users")
    event["detail"] = {}
    emit.emit(event, DetailType.DONE, {})
    assert bus.details[0].keys() == {"meta"}


@pytest.mark.parametrize("code", ["InternalFailure", "ThrottlingException"])
def test_an_entry_that_may_be_taken_later_is_put_again(bus: FakeBus, waits: list[float], code: str) -> None:
    bus.failures = [code, code]
    emit.emit(sample("get_users"), DetailType.DONE, {})
    assert (bus.requests, len(bus.entries), len(waits)) == (3, 1, 2)


def test_an_entry_that_is_never_taken_is_an_error_within_seconds(bus: FakeBus, waits: list[float]) -> None:
    bus.failures = ["ThrottlingException"] * 100
    with pytest.raises(emit.PutEventError, match="did not take the done event: ThrottlingException: not now"):
        emit.emit(sample("get_users"), DetailType.DONE, {})
    assert bus.requests == 6
    assert all(before < after for before, after in zip(waits[::2], waits[2::2], strict=False))
    assert 3 < sum(waits) < 5


def test_waits_are_not_the_same_each_time(bus: FakeBus, waits: list[float]) -> None:
    for _ in range(5):
        bus.failures = ["ThrottlingException"]
        emit.emit(sample("get_users"), DetailType.DONE, {})
    assert len(set(waits)) > 1


@pytest.mark.parametrize("code", ["AccessDeniedException", "MalformedDetail", "NotAuthorizedForSourceException"])
def test_an_entry_that_would_fail_again_is_an_error_at_once(bus: FakeBus, waits: list[float], code: str) -> None:
    bus.failures = [code]
    with pytest.raises(emit.PutEventError, match=f"{code}: not now"):
        emit.emit(sample("get_users"), DetailType.DONE, {})
    assert (bus.requests, waits) == (1, [])


def fill(size: int, detail_type: str = DetailType.GET_USER_COOKIES) -> dict[str, str]:
    """What to add to the sample so that its entry has that many bytes."""
    event = sample("get_users")
    detail = {**event["detail"], "filling": "", "meta": emit.describe(event, detail_type)}
    return {"filling": "x" * (size - len("project" + detail_type + json.dumps(detail)))}


def test_an_event_of_one_megabyte_is_put(bus: FakeBus) -> None:
    emit.emit(sample("get_users"), DetailType.GET_USER_COOKIES, fill(1_048_576))
    assert len(bus.entries) == 1


def test_a_larger_event_is_refused_before_sending_and_says_what_is_large(bus: FakeBus) -> None:
    with pytest.raises(emit.EventSizeError) as caught:
        emit.emit(sample("get_users"), DetailType.GET_USER_COOKIES, fill(1_048_577))
    for part in (
        "the getUserCookies event has 1,048,577 bytes",
        "1,048,576 are allowed",
        "detail.filling alone has 1,04",
    ):
        assert part in str(caught.value)
    assert bus.requests == 0


def test_an_answer_is_no_larger_than_the_input_of_the_machine_that_takes_it(bus: FakeBus) -> None:
    emit.emit(sample("get_users"), DetailType.DONE, fill(261_120, DetailType.DONE))
    with pytest.raises(emit.EventSizeError, match="the done event has 261,121 bytes, 261,120 are allowed"):
        emit.emit(sample("get_users"), DetailType.DONE, fill(261_121, DetailType.DONE))
    assert bus.requests == 1


def test_bytes_are_counted_not_characters(bus: FakeBus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVENT_SOURCE", "pröject")
    with pytest.raises(emit.EventSizeError, match="has 1,048,577 bytes"):
        emit.emit(sample("get_users"), DetailType.GET_USER_COOKIES, fill(1_048_576))
    assert bus.requests == 0


def test_an_event_is_logged(bus: FakeBus, capsys: pytest.CaptureFixture[str]) -> None:
    emit.emit(sample("get_user_profile"), DetailType.GET_USER_COOKIES, {})
    assert json.loads(capsys.readouterr().out) == {
        "level": "INFO",
        "message": "emitted getUserCookies",
        "execution": EXECUTION,
        "job": JOB,
        "function": "theFunction",
        "name": "Ann Lee",
        "eventId": "event-1",
    }
    assert len(bus.entries) == 1


@pytest.mark.usefixtures("waits")
def test_a_further_try_is_logged(bus: FakeBus, capsys: pytest.CaptureFixture[str]) -> None:
    bus.failures = ["InternalFailure"]
    emit.emit(sample("get_users"), DetailType.DONE, {})
    warning = json.loads(capsys.readouterr().out.splitlines()[0])
    assert (warning["level"], warning["job"], warning["attempt"]) == ("WARNING", JOB, 1)
    assert "InternalFailure: not now" in warning["error"]
