"""The orders, beside the cookies in the same account: a Choice, a Parallel, a Map in a Map, and another account."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bootstrap import deploy
from bootstrap.changes import Action, Change
from bootstrap.clients import Clients
from bootstrap.settings import load_settings
from emulator.server import Server
from examples.orders.stack import CARRIER_ACCOUNT, MACHINE, STACK
from observatory.diagrams.architecture import Facts, draw, infer
from observatory.records.access import fetch_bucket_users
from observatory.records.ledger import Ledger
from observatory.story.critical_path import critical_path
from observatory.story.story import Story, tell
from observatory.story.troubles import failures, is_complete
from testkit.waiting import wait_for

PROJECT_FOLDER = Path(__file__).parents[2]
ORDER: dict[str, Any] = {
    "id": "A-1",
    "card": "visa",
    "lines": [{"sku": "tea", "quantity": 2}, {"sku": "mug"}, {"sku": "honey"}],
}


@dataclass(frozen=True)
class Orders:
    """Places orders, and finds what came of them."""

    clients: Clients

    def place(self, order: dict[str, Any], event: str = "orderPlaced") -> str:
        """Put a start event on the bus, and return the ARN of the execution that it starts."""
        detail = json.dumps(order)
        entry: Any = {"Source": STACK.source, "DetailType": event, "Detail": detail}
        job = self.clients.events.put_events(Entries=[entry])["Entries"][0]["EventId"]
        return self.clients.arns.executions(MACHINE.name).removesuffix("*") + job

    def end_of(self, execution: str) -> Any:
        """Wait until an execution has ended, and return what Step Functions says of it."""
        states = self.clients.states

        def ended() -> Any:
            listed = states.list_executions(stateMachineArn=self.clients.arns.machine(MACHINE.name))["executions"]
            if not any(one["executionArn"] == execution and one["status"] != "RUNNING" for one in listed):
                return None
            return states.describe_execution(executionArn=execution)

        return wait_for("the end of the order", ended)

    def story_of(self, execution: str) -> Story:
        """The story of an execution, once nothing more is to come."""
        self.end_of(execution)

        def told() -> Story | None:
            story = tell(self.clients, STACK, execution.rpartition(":")[2])
            return story if is_complete(story) else None

        story = wait_for("the end of the side effects", told)
        assert story
        return story

    def type(self, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Type a command."""
        endpoint = str(self.clients.settings.endpoint_url)
        return subprocess.run(
            [sys.executable, f"scripts/{script}.py", *arguments],
            cwd=PROJECT_FOLDER,
            env=os.environ | {"AWS_ENDPOINT_URL": endpoint, "STACK": self.clients.settings.stack},
            capture_output=True,
            text=True,
            check=False,
        )

    def entered(self, execution: str) -> list[str]:
        """The names of the states that an execution entered."""
        pages = self.clients.states.get_paginator("get_execution_history").paginate(executionArn=execution)
        events = [event for page in pages for event in page["events"]]
        return [event["stateEnteredEventDetails"]["name"] for event in events if "stateEnteredEventDetails" in event]


@pytest.fixture(scope="module")
def orders(localstack: Server) -> Iterator[Orders]:
    settings = load_settings({"AWS_ENDPOINT_URL": localstack.endpoint_url, "STACK": "examples.orders.stack"})
    clients = Clients(settings)
    deploy.up(clients, on_change=lambda _change: None)
    yield Orders(clients)
    gone: list[Change] = []
    deploy.down(clients, gone.append)
    assert {change.action for change in gone} == {Action.REMOVED}


def test_an_order_is_charged_packed_labelled_and_shipped(orders: Orders) -> None:
    execution = orders.place(ORDER)
    ended = orders.end_of(execution)
    assert ended["status"] == "SUCCEEDED", ended
    report = f"{execution}/0-order.json"
    assert json.loads(ended["output"]) == {"order": "A-1", "report": report, "parcels": 2, "amountCents": 3280}
    stored = orders.clients.s3.get_object(Bucket=orders.clients.bucket, Key=report)["Body"].read()
    assert json.loads(stored)["labels"] == [f"{execution}/label-parcel-{number}.svg" for number in (1, 2)]
    entered = orders.entered(execution)
    assert (entered.count("PickItem"), entered.count("LabelParcel"), entered.count("ChargeCard")) == (3, 2, 1)


def test_an_order_is_started_again_by_another_event(orders: Orders) -> None:
    assert orders.end_of(orders.place({"seed": "tea"}, "orderReopened"))["status"] == "SUCCEEDED"


def test_a_declined_card_releases_the_stock_and_the_run_says_why(orders: Orders) -> None:
    execution = orders.place({**ORDER, "card": "declined"})
    ended = orders.end_of(execution)
    assert (ended["status"], ended["error"]) == ("FAILED", "CardDeclinedError")
    assert json.loads(ended["cause"])["function"] == "chargeCard"
    assert orders.entered(execution)[-2:] == ["ReleaseStock", "OrderFailed"]


