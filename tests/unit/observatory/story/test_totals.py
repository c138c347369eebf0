"""Totals and costs of a run."""

import pytest

from observatory.story.prices import PRICES
from observatory.story.story import Story
from observatory.story.totals import costs, percentile, totals
from tests.unit.observatory.recordings import Recording


@pytest.fixture
def story() -> Story:
    return Recording("succeeded").tell()


def test_each_function_has_its_row(story: Story) -> None:
    rows = {each.function: (each.invocations, each.failed, each.cold_starts) for each in totals(story)}
    assert rows == {
        "getMultiple": (1, 0, 1),
        "processSingle": (3, 0, 1),
        "postProcessSingle": (3, 0, 0),
        "sideEffect": (3, 0, 0),
        "postProcessAll": (1, 0, 0),
    }


def test_failed_tries_count() -> None:
    (row,) = (each for each in totals(Recording("waiting").tell()) if each.function == "postProcessSingle")
    assert (row.invocations, row.failed) == (9, 9)


def test_times_and_memory_are_those_of_the_reports(story: Story) -> None:
    (row,) = (each for each in totals(story) if each.function == "processSingle")
    took = sorted(one.milliseconds or 0 for one in story.invocations if one.function == "processSingle")
    assert (row.p50, row.p95, row.longest) == (took[1], took[2], took[2])
    assert row.memory_used == 52
    billed = sum(one.billed_milliseconds or 0 for one in story.invocations if one.function == "processSingle")
    assert row.gigabyte_seconds == pytest.approx(billed / 1000 * 256 / 1024)


def test_without_a_report_there_are_no_times() -> None:
    recording = Recording("succeeded")
    for lines in recording.logs.values():
        lines[:] = [line for line in lines if "REPORT" not in line["message"]]
    assert {(each.p50, each.longest, each.memory_used) for each in totals(recording.tell())} == {(None, None, None)}


@pytest.mark.parametrize(("percent", "expected"), [(50, 5), (95, 10), (100, 10), (10, 1), (11, 2)])
def test_a_percentile_is_one_of_the_values(percent: int, expected: int) -> None:
    assert percentile(range(1, 11), percent) == expected


def test_the_cost_is_how_much_of_what_there_was(story: Story) -> None:
    lines = {line.what: line for line in costs(story)}
    assert lines.keys() == PRICES.keys()
    amounts = {what: line.amount for what, line in lines.items() if isinstance(line.amount, int)}
    assert amounts == {
        "state transitions": 7,
        "express executions": 5,
        "events": 17,
        "invocations": 11,
        "S3 writes": 7,
        "S3 reads": 9,
    }
    assert lines["state transitions"].dollars == pytest.approx(7 * 0.025 / 1000)
    assert lines["events"].dollars == pytest.approx(17 / 1_000_000)


def test_what_lambda_says_of_a_crash_is_handed_back_and_charged_as_well() -> None:
    recording = Recording("succeeded")
    recording.add_invocation_failure(recording.tell().events[-1].body, "postProcessAll", "r1")
    amounts = {line.what: line.amount for line in costs(recording.tell())}
    assert (amounts["express executions"], amounts["events"]) == (6, 18)


def test_a_large_event_is_charged_for_each_64_kb(story: Story) -> None:
    recording = Recording("succeeded")
    assert recording.ledger
    first = recording.ledger[0]
    first["message"] = first["message"].replace('"detail":{', f'"detail":{{"filling":"{"x" * 64 * 1024}",', 1)
    before, after = ({line.what: line.amount for line in costs(each)} for each in (story, recording.tell()))
    assert after["events"] == before["events"] + 1
