"""Events that arrive while a function is being updated, and events that Lambda gives up."""

import json
import uuid
from types import SimpleNamespace
from typing import Any

import pytest
from localstack.services.lambda_.invocation import event_manager
from localstack.services.lambda_.invocation.lambda_models import InvocationResult

from emulator.repairs.event_polling import _tell_destination
from emulator.server import Server
from testkit.waiting import wait_for, wait_until_in_use
from tests.emulator.environments.test_lambda_service import Account, zipped


def test_an_event_that_comes_with_an_update_of_its_function_is_handled_soon(localstack: Server) -> None:
    account, name = Account(localstack), f"updated-{uuid.uuid4().hex[:8]}"
    account.create(name)
    for number in range(5):
        account.functions.update_function_code(FunctionName=name, ZipFile=zipped(slow_to_load=f"# {number}"))
        wait_until_in_use(account.functions, name)
        payload = json.dumps({"do": "say", "text": f"event {number}"})
        account.functions.invoke(FunctionName=name, InvocationType="Event", Payload=payload)
    lines = [f"event {number}" for number in range(5)]
    wait_for("every event", lambda: {line.strip() for line in account.log_messages(name)} >= set(lines))
    account.functions.delete_function(FunctionName=name)


def test_the_destination_is_told_of_an_event_that_grew_too_old_without_an_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[Any] = []
    monkeypatch.setattr(event_manager, "send_event_to_target", lambda **given: told.append(given["event"]))
    version = SimpleNamespace(
        qualified_arn="arn", config=SimpleNamespace(role="role"), id=SimpleNamespace(qualifier="1", unqualified_arn=str)
    )
    poller = SimpleNamespace(version_manager=SimpleNamespace(function_arn="arn", function_version=version))
    event = SimpleNamespace(retries=2, invocation=SimpleNamespace(payload=b'{"detail": {}}'))
    config = SimpleNamespace(destination_config={"OnFailure": {"Destination": "bus"}})
    no_answer = InvocationResult(request_id="request", payload=None, is_error=True, logs=None)
    tell = _tell_destination(event_manager.Poller.process_failure_destination)
    tell(poller, event, no_answer, config, "EventAgeExceeded")
    assert told[0]["requestPayload"] == {"detail": {}}
    assert told[0]["requestContext"]["condition"] == "EventAgeExceeded"
    assert told[0]["responsePayload"] is None
