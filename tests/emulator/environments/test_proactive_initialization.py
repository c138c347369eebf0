"""Environments that are made before the first invocation."""

import base64
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Event
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import pytest
from localstack import config

from bootstrap.settings import load_settings
from emulator.environments import proactive_initialization
from emulator.environments.proactive_initialization import Ahead
from emulator.server import Server
from testkit.waiting import wait_for
from tests.emulator.conftest import FUNCTIONS, Announcements
from tests.emulator.environments.test_lambda_service import Account, zipped

pytestmark = pytest.mark.skipif(
    not load_settings().patches, reason="LocalStack as it comes makes an environment when there is an invocation"
)


@pytest.fixture
def account(localstack: Server) -> Account:
    return Account(localstack)


@pytest.fixture
def function(account: Account, announcements: Announcements, request: pytest.FixtureRequest) -> Iterator[str]:
    """The name of a function that was loaded and never invoked."""
    name: str = request.node.name[-60:]
    variables = {"ANNOUNCE_TO": announcements.address}
    account.create(name, Handler="announcing.lambda_handler", Environment={"Variables": variables})
    wait_for("the environment", announcements.heard)
    yield name
    with suppress(account.functions.exceptions.ResourceNotFoundException):
        account.functions.delete_function(FunctionName=name)


def invoke(account: Account, function: str) -> tuple[dict[str, Any], str]:
    answer = account.functions.invoke(FunctionName=function, Payload="{}", LogType="Tail")
    return json.load(answer["Payload"]), base64.b64decode(answer["LogResult"]).decode()


def test_the_first_invocation_finds_a_fresh_environment(
    account: Account, function: str, announcements: Announcements
) -> None:
    (who,) = announcements.heard()
    assert account.log_messages(function) == []
    assert invoke(account, function)[0] == {"version": "first", "who": who, "calls": 1}
    assert invoke(account, function)[0]["calls"] == 2
    assert announcements.heard() == {who}


def test_the_first_invocation_after_an_update_finds_the_new_code(
    account: Account, function: str, announcements: Announcements
) -> None:
    (old,) = announcements.heard()
    code = (FUNCTIONS / "announcing.py").read_text().replace('"first"', '"second"')
    account.functions.update_function_code(FunctionName=function, ZipFile=zipped(announcing=code))
    account.functions.get_waiter("function_updated_v2").wait(FunctionName=function, WaiterConfig={"Delay": 1})
    wait_for("the end of the old environment", lambda: old not in announcements.alive())
    assert invoke(account, function)[0]["version"] == "second"


def test_an_environment_that_was_never_used_ends_with_its_function(
    account: Account, function: str, announcements: Announcements
) -> None:
    (who,) = announcements.heard()
    account.functions.delete_function(FunctionName=function)
    wait_for("the end of the environment", lambda: who not in announcements.alive())


def manager(**fields: Any) -> Any:
    """A function's version, as far as it matters here."""
    assigned = SimpleNamespace(environments={})
    return SimpleNamespace(
        **{"id": "m", "function_version": "v", "shutdown_event": Event(), "assignment_service": assigned, **fields}
    )


def test_only_an_invocation_that_waited_reports_an_initialization(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proactive_initialization, "PAUSE_SECONDS", 0)
    go_on, began, forgot = Event(), Event(), Mock()

    def start(*_arguments: object) -> Any:
        began.set()
        assert go_on.wait(60)
        return SimpleNamespace(runtime_executor=SimpleNamespace(forget_initialization=forgot))

    ahead = Ahead(start)
    with ThreadPoolExecutor() as threads:
        ahead.add(manager())
        assert began.wait(60)
        waits = threads.submit(ahead.take, "m")
        with suppress(TimeoutError):
            waits.result(timeout=0.2)
        go_on.set()
        assert waits.result()
    forgot.assert_not_called()


def test_an_invocation_that_finds_an_environment_reports_no_initialization(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proactive_initialization, "PAUSE_SECONDS", 0)
    forgot = Mock()
    started = Mock(return_value=SimpleNamespace(runtime_executor=SimpleNamespace(forget_initialization=forgot)))
    ahead = Ahead(started)
    ahead.add(manager(id="m"))
    ahead.add(manager(id="next"))
    wait_for("the start of the next, when the first is there", lambda: started.call_count > 1)
    assert ahead.take("m")
    forgot.assert_called_once_with()


def test_a_version_that_ended_or_was_invoked_gets_no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proactive_initialization, "PAUSE_SECONDS", 0)
    started: list[str] = []
    ahead = Ahead(lambda _environments, manager_id, _version: started.append(manager_id))
    ended = Event()
    ended.set()
    ahead.add(manager(id="ended", shutdown_event=ended))
    ahead.add(manager(id="invoked", assignment_service=SimpleNamespace(environments={"invoked": {"e": object()}})))
    ahead.add(manager(id="other"))
    wait_for("the last of them", lambda: started)
    assert started == ["other"]


def test_an_environment_that_fails_to_start_is_left_to_the_invocation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proactive_initialization, "PAUSE_SECONDS", 0)
    failing = Mock(side_effect=OSError)
    ahead = Ahead(failing)
    ahead.add(manager())
    wait_for("the attempt", lambda: failing.called)
    assert ahead.take("m") is None


def test_an_environment_that_nobody_uses_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proactive_initialization, "PAUSE_SECONDS", 0)
    monkeypatch.setattr(config, "LAMBDA_KEEPALIVE_MS", 1)
    environment = Mock()
    ahead = Ahead(lambda *_arguments: environment)
    ahead.add(manager())
    wait_for("its end", lambda: environment.stop.called)
    assert ahead.take("m") is None
