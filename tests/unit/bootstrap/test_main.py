"""The command `python -m bootstrap`: what it prints where, and its exit status."""

import json
import subprocess
import sys

import pytest
from botocore.exceptions import EndpointConnectionError, NoCredentialsError, ReadTimeoutError

from bootstrap.__main__ import main
from bootstrap.clients import Clients
from bootstrap.settings import Settings, SettingsError
from bootstrap.stack import FUNCTIONS
from tests.unit.bootstrap.fake_account import SETTINGS, FakeAccount

LOCAL = Settings(endpoint_url="http://127.0.0.1:4566", region="us-east-1", bucket=None, map_concurrency=2, port=4566)


@pytest.fixture(autouse=True)
def command_of(account: FakeAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the command speak to the account in memory."""

    def clients(settings: Settings) -> Clients:
        account.settings = settings
        return account.clients

    monkeypatch.setattr("bootstrap.__main__.Clients", clients)
    monkeypatch.setattr("bootstrap.__main__.load_settings", lambda: SETTINGS)


@pytest.fixture
def local(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the endpoint be an emulator's."""
    monkeypatch.setattr("bootstrap.__main__.load_settings", lambda: LOCAL)


def test_up_prints_what_it_did_with_each_resource_and_a_summary(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["up"]) == 0
    *lines, summary = capsys.readouterr().out.splitlines()
    assert "created bucket eventdriven-test" in lines
    assert "created state machine EventdrivenMachine" in lines
    assert summary.startswith(f"{len(lines)} resources: {len(lines)} created in ")


def test_someone_at_a_terminal_sees_how_far_it_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert main(["up"]) == 0
    assert "bringing up" in capsys.readouterr().err


def test_what_takes_long_to_load_and_is_not_used_is_not_loaded() -> None:
    loaded = "import sys, bootstrap.__main__; print(*{'rich', 'boto3', 'OpenSSL'}.intersection(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", loaded]).strip() == b""


def test_up_says_when_nothing_was_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    main(["up"])
    resources = len(capsys.readouterr().out.splitlines()) - 1
    assert main(["up"]) == 0
    (summary,) = capsys.readouterr().out.splitlines()
    assert summary.startswith(f"{resources} resources: {resources} unchanged in ")


def test_up_says_why_it_updated(account: FakeAccount, capsys: pytest.CaptureFixture[str]) -> None:
    main(["up"])
    account.lambda_.things["sideEffect"]["Timeout"] = 3
    account.events.things["FinisherRule"]["targets"].clear()
    capsys.readouterr()
    main(["up"])
    function, rule, summary = capsys.readouterr().out.splitlines()
    assert function == "updated function sideEffect: Timeout 3 → 60"
    assert rule.startswith("updated rule FinisherRule: targets.target nothing → {")
    assert ", " in summary
    assert " 2 updated, " in summary


def test_diff_says_what_is_to_be_done(account: FakeAccount, capsys: pytest.CaptureFixture[str]) -> None:
    main(["up"])
    del account.lambda_.things["sideEffect"]
    capsys.readouterr()
    assert main(["diff"]) == 0
    *lines, summary = capsys.readouterr().out.splitlines()
    assert lines == [
        "to be created asynchronous invocation sideEffect",
        "to be created function sideEffect",
        "to be created permission sideEffectRule",
    ]
    assert ": 3 to be created, " in summary
    assert summary.endswith(" unchanged")


def test_what_is_no_longer_wanted_is_to_be_removed_and_prune_removes_it(
    account: FakeAccount, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["up"])
    account.sqs.create_queue(
        QueueName="old", Attributes={"MessageRetentionPeriod": "60"}, tags={"stack": "eventdriven-sandbox"}
    )
    capsys.readouterr()
    assert main(["diff"]) == 0
    line, summary = capsys.readouterr().out.splitlines()
    assert line == "to be removed queue old"
    assert summary.endswith(" unchanged, 1 to be removed")
    assert main(["up"]) == 0
    assert "removed" not in capsys.readouterr().out
    assert main(["up", "--prune"]) == 0
    line, summary = capsys.readouterr().out.splitlines()
    assert line == "removed queue old"
    assert " unchanged, 1 removed in " in summary
    assert main(["diff"]) == 0
    assert "removed" not in capsys.readouterr().out