def test_an_order_that_is_not_in_stock_is_rejected_and_nothing_is_charged(orders: Orders) -> None:
    execution = orders.place({"lines": [{"sku": "mug", "quantity": 99}]})
    ended = orders.end_of(execution)
    assert (ended["status"], json.loads(ended["output"])["missing"]) == ("SUCCEEDED", ["mug"])
    assert orders.entered(execution)[-2:] == ["IsAllInStock", "Rejected"]


def test_a_shipped_order_is_in_the_queue_and_at_the_carrier_in_another_account(orders: Orders) -> None:
    job = orders.place(ORDER).rpartition(":")[2]
    queue = orders.clients.sqs.get_queue_url(QueueName="orderAudit")["QueueUrl"]
    carrier = orders.clients.of_account(CARRIER_ACCOUNT).logs

    def audited() -> bool:
        messages = orders.clients.sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
        return any(json.loads(message["Body"])["detail"]["job"] == job for message in messages)

    def booked() -> bool:
        lines = carrier.filter_log_events(logGroupName="/aws/lambda/bookCarrier")["events"]
        return any("booked a carrier" in line["message"] and job in line["message"] for line in lines)

    wait_for("the message in the queue", audited)
    wait_for("the booking", booked)


def test_its_story_has_branches_and_items_in_items_as_such(orders: Orders) -> None:
    story = orders.story_of(orders.place(ORDER))
    states = story.states
    (both,) = (run for run in states.runs if run.type == "Parallel")
    assert {(run.name, run.branch) for run in states.inside[both.id]} == {("ChargeCard", 0), ("PackParcels", 1)}
    (parcels,) = states.maps("PackParcels")
    assert [item.label for item in states.items_of[parcels.id]] == ["parcel 1", "parcel 2"]
    lines = {run.item: [item.label for item in states.items_of[run.id]] for run in states.maps("PickItems")}
    assert {label for labels in lines.values() for label in labels} == {"tea", "mug", "honey"}
    assert {run.status for run in states.runs} == {"SUCCEEDED"}
    assert failures(story) == ()


def test_its_critical_path_is_never_longer_than_the_run(orders: Orders) -> None:
    story = orders.story_of(orders.place(ORDER))
    spent = sum(segment.seconds for segment in critical_path(story))
    assert spent == pytest.approx((story.ended - story.execution.started).total_seconds(), rel=0.01)


def test_the_consumer_in_another_account_is_in_its_story_and_in_the_architecture(orders: Orders) -> None:
    job = orders.place(ORDER)

    def booked() -> Story | None:
        # Another account's log is none of this run's own, so that the story may be complete before it.
        story = orders.story_of(job)
        return story if any(one.account for one in story.invocations) else None

    story = wait_for("the booking", booked)
    assert story
    (booking,) = (one for one in story.invocations if one.account)
    assert (booking.label, booking.error) == (f"bookCarrier in {CARRIER_ACCOUNT}", None)
    assert story.event_by_id[booking.event_id or ""].type == "orderShipped"
    clients = orders.clients
    ledger = Ledger(clients, STACK.ledger)
    ledger.refresh()
    users = fetch_bucket_users(clients, [MACHINE.name], story.consumers)
    picture = infer(Facts(STACK, clients.bucket, ledger.new_events(0)[0], story.consumers, users), story.told)
    assert "bookCarrier" in {node.name for node in picture.nodes if node.account == CARRIER_ACCOUNT}
    assert f'["account {CARRIER_ACCOUNT}"]' in draw(picture)
    bucket = {edge.source.name: edge for edge in picture.edges if edge.target.kind == "bucket"}
    assert {name: edge.inferred for name, edge in bucket.items()} == {"labelParcel": False, "shipOrder": False}


def test_start_run_shows_the_steps_and_what_an_order_came_to(orders: Orders) -> None:
    done = orders.type("start_run", MACHINE.name, "--detail", json.dumps(ORDER))
    assert done.returncode == 0, done.stderr
    for shown in ("ChargeAndPack", "2 of 2 branches", '"order": "A-1"', "/0-order.json"):
        assert shown in done.stdout
    said = json.loads(orders.type("start_run", "--event", "orderReopened", "--seed", "tea", "--json").stdout)
    assert (said["machine"], said["status"], said["output"]["parcels"]) == (MACHINE.name, "SUCCEEDED", said["parcels"])


def test_start_run_and_explain_say_what_failed_and_what_was_done_about_it(orders: Orders) -> None:
    failed = orders.type("start_run", "--detail", json.dumps({**ORDER, "card": "declined"}))
    assert failed.returncode == 1
    assert "FAILED: chargeCard failed" in failed.stderr
    job = failed.stdout.split()[1].rstrip(",")
    explained = orders.type("explain", job)
    assert explained.returncode == 0, explained.stderr
    for shown in (
        "ChargeAndPack",
        "failed (caught, then ReleaseStock)",
        "failed (caught by ChargeAndPack, then ReleaseStock)",
        "branch 0",
        "CardDeclinedError",
        "ReleaseStock",
    ):
        assert shown in explained.stdout
