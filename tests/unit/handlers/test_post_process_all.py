"""postProcessAll: the report of a run."""

import json
from threading import Barrier
from typing import Any

import pytest
from botocore.exceptions import ClientError

from handlers.keys import final_key, report_key
from handlers.post_process_all import MissingPersonError, lambda_handler
from handlers.storage import PARALLEL_READS
from tests.unit.handlers.fakes import FakeBus, FakeS3
from tests.unit.handlers.samples import CONTEXT, EXECUTION, sample
from tests.unit.handlers.test_keys import NASTY_NAMES


def store(bucket: FakeS3, cookies: dict[str, int]) -> None:
    """Store what each person ate."""
    for name, number in cookies.items():
        bucket.objects[final_key(EXECUTION, name)] = json.dumps({"numberOfCookiesConsumed": number}).encode()


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
    lambda_handler(sample("generate_report", names=[]), CONTEXT)
    empty = {"names": [], "numberOfPeople": 0, "totalCookiesConsumed": 0}
    assert bucket.stored(report_key(EXECUTION)) == empty
    assert bus.details[0]["totalCookiesConsumed"] == 0


def test_any_name_comes_out_of_the_report_unchanged(bus: FakeBus, bucket: FakeS3) -> None:
    names = ["", *NASTY_NAMES.values()]
    store(bucket, dict.fromkeys(names, 1))
    lambda_handler(sample("generate_report", names=names), CONTEXT)
    report = bucket.stored(report_key(EXECUTION))
    assert (report["names"], report["totalCookiesConsumed"]) == (names, len(names))
    assert bus.details[0]["names"] == names


def test_the_largest_run_fits_an_event(bus: FakeBus, bucket: FakeS3) -> None:
    names = [f"Dr. Christopher Montgomery-Richardson {number:04}" for number in range(2500)]
    store(bucket, dict.fromkeys(names, 9))
    lambda_handler(sample("generate_report", names=names), CONTEXT)
    assert bus.details[0]["totalCookiesConsumed"] == 22_500


@pytest.mark.parametrize("code", ["NoSuchKey", "AccessDenied"])
def test_a_missing_person_is_an_error_that_names_person_and_key(bus: FakeBus, bucket: FakeS3, code: str) -> None:
    store(bucket, {"Ann Lee": 3})
    bucket.missing_code = code
    with pytest.raises(MissingPersonError) as caught:
        lambda_handler(sample("generate_report", names=["Ann Lee", "Bo/Diaz"]), CONTEXT)
    assert str(caught.value).startswith(f"'Bo/Diaz' has no result at {final_key(EXECUTION, 'Bo/Diaz')}")
    assert isinstance(caught.value.__cause__, ClientError)
    assert (bus.requests, report_key(EXECUTION) in bucket.objects) == (0, False)


@pytest.mark.usefixtures("bus")
def test_another_answer_of_s3_stays_what_it_is(bucket: FakeS3) -> None:
    bucket.missing_code = "SlowDown"
    with pytest.raises(ClientError, match="SlowDown"):
        lambda_handler(sample("generate_report"), CONTEXT)


def test_people_are_read_in_parallel(bus: FakeBus, bucket: FakeS3, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"Ann {number}" for number in range(PARALLEL_READS)]
    store(bucket, dict.fromkeys(names, 1))
    everyone_is_read = Barrier(PARALLEL_READS, timeout=10)
    get_object = bucket.get_object

    def get_with_the_others(**request: Any) -> dict[str, Any]:
        everyone_is_read.wait()
        return get_object(**request)

    monkeypatch.setattr(bucket, "get_object", get_with_the_others)
    lambda_handler(sample("generate_report", names=names), CONTEXT)
    assert bus.details[0]["totalCookiesConsumed"] == PARALLEL_READS
