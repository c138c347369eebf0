"""A stack that is not the cookies', beside them in one account, with a consumer in another."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from bootstrap import deploy
from bootstrap.changes import Action, Change
from bootstrap.clients import Clients
from bootstrap.resources.description import read_stack
from emulator.server import Server
from testkit.waiting import wait_for
from tests.e2e.conftest import clients_of
from tests.e2e.runs import Runs
from tests.stack_examples.parcels.stack import DEPOT, STACK

PARCELS = "tests.stack_examples.parcels.stack"
HEAVY, LIGHT = "31.0", "7.5"


def up(clients: Clients, *, prune: bool = False) -> Counter[Action]:
    """Bring everything up, and count what was done."""
    changes: list[Change] = []
    deploy.up(clients, changes.append, prune=prune)
    return Counter(change.action for change in changes)


def down(clients: Clients) -> Counter[Action]:
    """Take everything down, and count what was done."""
    changes: list[Change] = []
    deploy.down(clients, changes.append)
    return Counter(change.action for change in changes)


def found_to_do(clients: Clients) -> dict[str, Action]:
    """What `diff` finds to do, by the names of the resources."""
    changes = deploy.diff(clients)
    return {
        f"{change.resource.kind} {change.resource.name}": change.action
        for change in changes
        if change.action is not Action.UNCHANGED
    }


@pytest.fixture(scope="module")
def cookies(localstack: Server) -> Clients:
    clients = clients_of(localstack.endpoint_url)
    up(clients)
    return clients


@pytest.fixture
def parcels(cookies: Clients) -> Iterator[Clients]:
    """The other stack, for one test."""
    clients = Clients(replace(cookies.settings, stack=PARCELS))
    assert set(up(clients)) == {Action.CREATED}
    yield clients
    down(clients)
    assert found_to_do(cookies) == {}


def deliver(clients: Clients, *parcels: str, event: str = "deliver") -> str:
    """Start a delivery, and return the id of the event."""
    detail = json.dumps({"parcels": [*parcels]})
    entry: Any = {"Source": STACK.source, "DetailType": event, "Detail": detail}
    return clients.events.put_events(Entries=[entry])["Entries"][0]["EventId"]


def status(clients: Clients, job: str) -> str:
    """How a delivery stands; "" before it has begun."""
    execution = clients.arns.executions("DeliveryMachine").removesuffix("*") + job
    try:
        return clients.states.describe_execution(executionArn=execution)["status"]
    except clients.states.exceptions.ExecutionDoesNotExist:
        return ""


def lines_of(clients: Clients, function: str) -> list[str]:
    pages = clients.logs.get_paginator("filter_log_events").paginate(logGroupName=f"/aws/lambda/{function}")
    return [event["message"] for page in pages for event in page["events"]]


def messages_in(clients: Clients, queue: str) -> list[str]:
    url = clients.sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    found = clients.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0).get("Messages", [])
    return [message["Body"] for message in found]


def test_it_runs_with_what_a_function_imports_of_an_installed_package(parcels: Clients) -> None:
    job = deliver(parcels, HEAVY, LIGHT, event="deliverAgain")
    wait_for("the delivery", lambda: status(parcels, job) not in {"", "RUNNING"})
    assert status(parcels, job) == "SUCCEEDED"
    wait_for("the labels", lambda: len(messages_in(parcels, "labels")) == 2)
    (returned,) = messages_in(parcels, "returns")
    assert json.loads(returned)["weight"] == 31


def test_an_event_here_invokes_the_function_in_the_other_account(parcels: Clients) -> None:
    job = deliver(parcels, LIGHT)
    there = parcels.of_account(DEPOT)

    def emitted() -> bool:
        return any(job in line and "emitted takenIn" in line for line in lines_of(there, "takeIn"))

    wait_for("the event of the other account's function", emitted)
    assert "takeIn" not in [function["FunctionName"] for function in parcels.lambda_.list_functions()["Functions"]]


def test_what_is_made_is_as_it_should_be_and_the_cookies_are_left_alone(cookies: Clients, parcels: Clients) -> None:
    assert found_to_do(parcels) == {}
    assert found_to_do(cookies) == {}
    assert set(up(cookies)) == {Action.UNCHANGED}
    assert Runs(cookies).run(people=1).report["numberOfPeople"] == 1


def test_the_account_says_what_was_made_there(cookies: Clients, parcels: Clients) -> None:
    assert read_stack(parcels) == STACK
    assert read_stack(cookies) == cookies.stack


def test_what_was_changed_by_hand_in_the_other_account_is_mended(parcels: Clients) -> None:
    there = parcels.of_account(DEPOT)
    there.events.disable_rule(Name="takeInRule")
    there.events.remove_permission(EventBusName="default", StatementId=f"parcels-{parcels.account}")
    assert found_to_do(parcels) == {
        f"rule takeInRule in {DEPOT}": Action.UPDATED,
        f"bus permission parcels-{parcels.account} in {DEPOT}": Action.CREATED,
    }
    up(parcels)
    assert found_to_do(parcels) == {}


def test_what_is_no_longer_part_of_it_is_told_and_pruned(parcels: Clients, monkeypatch: pytest.MonkeyPatch) -> None:
    smaller = replace(STACK, machines=STACK.machines[:1], functions=STACK.functions[:1], consumers=())
    monkeypatch.setattr("bootstrap.clients.load_stack", lambda _module: smaller)
    removed = {name for name, action in found_to_do(parcels).items() if action is Action.REMOVED}
    assert removed >= {
        "function praiseParcel",
        "queue praiseParcelDeadLetters",
        "state machine PrintMachine",
        "rule takeInForwardingRule",
        f"function takeIn in {DEPOT}",
        f"bus permission parcels-{parcels.account} in {DEPOT}",
    }
    assert not [name for name in removed if "sideEffect" in name]
    up(parcels, prune=True)
    assert found_to_do(parcels) == {}
    assert not parcels.of_account(DEPOT).lambda_.list_functions()["Functions"]
    assert not parcels.of_account(DEPOT).iam.list_roles()["Roles"]


def test_down_removes_what_another_branch_had_made(parcels: Clients, monkeypatch: pytest.MonkeyPatch) -> None:
    smaller = replace(STACK, machines=(), functions=STACK.functions[1:], queues=(), consumers=())
    monkeypatch.setattr("bootstrap.clients.load_stack", lambda _module: smaller)
    down(parcels)
    monkeypatch.undo()
    assert set(down(parcels)) == {Action.ABSENT}
