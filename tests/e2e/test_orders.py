"""The orders, beside the cookies in the same account: a Choice, a Parallel, a Map in a Map, and another account."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from bootstrap import deploy
from bootstrap.changes import Action, Change
from bootstrap.clients import Clients
from bootstrap.settings import load_settings
from emulator.server import Server
from examples.orders.stack import CARRIER_ACCOUNT, MACHINE, STACK
from tests.waiting import wait_for

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
