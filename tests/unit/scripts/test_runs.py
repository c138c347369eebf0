"""`scripts/runs.py`: what it lists and does, and its exit statuses."""

import json
import os

import pytest

from scripts import reading, runs
from tests.unit.observatory.recordings import Recording


@pytest.fixture(autouse=True)
def recording(monkeypatch: pytest.MonkeyPatch) -> Recording:
    recording = Recording("succeeded")
    monkeypatch.setattr(reading, "Clients", lambda _settings: recording.clients)
    for variable in ("COLUMNS", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(variable, raising=False)
    return recording


def test_a_run_is_a_row_with_its_figures_and_its_trend(
    recording: Recording, capsys: pytest.CaptureFixture[str]
) -> None:
    assert runs.main([]) == 0
    heads, row, count = capsys.readouterr().out.splitlines()
    assert heads.split()[:4] == ["run", "machine", "status", "started"]
    assert row.split()[:8] == [
        recording.job[:8],
        "EventdrivenMachine",
        "SUCCEEDED",
        "11-24",
        "19:38:43",
        "2.83",
        "█",
        "3",
    ]
    assert row.rstrip().endswith("people: 3, seed: x")
    assert count == "1 run"


def test_of_those_that_failed_the_cause_is_shown(recording: Recording, capsys: pytest.CaptureFixture[str]) -> None:
    assert runs.main(["--failed"]) == 0
    assert capsys.readouterr().out == "0 of 1 run\n"
    recording.execution |= {"status": "FAILED", "error": "An.Error", "cause": "of\nsome \x1b kind"}
    assert runs.main(["--failed", "--error", "some"]) == 0
    assert "An.Error: of some ? kind" in capsys.readouterr().out


def test_json_is_what_the_page_gets(recording: Recording, capsys: pytest.CaptureFixture[str]) -> None:
    assert runs.main(["--json", "--sort", "slowest"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert ([run["job"] for run in found["runs"]], found["pages"], found["complete"]) == ([recording.job], 1, True)


@pytest.mark.parametrize("asked", [["--status", "GONE"], ["--since", "soon"], ["--page", "0"], ["--sort", "size"]])
def test_what_cannot_be_wanted_is_one_line_and_wrong_usage(
    asked: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert runs.main(asked) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("runs: ")
    assert ": give " in line


def test_a_run_is_stopped_with_a_reason_and_redriven(recording: Recording, capsys: pytest.CaptureFixture[str]) -> None:
    assert runs.main(["stop", "latest", "--reason", "enough"]) == 0
    assert recording.asked[-1][1]["cause"] == "enough"
    assert runs.main(["redrive", recording.job[:8]]) == 0
    assert recording.execution["status"] == "RUNNING"
    said = capsys.readouterr().out
    assert f"run {recording.job} is stopped: enough" in said
    assert f"run {recording.job} goes on" in said


def test_what_is_refused_or_unknown_is_one_line(recording: Recording, capsys: pytest.CaptureFixture[str]) -> None:
    assert runs.main(["redrive", recording.job]) == 1
    assert "it did not fail" in capsys.readouterr().err
    assert runs.main(["stop", "nope"]) == 1
    assert "has no run 'nope'" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["stop", "redrive"])
@pytest.mark.parametrize(
    ("job", "said"), [("", "the id of the run is empty: give one"), ("2", "'2' may be any of 2 runs: give one of")]
)
def test_no_run_is_taken_that_was_not_named(
    recording: Recording, capsys: pytest.CaptureFixture[str], command: str, job: str, said: str
) -> None:
    for name in ("21", "22"):
        recording.add_execution(name)
    assert runs.main([command, job]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line
    assert not [asked for operation, asked in recording.asked if operation == f"{command}_execution"]


def test_where_the_reader_has_read_enough_it_ends_quietly(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "dup2", lambda *_files: None)
    monkeypatch.setattr(recording, "list_executions", raise_broken_pipe)
    assert runs.main([]) == 0


def raise_broken_pipe(**_asked: object) -> None:
    raise BrokenPipeError
