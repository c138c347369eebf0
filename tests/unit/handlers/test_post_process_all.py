"""postProcessAll: the report of a run."""

import json
from http import HTTPStatus
from threading import Barrier

import pytest

from handlers.keys import failure_key, final_key, report_key
from handlers.post_process_all import lambda_handler
from handlers.shared.events import EventBridgeEvent
from handlers.shared.fetching import UnavailableError
from handlers.shared.storage import PARALLEL_READS
from tests.unit.handlers.fakes import FakeBus, FakeS3
from tests.unit.handlers.samples import CONTEXT, EXECUTION, sample
from tests.unit.handlers.test_keys import NASTY_NAMES


def store(bucket: FakeS3, cookies: dict[str, int]) -> None:
    """Store what each person ate."""
    for name, number in cookies.items():
        bucket.objects[final_key(EXECUTION, name)] = json.dumps({"numberOfCookiesConsumed": number}).encode()


def report_event(names: list[str], outcomes: list[str] | None = None, tolerated: int = 0) -> EventBridgeEvent:
    """The event that asks for the report on these people, all of whom are done if it is not said."""
    answered = outcomes if outcomes is not None else ["done"] * len(names)
    return sample("generate_report", names=names, outcomes=answered, toleratedFailures=tolerated)


def store_failures(bucket: FakeS3, failures: dict[int, str]) -> None:
    """Store who failed, as the state machine does."""
    for number, name in failures.items():
        failure = {"name": name, "error": "OddError", "cause": "an odd cause"}
        bucket.objects[failure_key(EXECUTION, number)] = json.dumps(failure).encode()


def test_the_report_has_the_names_and_the_totals(bus: FakeBus, bucket: FakeS3) -> None:
    store(bucket, {"Bo Diaz": 4, "Ann Lee": 3})
    lambda_handler(sample("generate_report"), CONTEXT)
    assert bucket.stored(f"{EXECUTION}/0-cookies.json") == {
        "names": ["Ann Lee", "Bo Diaz"],
        "numberOfPeople": 2,
        "totalCookiesConsumed": 7,
    }
    assert len(bus.entries) == 1


def test_done_says_where_the_report_is_and_the_totals(bus: FakeBus, bucket: FakeS3) -> None:
    store(bucket, {"Bo Diaz": 4, "Ann Lee": 3})
    lambda_handler(sample("generate_report"), CONTEXT)
    assert bus.entries[0]["DetailType"] == "done"
    added = {key: bus.details[0][key] for key in ("report", "numberOfPeople", "totalCookiesConsumed")}
    assert added == {"report": f"{EXECUTION}/0-cookies.json", "numberOfPeople": 2, "totalCookiesConsumed": 7}


def test_nobody_is_a_report_as_well(bus: FakeBus, bucket: FakeS3) -> None:
    lambda_handler(report_event([]), CONTEXT)
    empty = {"names": [], "numberOfPeople": 0, "totalCookiesConsumed": 0}
    assert bucket.stored(report_key(EXECUTION)) == empty
    assert bus.details[0]["totalCookiesConsumed"] == 0


def test_any_name_comes_out_of_the_report_unchanged(bus: FakeBus, bucket: FakeS3) -> None:
    names = ["", *NASTY_NAMES.values()]
    store(bucket, dict.fromkeys(names, 1))
    lambda_handler(report_event(names), CONTEXT)
    report = bucket.stored(report_key(EXECUTION))
    assert (report["names"], report["totalCookiesConsumed"]) == (names, len(names))
    assert bus.details[0]["names"] == names


def test_the_largest_run_fits_an_event(bus: FakeBus, bucket: FakeS3) -> None:
    names = [f"Dr. Christopher Montgomery-Richardson {number:04}" for number in range(2500)]
    store(bucket, dict.fromkeys(names, 9))
    lambda_handler(report_event(names), CONTEXT)
    assert bus.details[0]["totalCookiesConsumed"] == 22_500


@pytest.mark.parametrize("status", [HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN])
def test_a_missing_person_is_an_error_that_names_person_and_key(
    bus: FakeBus, bucket: FakeS3, status: HTTPStatus
) -> None:
    store(bucket, {"Ann Lee": 3})
    bucket.missing_status = status
    lambda_handler(report_event(["Ann Lee", "Bo/Diaz"]), CONTEXT)
    failure = bus.failure
    assert failure["error"] == "MissingPersonError"
    assert failure["message"].startswith(f"'Bo/Diaz' has no result at {final_key(EXECUTION, 'Bo/Diaz')}")
    assert report_key(EXECUTION) not in bucket.objects


