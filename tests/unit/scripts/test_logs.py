"""What `scripts/logs.py` prints of a line, and what it refuses."""

from datetime import UTC, datetime

import pytest

from observatory.records.log_lines import LogLine
from scripts import reading
from scripts.logs import main, readable
from tests.unit.observatory.recordings import Recording

LINE = LogLine(
    "lookUp", datetime(2026, 11, 24, 10, 3, 22, 5000, UTC), "WARNING", "look\x1b", {"a": "b", "c": [1]}, item="Ann"
)


def test_a_line_says_when_who_about_whom_how_bad_and_what() -> None:
    said = readable(LINE, "cyan", 8).plain
    assert said.split() == ["10:03:22.005", "lookUp", "Ann", "WARNING", "look?", "a=b", "c=[1]"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--level", "loud"], "argument --level: 'loud' is no level: give one of TRACE, DEBUG, INFO"),
    ],
)
def test_wrong_usage_is_one_line(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert said in capsys.readouterr().err


def test_a_function_that_the_stack_has_not_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["getMultipel"]) == 2
    assert capsys.readouterr().err.endswith("has no function getMultipel: did you mean getMultiple?\n")


def test_where_nothing_listens_that_is_said(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    assert main(["getMultiple"]) == 2
    printed = capsys.readouterr().err
    assert (printed.count("\n"), "nothing listens at http://127.0.0.1:9" in printed) == (1, True)


def test_an_empty_id_is_no_run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "Clients", lambda _settings: Recording("succeeded").clients)
    assert main(["--run", ""]) == 1
    assert "logs: the id of the run is empty: give one" in capsys.readouterr().err
