"""What a line of the log looks like."""

import json

import pytest

from handlers.shared.log import log
from tests.unit.handlers.samples import EXECUTION, JOB, sample


def test_a_line_is_one_json_object(capsys: pytest.CaptureFixture[str]) -> None:
    log(sample("get_users"), "two\nlines", level="WARNING", people=3)
    line = capsys.readouterr().out
    assert line.count("\n") == 1
    assert json.loads(line) == {
        "level": "WARNING",
        "message": "two\nlines",
        "execution": EXECUTION,
        "job": JOB,
        "function": "theFunction",
        "people": 3,
    }


def test_an_event_that_is_of_no_run_can_be_logged(capsys: pytest.CaptureFixture[str]) -> None:
    event = sample("get_users")
    event["detail"] = {}
    log(event, "seen")
    line = json.loads(capsys.readouterr().out)
    assert (line["level"], line["execution"], line["job"]) == ("INFO", None, None)


def test_half_a_surrogate_pair_can_be_logged(capsys: pytest.CaptureFixture[str]) -> None:
    log(sample("get_users"), "seen", name="\ud83d")
    assert json.loads(capsys.readouterr().out)["name"] == "\ud83d"
