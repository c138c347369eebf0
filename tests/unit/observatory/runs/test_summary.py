from datetime import UTC, datetime

from observatory.records.history import Timeline
from observatory.runs.following import Snapshot
from observatory.runs.summary import RunSummary

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEYS = ["execution", "job", "status", "seconds", "people", "totalCookiesConsumed", "reportUri", "report"]


def test_what_is_unknown_is_none() -> None:
    assert RunSummary().to_json_object() == dict.fromkeys(KEYS)


def test_keys_come_in_their_documented_order() -> None:
    assert list(RunSummary().to_json_object()) == KEYS


def test_without_a_report_people_are_the_names_that_are_known() -> None:
    def people(timeline: Timeline) -> object:
        return RunSummary(snapshot=Snapshot("RUNNING", NOON, timeline=timeline)).to_json_object()["people"]

    assert people(Timeline()) is None
    assert people(Timeline(names=())) == 0
    assert people(Timeline(names=("Ann Lee", "Bob Ray"))) == 2
