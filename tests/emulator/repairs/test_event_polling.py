"""Events that arrive while a function is being updated, and events that Lambda gives up."""

import json
import threading
import uuid
from types import SimpleNamespace
from typing import Any

import pytest
from localstack.services.lambda_.invocation import event_manager
from localstack.services.lambda_.invocation.lambda_models import InvocationResult

from emulator.repairs import event_polling
from emulator.repairs.event_polling import EVENTS_AT_ONCE, _Invokers, _tell_destination
from emulator.server import Server
from testkit.waiting import DEADLINE_SECONDS, wait_for, wait_until_in_use
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


class QueueOfMany:
    """Has more events than are handled at once."""

    def __init__(self) -> None:
        self.waiting = [str(number) for number in range(3 * EVENTS_AT_ONCE)]

    def receive_message(self, *, MaxNumberOfMessages: int, **_options: object) -> Any:  # noqa: N803 - boto3's
        taken, self.waiting = self.waiting[:MaxNumberOfMessages], self.waiting[MaxNumberOfMessages:]
        return {"Messages": [{"Body": body} for body in taken]}


def test_an_event_stays_in_the_queue_until_it_can_be_handled(monkeypatch: pytest.MonkeyPatch) -> None:
    queue, may_end, handled = QueueOfMany(), threading.Event(), list[str]()
    monkeypatch.setattr(event_manager, "get_sqs_client", lambda *_arguments, **_options: queue)

    def handle(message: Any) -> None:
        assert may_end.wait(DEADLINE_SECONDS)
        handled.append(message["Body"])

    poller = SimpleNamespace(
        version_manager=SimpleNamespace(function_version=SimpleNamespace(config=SimpleNamespace(timeout=3))),
        event_queue_url="queue",
        invoker_pool=_Invokers(thread_name_prefix="invokers"),
        handle_message=handle,
        _shutdown_event=threading.Event(),
    )
    polling = threading.Thread(target=event_polling._poll, args=(poller,))
    polling.start()
    wait_for("all threads to be busy", lambda: len(queue.waiting) == 2 * EVENTS_AT_ONCE)
    may_end.set()
    wait_for("every event", lambda: len(handled) == 3 * EVENTS_AT_ONCE)
    assert len({*handled}) == len(handled)
    may_end.clear()
    queue.waiting = [str(number) for number in range(2 * EVENTS_AT_ONCE)]
    wait_for("all threads to be busy again", lambda: len(queue.waiting) == EVENTS_AT_ONCE)
    event_polling._stop(poller)
    polling.join(DEADLINE_SECONDS)
    assert not polling.is_alive()
    assert len(queue.waiting) == EVENTS_AT_ONCE
    may_end.set()


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