def test_who_failed_is_missing_in_the_report_with_the_reason(bus: FakeBus, bucket: FakeS3) -> None:
    store(bucket, {"Ann Lee": 3, "Bo Diaz": 4})
    store_failures(bucket, {1: "Bo Diaz"})
    lambda_handler(report_event(["Ann Lee", "Bo Diaz"], ["done", "failed"], tolerated=50), CONTEXT)
    assert bucket.stored(report_key(EXECUTION)) == {
        "names": ["Ann Lee"],
        "numberOfPeople": 1,
        "totalCookiesConsumed": 3,
        "missing": [{"name": "Bo Diaz", "error": "OddError", "cause": "an odd cause"}],
    }
    assert bus.entries[0]["DetailType"] == "done"


@pytest.mark.parametrize(
    ("failed", "tolerated", "succeeds"), [(1, 0, False), (1, 9, False), (1, 10, True), (10, 100, True)]
)
def test_a_run_succeeds_while_no_larger_share_fails_than_is_tolerated(
    bus: FakeBus, bucket: FakeS3, failed: int, tolerated: int, succeeds: bool
) -> None:
    names = [f"Ann {number}" for number in range(10)]
    store(bucket, dict.fromkeys(names, 1))
    store_failures(bucket, dict(enumerate(names[:failed])))
    lambda_handler(report_event(names, ["failed"] * failed + ["done"] * (10 - failed), tolerated), CONTEXT)
    assert (bus.entries[0]["DetailType"] == "done") is succeeds
    assert (report_key(EXECUTION) in bucket.objects) is succeeds


def test_too_many_failures_are_an_error_that_tells_of_the_first(bus: FakeBus, bucket: FakeS3) -> None:
    store_failures(bucket, {0: "Ann Lee", 1: "Bo Diaz"})
    lambda_handler(report_event(["Ann Lee", "Bo Diaz"], ["failed", "failed"], tolerated=20), CONTEXT)
    assert bus.failure["error"] == "TooManyFailuresError"
    assert bus.failure["message"] == (
        "2 of 2 people failed, 20 % are tolerated; the first was 'Ann Lee': OddError: an odd cause"
    )


def test_a_second_event_that_comes_after_a_late_result_makes_the_same_report(bus: FakeBus, bucket: FakeS3) -> None:
    store(bucket, {"Ann Lee": 3})
    store_failures(bucket, {1: "Bo Diaz"})
    event = report_event(["Ann Lee", "Bo Diaz"], ["done", "failed"], tolerated=50)
    lambda_handler(event, CONTEXT)
    first = bucket.objects[report_key(EXECUTION)]
    store(bucket, {"Bo Diaz": 4})
    lambda_handler(event, CONTEXT)
    assert bucket.objects[report_key(EXECUTION)] == first


def test_as_many_outcomes_as_names_are_needed(bus: FakeBus, bucket: FakeS3) -> None:
    lambda_handler(report_event(["Ann Lee"], []), CONTEXT)
    assert bus.failure["error"] == "DetailError"
    assert "0 outcomes, 1 names" in bus.failure["message"]


@pytest.mark.usefixtures("bus")
def test_another_answer_of_s3_stays_what_it_is(bucket: FakeS3) -> None:
    bucket.missing_status = HTTPStatus.SERVICE_UNAVAILABLE
    with pytest.raises(UnavailableError, match="503"):
        lambda_handler(sample("generate_report"), CONTEXT)


def test_people_are_read_in_parallel(bus: FakeBus, bucket: FakeS3, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"Ann {number}" for number in range(PARALLEL_READS)]
    store(bucket, dict.fromkeys(names, 1))
    everyone_is_read = Barrier(PARALLEL_READS, timeout=10)
    answer = bucket.answer

    def answer_with_the_others(key: str) -> tuple[HTTPStatus, bytes]:
        everyone_is_read.wait()
        return answer(key)

    monkeypatch.setattr(bucket, "answer", answer_with_the_others)
    lambda_handler(report_event(names), CONTEXT)
    assert bus.details[0]["totalCookiesConsumed"] == PARALLEL_READS
