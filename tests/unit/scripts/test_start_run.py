import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bootstrap.description import MachineSpec, StartSpec
from scripts import start_run
from tests.unit.observatory.fakes import (
    EXECUTION,
    JOB,
    MACHINE,
    REPORT,
    REPORT_KEY,
    STACK,
    FakeClock,
    FakeEndpoint,
    client_error,
    connection_error,
)
from tests.unit.observatory.recordings import Recording

REPORT_URI = f"s3://the-bucket/{REPORT_KEY}"


@pytest.fixture(autouse=True)
def no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what the environment says of terminals from the captured output."""
    for variable in ("COLUMNS", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(variable, raising=False)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def endpoint(clock: FakeClock) -> FakeEndpoint:
    return FakeEndpoint(clock)


def run(endpoint: FakeEndpoint, *arguments: str) -> int:
    options = start_run.parse_options(STACK, arguments)
    return start_run.StartRun(options, STACK, endpoint.clients, endpoint.clock).execute()


def printed_json(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """What is on stdout, which must be one JSON object on one line."""
    (line,) = capsys.readouterr().out.splitlines()
    printed: dict[str, Any] = json.loads(line)
    return printed


def test_a_run_that_succeeds_prints_its_report_and_where_it_is(
    endpoint: FakeEndpoint, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(endpoint) == 0

    output, errors = capsys.readouterr()
    lines = output.splitlines()
    assert lines[0] == f"run {JOB}, execution {EXECUTION}"
    assert json.loads(lines[-2]) == REPORT
    assert lines[-1] == REPORT_URI
    assert errors == ""


def test_steps_and_people_are_shown_at_the_end(endpoint: FakeEndpoint, capsys: pytest.CaptureFixture[str]) -> None:
    run(endpoint)

    output = capsys.readouterr().out
    for step in ("GetMultiple", "PostProcessAll", "Success"):
        assert re.search(rf"^{step} +SUCCEEDED +\d+\.\d s", output, re.MULTILINE)
    assert re.search(r"^ProcessMultiple +SUCCEEDED +\d+\.\d s +3 of 3 people", output, re.MULTILINE)
    assert re.search(r"^person +cookies$", output, re.MULTILINE)


def test_what_is_no_terminal_gets_no_control_characters(
    endpoint: FakeEndpoint, capsys: pytest.CaptureFixture[str]
) -> None:
    run(endpoint)

    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", capsys.readouterr().out)


def test_json_is_one_object_with_all_that_is_known(endpoint: FakeEndpoint, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(endpoint, "--json") == 0

    printed = printed_json(capsys)
    assert printed.pop("seconds") > 0
    assert printed == {
        "execution": EXECUTION,
        "job": JOB,
        "status": "SUCCEEDED",
        "people": 3,
        "totalCookiesConsumed": 12,
        "reportUri": REPORT_URI,
        "report": REPORT,
        "machine": MACHINE.name,
        "output": endpoint.output,
    }


@pytest.mark.parametrize(
    ("arguments", "detail"),
    [
        ((), {}),
        (("--people", "0"), {"people": 0}),
        (("--people", "2500", "--seed", "42"), {"people": 2500, "seed": "42"}),
        ((MACHINE.name, "--detail", '{"any": ["thing"], "people": 7}'), {"any": ["thing"], "people": 7}),
        (("--people", "2", "--detail", '{"any": 1, "people": 7}', "--event", "start"), {"any": 1, "people": 2}),
    ],
)
def test_the_start_event_asks_for_what_was_given(
    endpoint: FakeEndpoint, arguments: tuple[str, ...], detail: dict[str, object]
) -> None:
    run(endpoint, *arguments)

    assert json.loads(endpoint.put_entries[0]["Detail"]) == detail


@pytest.mark.parametrize(
    "arguments",
    [
        ("--people", "-1"),
        ("--people", "2501"),
        ("--people", "1.5"),
        ("--people", "٣"),
        ("--people", "1" * 5000),
        ("--people", "many"),
        ("--timeout", "0"),
        ("--timeout", "-3"),
        ("--timeout", "nan"),
        ("--timeout", "inf"),
        ("--timeout", "soon"),
        ("--unknown",),
        ("NoMachine",),
        ("--event", "none"),
        ("--detail", "{"),
        ("--detail", '{"a": NaN}'),
        ("--detail", "[]"),
        ("--detail", "@/no/such/file"),
    ],
)
def test_wrong_usage_is_refused(arguments: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as refusal:
        start_run.parse_options(STACK, arguments)

    assert refusal.value.code == 2


def test_the_machines_that_are_offered_are_those_that_are_taken(capsys: pytest.CaptureFixture[str]) -> None:
    quick = MachineSpec("Quick", "quick.asl.json", (StartSpec("quick", "QuickRule"),), "EXPRESS")
    stack = replace(STACK, machines=(quick, *STACK.machines))
    with pytest.raises(SystemExit):
        start_run.parse_options(stack, ["--help"])
    assert f"MACHINE {MACHINE.name} (default: {MACHINE.name})" in " ".join(capsys.readouterr().out.split())
    assert start_run.parse_options(stack, []).spec == MACHINE


def test_a_failed_run_shows_error_and_cause(clock: FakeClock, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(FakeEndpoint(clock, "failed")) == 1

    output, errors = capsys.readouterr()
    assert errors.startswith(
        f"start_run: run {JOB}: FAILED: processSingle failed for Valerie Lee and 1 more: ValueError: no city"
    )
    assert re.search(r"^ProcessMultiple +FAILED", output, re.MULTILINE)


def test_a_failed_run_is_an_object_as_well(clock: FakeClock, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(FakeEndpoint(clock, "failed"), "--json") == 1

    printed = printed_json(capsys)
    assert printed["status"] == "FAILED"
    assert printed["seconds"] > 0
    assert printed["people"] == 3
    assert [printed[key] for key in ("totalCookiesConsumed", "reportUri", "report")] == [None, None, None]


def test_a_run_that_succeeded_without_leaving_a_report_shows_its_output(
    endpoint: FakeEndpoint, capsys: pytest.CaptureFixture[str]
) -> None:
    endpoint.output, endpoint.objects = {"rejected": True}, {}
    assert run(endpoint) == 0
    assert '{"rejected": true}' in capsys.readouterr().out


@pytest.mark.parametrize("output", [{"any": "thing"}, [1], None])
def test_a_run_of_a_machine_without_a_report_shows_its_output(
    endpoint: FakeEndpoint, capsys: pytest.CaptureFixture[str], output: Any
) -> None:
    endpoint.output, endpoint.objects = output, {}
    stack = replace(STACK, machines=(replace(MACHINE, report=None, items={}, columns=()),))
    for arguments in ((), ("--json",)):
        options = start_run.parse_options(stack, arguments)
        assert start_run.StartRun(options, stack, endpoint.clients, endpoint.clock).execute() == 0
        said = json.loads(capsys.readouterr().out.splitlines()[-1])
        assert (said["output"] if arguments else said) == output


def test_a_detail_may_be_in_a_file(endpoint: FakeEndpoint, tmp_path: Path) -> None:
    file = tmp_path / "detail.json"
    file.write_text('{"order": 7}')
    run(endpoint, "--detail", f"@{file}")
    assert json.loads(endpoint.put_entries[0]["Detail"]) == {"order": 7}


def test_a_run_like_another_is_started_with_what_started_that_except_for_what_else_is_given() -> None:
    recording = Recording("succeeded")
    recording.execution["input"] = json.dumps(
        {"id": recording.job, "detail-type": "start", "detail": {"people": 3, "seed": "x"}}
    )
    options = start_run.parse_options(STACK, ["--like", recording.job[:8], "--people", "2"])
    start_run.take_like(recording.clients, STACK, options)
    assert (options.spec, options.start.event, options.given) == (MACHINE, "start", {"people": 2, "seed": "x"})


@pytest.mark.parametrize("other", [["EventdrivenMachine"], ["--event", "start"]])
def test_a_run_like_another_has_its_machine_and_event(other: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        start_run.parse_options(STACK, ["--like", "latest", *other])
    assert "argument --like: not with MACHINE or --event" in capsys.readouterr().err


def test_an_option_of_another_machine_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    other = MachineSpec("Other", "", (StartSpec("other", "OtherRule"),))
    stack = replace(STACK, machines=(MACHINE, other))
    with pytest.raises(SystemExit):
        start_run.parse_options(stack, ["Other", "--people", "3"])
    assert "argument --people: Other has no such option" in capsys.readouterr().err
    assert start_run.parse_options(stack, ["Other"]).start.event == "other"


def test_a_passed_timeout_tells_what_was_waited_for_and_since_when(
    clock: FakeClock, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(FakeEndpoint(clock, "waiting_in_map"), "--timeout", "20") == 3

    errors = capsys.readouterr().err
    assert "20 s have passed: ProcessMultiple has been waiting since " in errors
    assert re.search(r"\d\d:\d\d:\d\d UTC for 3 of 3 people \(\w+ \w+ since \d\d:", errors)
    assert re.search(
        r"^  ProcessMultiple has waited \d+ s for \w+ \w+; its event is not in the ledger$", errors, re.MULTILINE
    )


def test_what_lasts_says_why_while_it_does_and_once(clock: FakeClock, capsys: pytest.CaptureFixture[str]) -> None:
    run(FakeEndpoint(clock, "waiting_in_map"), "--timeout", "20")

    lines = capsys.readouterr().out.splitlines()
    waits = [line for line in lines if line.startswith("ProcessMultiple waits for ")]
    assert waits
    assert len(waits) == len(set(waits))
    assert any(line.endswith(": its event is not in the ledger") for line in waits)


def test_a_passed_timeout_leaves_the_status_running_in_json(
    clock: FakeClock, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(FakeEndpoint(clock, "waiting_in_map"), "--timeout", "20", "--json") == 3

    printed = printed_json(capsys)
    assert (printed["status"], printed["people"], printed["seconds"]) == ("RUNNING", 3, None)


def test_a_timeout_that_passes_before_the_execution_is_found_is_a_timeout(endpoint: FakeEndpoint) -> None:
    endpoint.started = {}

    assert run(endpoint, "--timeout", "3") == 3


def test_an_event_that_starts_nothing_is_a_failure(endpoint: FakeEndpoint, capsys: pytest.CaptureFixture[str]) -> None:
    endpoint.started = {}

    assert run(endpoint, "--json") == 1

    printed = printed_json(capsys)
    assert printed.pop("job") == JOB
    assert printed.pop("machine") == MACHINE.name
    assert set(printed.values()) == {None}


def test_without_waiting_the_execution_is_named_and_not_followed(
    endpoint: FakeEndpoint, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(endpoint, "--no-wait") == 0

    assert capsys.readouterr().out == f"run {JOB}, execution {EXECUTION}\n"
    assert endpoint.calls.count("describe_execution") == 1


def test_without_waiting_json_says_that_the_run_goes_on(
    endpoint: FakeEndpoint, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(endpoint, "--no-wait", "--json") == 0

    printed = printed_json(capsys)
    assert (printed["execution"], printed["status"], printed["report"]) == (EXECUTION, "RUNNING", None)


def test_where_nothing_listens_one_line_says_what_was_tried_and_what_to_start(
    endpoint: FakeEndpoint, capsys: pytest.CaptureFixture[str]
) -> None:
    endpoint.failures["describe_rule"] = connection_error()

    assert run(endpoint, "--json") == 2

    output, errors = capsys.readouterr()
    assert output == ""
    (line,) = errors.splitlines()
    for part in ("http://127.0.0.1:4566", "`docker compose up`", "`python scripts/sandbox.py up`"):
        assert part in line


@pytest.mark.parametrize(
    ("operation", "code"),
    [("describe_rule", "ResourceNotFoundException"), ("list_executions", "StateMachineDoesNotExist")],
)
def test_where_nothing_is_bootstrapped_one_line_says_how_to(
    endpoint: FakeEndpoint, capsys: pytest.CaptureFixture[str], operation: str, code: str
) -> None:
    endpoint.failures[operation] = client_error(code)

    assert run(endpoint) == 2

    (line,) = capsys.readouterr().err.splitlines()
    assert "python -m bootstrap up" in line
    assert endpoint.put_entries == []


def test_an_event_that_the_bus_does_not_take_is_a_failure(
    endpoint: FakeEndpoint, capsys: pytest.CaptureFixture[str]
) -> None:
    endpoint.put_answer = {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "Busy", "ErrorMessage": "try later"}]}

    assert run(endpoint) == 1

    assert "Busy: try later" in capsys.readouterr().err


def test_an_emulator_that_dies_in_the_middle_is_noticed_within_ten_seconds(
    clock: FakeClock, capsys: pytest.CaptureFixture[str]
) -> None:
    endpoint = FakeEndpoint(clock, "waiting_in_map")
    endpoint.goes_down_after_secs = 60
    before = clock.now()

    assert run(endpoint, "--json") == 1

    assert clock.now() - before < 70
    output, errors = capsys.readouterr()
    assert re.search(rf"run {JOB}: the sandbox stopped answering: .* http://127\.0\.0\.1:4566", errors)
    assert json.loads(output)["execution"] == EXECUTION


def test_an_interruption_says_that_the_run_goes_on(endpoint: FakeEndpoint, capsys: pytest.CaptureFixture[str]) -> None:
    endpoint.failures["describe_execution"] = KeyboardInterrupt()

    assert run(endpoint) == 130

    assert capsys.readouterr().err == f"start_run: interrupted; the run goes on: {EXECUTION}\n"


def test_an_interruption_before_the_event_names_no_run(
    endpoint: FakeEndpoint, capsys: pytest.CaptureFixture[str]
) -> None:
    endpoint.failures["describe_rule"] = KeyboardInterrupt()

    assert run(endpoint, "--json") == 130

    assert capsys.readouterr() == ("", "start_run: interrupted; no run is known to have been started\n")


def test_a_bad_setting_is_told_in_a_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("MAP_CONCURRENCY", "none")

    assert start_run.main([]) == 2

    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("start_run: MAP_CONCURRENCY is 'none'")


def test_a_run_like_none_is_refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    recording = Recording("succeeded")
    monkeypatch.setattr(start_run, "Clients", lambda *_given: recording.clients)
    assert start_run.main(["--like", ""]) == 2
    assert "start_run: the id of the run is empty: give one" in capsys.readouterr().err
    assert recording.put == []
