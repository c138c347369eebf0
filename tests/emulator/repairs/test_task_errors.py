"""A machine sees by its name what a task that puts events failed with, as on AWS."""

import json
from typing import Any

from emulator.server import Server
from tests.emulator.speed.test_patches import Account

EVENT = {"Source": "any", "DetailType": "any", "Detail": {}}
CAUGHT = {"ErrorEquals": ["States.ALL"], "Next": "Caught"}


def failure(localstack: Server, entries: list[Any]) -> dict[str, str]:
    """What a task that puts these entries fails with, as a Catch sees it."""
    account = Account(localstack)
    task = {"Type": "Task", "Resource": "arn:aws:states:::events:putEvents", "Parameters": {"Entries": entries}}
    machine = account.make_machine({"Put": {**task, "Catch": [CAUGHT], "End": True}, "Caught": {"Type": "Succeed"}})
    account.queue.delete()
    caught: dict[str, str] = account.run(machine)
    return caught


def test_a_request_that_is_refused_as_a_whole_has_the_name_of_its_error(localstack: Server) -> None:
    caught = failure(localstack, [EVENT] * 11)
    assert caught["Error"] == "EventBridge.ValidationException"
    assert "less than or equal to 10" in caught["Cause"]


def test_the_cause_of_a_failed_entry_is_text(localstack: Server) -> None:
    caught = failure(localstack, [{**EVENT, "Detail": "not an object"}])
    assert caught["Error"] == "EventBridge.FailedEntry"
    assert json.loads(caught["Cause"])["Entries"][0]["ErrorCode"] == "MalformedDetail"
