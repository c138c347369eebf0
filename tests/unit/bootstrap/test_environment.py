"""`python -m bootstrap outputs --env`: what a shell that reads it has afterwards."""

import os
import re
import subprocess
from dataclasses import replace

import pytest

from bootstrap.__main__ import main
from bootstrap.environment import MISLEADING, put_events_line
from bootstrap.settings import PROJECT, Settings
from bootstrap.stack import STACK
from tests.unit.bootstrap.fake_account import SETTINGS, FakeAccount

LOCAL = replace(SETTINGS, endpoint_url="http://127.0.0.1:4999")
# Which would hold for another stack in the same shell as well.
OF_SETTINGS = re.findall(r"^(?:# )?([A-Z_]+)=", (PROJECT / ".env.example").read_text(), re.MULTILINE)
OF_THE_USER = {
    "AWS_PROFILE": "work",
    "AWS_ACCESS_KEY_ID": "AKIAMINE",
    "AWS_SECRET_ACCESS_KEY": "mine",
    "AWS_SESSION_TOKEN": "mine",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
}


def variables_after(
    settings: Settings, account: FakeAccount, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> dict[str, str]:
    """AWS's variables, and those that are settings, in a shell of the user that has read what the command printed."""
    account.settings = settings
    monkeypatch.setattr("bootstrap.__main__.Clients", lambda _settings: account.clients)
    monkeypatch.setattr("bootstrap.__main__.load_settings", lambda: settings)
    assert main(["outputs", "--env"]) == 0
    script = 'eval "$1"; env'
    environment = {"PATH": os.environ["PATH"], **OF_THE_USER}
    printed = subprocess.check_output(["sh", "-euc", script, "sh", capsys.readouterr().out], env=environment, text=True)
    variables = dict(line.split("=", 1) for line in printed.splitlines())
    return {name: value for name, value in variables.items() if name.startswith("AWS_") or name in OF_SETTINGS}


def test_with_a_sandbox_nothing_of_the_users_own_account_is_left(
    account: FakeAccount, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert variables_after(LOCAL, account, monkeypatch, capsys) == {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:4999",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
    }
    assert OF_THE_USER.keys() - {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"} <= set(MISLEADING)


def test_with_aws_itself_the_users_credentials_stay(
    account: FakeAccount, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert variables_after(SETTINGS, account, monkeypatch, capsys) == {
        **OF_THE_USER,
        "AWS_ENDPOINT_URL": "",
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
    }


def test_the_line_that_starts_a_run_is_json_since_the_shorthand_reads_braces_as_a_map() -> None:
    expected = """aws events put-events --entries '[{"Source": "project", "DetailType": "start", "Detail": "{}"}]'"""
    assert put_events_line(STACK, "start") == expected
