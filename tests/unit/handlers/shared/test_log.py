"""What a line of the log looks like."""

import json

import pytest

from handlers.shared.log import LogLevelError, log
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


def test_a_line_says_which_item_it_is_about(capsys: pytest.CaptureFixture[str]) -> None:
    log(sample("get_user_profile"), "seen")
    assert json.loads(capsys.readouterr().out)["name"] == "Ann Lee"


@pytest.mark.parametrize(
    ("variables", "written"),
    [
        ({}, ["INFO", "WARNING", "ERROR"]),
        ({"LOG_LEVEL": "debug"}, ["DEBUG", "INFO", "WARNING", "ERROR"]),
        ({"LOG_LEVEL": "WARN"}, ["WARNING", "ERROR"]),
        ({"AWS_LAMBDA_LOG_LEVEL": "Error"}, ["ERROR"]),
        ({"LOG_LEVEL": "INFO", "AWS_LAMBDA_LOG_LEVEL": "FATAL"}, ["INFO", "WARNING", "ERROR"]),
    ],
)
def test_lines_below_the_functions_level_are_not_written(
    variables: dict[str, str], written: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    for level in ("DEBUG", "INFO", "WARNING", "ERROR"):
        log(sample("get_users"), "seen", level=level)
    assert [json.loads(line)["level"] for line in capsys.readouterr().out.splitlines()] == written


def test_a_line_of_a_level_of_ones_own_is_written(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOG_LEVEL", "ERROR")
    log(sample("get_users"), "seen", level="NOTICE")
    assert json.loads(capsys.readouterr().out)["level"] == "NOTICE"


def test_a_level_that_does_not_exist_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_LEVEL", "loud")
    with pytest.raises(LogLevelError, match="LOG_LEVEL is 'loud': give one of TRACE, DEBUG, INFO"):
        log(sample("get_users"), "seen")
