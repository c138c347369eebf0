import json
from pathlib import Path

import pytest

from benchmarks.results import Failure, Results
from benchmarks.works import MEBIBYTES, Work, memory_after, warm_run

RUN = warm_run(50, 10)


@pytest.fixture
def results() -> Results:
    return Results(("ours", "theirs"), {"CPU": "a fast one"})


def add(results: Results, work: Work, subject: str, *values: float) -> None:
    for value in values:
        results.add(work, subject, value)


def test_an_outlier_does_not_move_the_median(results: Results) -> None:
    add(results, RUN, "ours", 2.0, 1.0, 90.0)
    assert results.median(RUN, "ours") == 2.0


def test_the_median_of_an_even_number_is_halfway(results: Results) -> None:
    add(results, RUN, "ours", 4.0, 1.0, 2.0, 3.0)
    assert results.median(RUN, "ours") == 2.5


def test_a_ratio_is_that_of_the_medians_not_of_the_means(results: Results) -> None:
    add(results, RUN, "ours", 1.0, 1.0, 100.0)
    add(results, RUN, "theirs", 4.0)
    assert results.ratio(RUN, "ours", "theirs") == 0.25


def test_what_one_did_not_do_has_no_ratio(results: Results) -> None:
    add(results, RUN, "ours", 1.0)
    assert results.median(RUN, "theirs") is None
    assert results.ratio(RUN, "ours", "theirs") is None
    assert results.ratio(warm_run(5, 2), "ours", "theirs") is None


def test_runs_of_other_sizes_are_kept_apart(results: Results) -> None:
    add(results, RUN, "ours", 1.0)
    add(results, warm_run(50, 40), "ours", 3.0)
    assert results.median(RUN, "ours") == 1.0


def test_the_file_holds_every_value_with_its_unit_and_size(results: Results, tmp_path: Path) -> None:
    add(results, memory_after(500, 40), "ours", 900.0, 700.0)
    results.failures.append(Failure("theirs", "warm run", "died"))
    results.write(tmp_path / "results.json", [{"work": "a target", "met": True}])
    written = json.loads((tmp_path / "results.json").read_text())
    (measurement,) = written["measurements"]
    assert measurement.pop("name").startswith("memory")
    assert measurement == {
        "subject": "ours",
        "people": 500,
        "at_a_time": 40,
        "unit": MEBIBYTES,
        "step": "",
        "median": 800.0,
        "values": [900.0, 700.0],
    }
    assert written["machine"] == {"CPU": "a fast one"}
    assert written["failures"] == [{"subject": "theirs", "work": "warm run", "error": "died"}]
    assert written["targets"] == [{"work": "a target", "met": True}]
