"""`scripts/explain.py`: what it prints, and its exit statuses."""

import json
import re

import pytest
from botocore.exceptions import EndpointConnectionError

from scripts import explain, reading
from tests.unit.observatory.recordings import Recording


@pytest.fixture(autouse=True)
def no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what the environment says of terminals from the captured output."""
    for variable in ("COLUMNS", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(variable, raising=False)


@pytest.fixture
def recording(monkeypatch: pytest.MonkeyPatch) -> Recording:
    recording = Recording("succeeded")
    monkeypatch.setattr(reading, "Clients", lambda _settings: recording.clients)
    return recording


@pytest.mark.usefixtures("recording")
def test_a_run_is_a_tree_with_totals_path_and_cost(capsys: pytest.CaptureFixture[str]) -> None:
    assert explain.main([]) == 0
    output = capsys.readouterr().out
    for shown in (
        "SUCCEEDED 2.83 s",
        'start {"people": 3, "seed": "x"}',
        "sideEffect (side effect)",
        "cold start 484 ms",
        "critical path",
        "StepFinisher hands the token back",
        "on AWS (us-east-1, June 2026)",
    ):
        assert shown in output
    assert re.search(r"^│   ├── Carlos Fitzgerald  \+\d\.\d{3}  0\.64 s$", output, re.MULTILINE)
    assert re.search(r"^processSingle +3 +0 +1 +55 +114 +114 +52$", output, re.MULTILINE)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", output)


def test_of_many_people_those_in_trouble_are_shown_and_the_others_counted(
    recording: Recording, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(explain, "ITEMS_SHOWN", 1)
    failed = next(
        event for event in recording.history if event["type"] == "TaskSucceeded" and '"name": "Heather' in str(event)
    )
    failed["type"], failed["taskFailedEventDetails"] = "TaskFailed", {"error": "An.Error", "cause": "of some kind"}
    assert explain.main([]) == 0
    output = capsys.readouterr().out
    assert "and 2 more people" in output
    assert re.search(r"Heather Roberts .* failed: An.Error: of some kind", output)
    assert "Carlos Fitzgerald" not in output
    assert explain.main(["--all"]) == 0
    assert "Carlos Fitzgerald" in capsys.readouterr().out


def test_a_run_that_waits_says_for_what(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(reading, "Clients", lambda _settings: Recording("waiting").clients)
    assert explain.main([]) == 0
    output = re.sub(r"\s+", " ", capsys.readouterr().out)
    assert re.search(r"ProcessMultiple has waited \d+ s for Heather Roberts; last event getUserCookies at", output)
    assert "postProcessSingle raised NoSuchBucket: An error occurred" in output


def test_a_failure_is_told_once_where_it_was_raised(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    recording = Recording("waiting")
    monkeypatch.setattr(reading, "Clients", lambda _settings: recording.clients)
    submitted = next(event for event in reversed(recording.history) if event["type"] == "TaskSubmitted")
    details = {"error": "NoSuchBucket", "cause": "as a function said"}
    failed = {"type": "TaskFailed", "id": len(recording.history) + 1, "previousEventId": submitted["id"]}
    recording.history.append({**failed, "timestamp": submitted["timestamp"], "taskFailedEventDetails": details})
    assert explain.main([]) == 0
    output = capsys.readouterr().out
    assert re.search(r"── (Carlos|Heather|Matthew) \w+  \+[\d.]+  [\d.]+ s  failed$", output, re.MULTILINE)
    assert output.count("as a function said") == 1, "below the tree, with what failed"


@pytest.mark.usefixtures("recording")
def test_json_is_one_object_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    assert explain.main(["--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert len(json.loads(line)["events"]) == 17


@pytest.mark.usefixtures("recording")
def test_mermaid_is_a_block_for_markdown(capsys: pytest.CaptureFixture[str]) -> None:
    assert explain.main(["--mermaid"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert (lines[0], lines[1], lines[-1]) == ("```mermaid", "flowchart LR", "```")


@pytest.mark.usefixtures("recording")
def test_following_a_run_that_has_ended_shows_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert explain.main(["--follow"]) == 0
    assert "SUCCEEDED 2.83 s" in capsys.readouterr().out


def test_what_controls_a_terminal_is_not_printed(recording: Recording, capsys: pytest.CaptureFixture[str]) -> None:
    recording.add_log("sideEffect", "START RequestId: r1 Version: 1", "[ERROR] ValueError: \x1b[31mred")
    assert explain.main([]) == 0
    assert "\x1b" not in capsys.readouterr().out


@pytest.mark.usefixtures("recording")
def test_an_unknown_run_is_one_line_and_status_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert explain.main(["nope"]) == 1
    output, errors = capsys.readouterr()
    assert output == ""
    assert errors == (
        "explain: http://127.0.0.1:4566 has no run 'nope': start one with `python scripts/start_run.py`\n"
    )


def test_where_nothing_answers_it_is_one_line_and_status_2(
    recording: Recording, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(**_asked: object) -> None:
        raise EndpointConnectionError(endpoint_url="http://127.0.0.1:4566")

    monkeypatch.setattr(recording, "list_executions", fail)
    assert explain.main([]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("explain: nothing listens at http://127.0.0.1:4566")


def test_a_missing_ledger_is_status_2(recording: Recording, capsys: pytest.CaptureFixture[str]) -> None:
    recording.ledger = None
    assert explain.main([]) == 2
    assert "run `python -m bootstrap up`" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["a", "b"], ["--json", "--mermaid"], ["--nope"]])
def test_wrong_usage_is_status_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        explain.main(arguments)
    assert ended.value.code == 2


def test_a_run_is_compared_with_another_one(recording: Recording, capsys: pytest.CaptureFixture[str]) -> None:
    assert explain.main([recording.job, "--against", recording.job[:8]]) == 0
    output = capsys.readouterr().out
    assert f"before  run {recording.job}  SUCCEEDED" in output
    assert "the same input" in output
    assert re.search(r"^function +processSingle +3 +0\.\d{3} +0\.\d{3} +3 ", output, re.MULTILINE)
    assert explain.main(["--against", recording.job, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["sameInput"]


def test_a_run_that_has_none_before_it_cannot_be_compared(
    capsys: pytest.CaptureFixture[str], recording: Recording
) -> None:
    assert explain.main(["--against"]) == 1
    assert f"run {recording.job} is the first of EventdrivenMachine" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        explain.main(["--against", "--follow"])
    assert "not with --follow" in capsys.readouterr().err


@pytest.mark.parametrize("asked", [[""], ["latest", "--against", ""]])
@pytest.mark.usefixtures("recording")
def test_an_empty_id_is_no_run(capsys: pytest.CaptureFixture[str], asked: list[str]) -> None:
    assert explain.main(asked) == 1
    assert "explain: the id of the run is empty: give one" in capsys.readouterr().err