def test_down_says_what_it_removed_and_what_was_absent(capsys: pytest.CaptureFixture[str]) -> None:
    main(["up"])
    capsys.readouterr()
    assert main(["down"]) == 0
    assert "removed log group /aws/lambda/getMultiple" in capsys.readouterr().out.splitlines()
    assert main(["down"]) == 0
    (summary,) = capsys.readouterr().out.splitlines()
    assert " absent in " in summary


def test_outputs_prints_one_json_object(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["outputs"]) == 0
    outputs = json.loads(capsys.readouterr().out)
    names = ["endpoint", "stack", "region", "account", "bus", "bucket", "functions", "machines", "rules"]
    assert list(outputs) == names
    assert (outputs["endpoint"], outputs["bus"], outputs["bucket"]) == (None, "default", "eventdriven-test")
    assert outputs["functions"].keys() == {function.name for function in FUNCTIONS}
    assert outputs["machines"]["StepFinisher"] == "arn:aws:states:eu-west-1:123456789012:stateMachine:StepFinisher"
    assert outputs["rules"].keys() >= {"StartMachineRule", "FinisherRule", "getMultipleRule"}


def test_results_go_to_standard_output_only(capsys: pytest.CaptureFixture[str]) -> None:
    main(["up"])
    assert capsys.readouterr().err == ""


def test_a_refusal_is_one_line_and_status_1_after_what_was_done(
    account: FakeAccount, capsys: pytest.CaptureFixture[str]
) -> None:
    account.refuse("CreateFunction", "AccessDenied", "you may not")
    assert main(["up"]) == 1
    printed = capsys.readouterr()
    assert "created bucket eventdriven-test" in printed.out
    (line,) = printed.err.splitlines()
    assert line.startswith("function ")
    assert line.endswith(": CreateFunction: AccessDenied: you may not")


@pytest.mark.usefixtures("local")
def test_no_endpoint_is_one_line_and_status_2(account: FakeAccount, capsys: pytest.CaptureFixture[str]) -> None:
    account.refusals["CreateRole"] = [EndpointConnectionError(endpoint_url="http://127.0.0.1:4566")] * 9
    assert main(["up"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line == (
        "nothing listens at http://127.0.0.1:4566: start a sandbox with `docker compose up`"
        " or `python scripts/sandbox.py up`, or set AWS_ENDPOINT_URL"
    )


@pytest.mark.usefixtures("local")
def test_an_endpoint_that_does_not_answer_is_one_line_and_status_2(
    account: FakeAccount, capsys: pytest.CaptureFixture[str]
) -> None:
    account.refusals["CreateBucket"] = [ReadTimeoutError(endpoint_url="http://127.0.0.1:4566")]
    assert main(["up"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("no usable answer from http://127.0.0.1:4566 (Read timeout")


def test_missing_credentials_for_aws_are_one_line_and_status_2(
    account: FakeAccount, capsys: pytest.CaptureFixture[str]
) -> None:
    account.refusals["CreateBucket"] = [NoCredentialsError()]
    assert main(["up"]) == 2
    assert capsys.readouterr().err == "no answer from AWS in eu-west-1: Unable to locate credentials\n"


def test_a_bad_setting_is_one_line_and_status_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse() -> Settings:
        raise SettingsError("MAP_CONCURRENCY is 'many': give a whole number from 1 to 1000")

    monkeypatch.setattr("bootstrap.__main__.load_settings", refuse)
    assert main(["up"]) == 2
    assert capsys.readouterr().err == "MAP_CONCURRENCY is 'many': give a whole number from 1 to 1000\n"


@pytest.mark.parametrize("arguments", [[], ["sideways"], ["up", "now"]])
def test_wrong_usage_is_status_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        main(arguments)
    assert raised.value.code == 2
    assert "usage: python -m bootstrap" in capsys.readouterr().err


def test_an_interrupt_ends_without_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt() -> Settings:
        raise KeyboardInterrupt

    monkeypatch.setattr("bootstrap.__main__.load_settings", interrupt)
    assert main(["up"]) == 130
