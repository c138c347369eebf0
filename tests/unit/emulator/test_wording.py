"""What Lambda writes of an invocation."""

import json

import pytest

from emulator.environments.wording import LogStyle, Usage, exited, invocation_log, timed_out

USAGE = Usage(12.3456, 128, 40, 100.5)


def records(level: str, failure_type: str | None = None) -> list[dict[str, object]]:
    failure = {"error": exited("r", 1), "timeout": timed_out("r", 3), None: None}[failure_type]
    log = invocation_log("r", ["output"], USAGE, failure, LogStyle("7", is_json=True, system_level=level))
    return [json.loads(event) for event in log.events if event.startswith("{")]


def test_a_version_is_named_in_the_start_line() -> None:
    assert invocation_log("r", [], USAGE, style=LogStyle("7")).events[0] == "START RequestId: r Version: 7"


def test_in_json_start_and_report_are_records() -> None:
    start, report = records("INFO")
    assert start["type"] == "platform.start"
    assert start["record"] == {"requestId": "r", "version": "7"}
    assert report["type"] == "platform.report"
    assert report["record"] == {
        "requestId": "r",
        "status": "success",
        "metrics": {
            "durationMs": 12.346,
            "billedDurationMs": 113,
            "memorySizeMB": 128,
            "maxMemoryUsedMB": 40,
            "initDurationMs": 100.5,
        },
    }


@pytest.mark.parametrize(
    ("level", "failure_type", "kinds"),
    [
        ("DEBUG", None, ["start", "runtimeDone", "report"]),
        ("INFO", None, ["start", "report"]),
        ("WARN", None, []),
        ("INFO", "error", ["start", "runtimeDone", "report"]),
        ("WARN", "timeout", ["runtimeDone", "report"]),
    ],
)
def test_in_json_the_system_level_decides_what_is_written(
    level: str, failure_type: str | None, kinds: list[str]
) -> None:
    assert [record["type"] for record in records(level, failure_type)] == [f"platform.{kind}" for kind in kinds]


def test_in_json_a_failure_is_named() -> None:
    assert records("WARN", "timeout")[-1]["record"]["status"] == "timeout"  # type: ignore[index]
    assert records("WARN", "error")[-1]["record"]["errorType"] == "Runtime.ExitError"  # type: ignore[index]
