"""The orders' handlers: what each answers, and what it refuses."""

from typing import Any

import pytest

from examples.orders.catalogue import PRICES_CENTS, draw_order
from examples.orders.handlers import (
    book_carrier,
    charge_card,
    label_parcel,
    pick_item,
    release_stock,
    reserve_stock,
    send_receipt,
    ship_order,
)
from handlers.shared.events import EventBridgeEvent
from tests.unit.handlers.fakes import FakeBus, FakeS3
from tests.unit.handlers.samples import CONTEXT, EXECUTION

TEA_FOR_TWO = [{"sku": "tea", "quantity": 2}, {"sku": "mug", "quantity": 2}, {"sku": "honey", "quantity": 1}]


def event(**detail: Any) -> EventBridgeEvent:
    carried = {"TaskToken": "token", "execution": EXECUTION, "job": "job", "start": {}}
    return {
        "id": "event",
        "account": "000000000000",
        "source": "orders",
        "detail-type": "asked",
        "detail": {**carried, **detail},
    }


def answer(bus: FakeBus) -> dict[str, Any]:
    (entry,) = bus.entries
    assert entry["DetailType"] == "done"
    assert bus.details[0]["TaskToken"] == "token"
    return bus.details[0]


def test_an_order_is_reserved_with_its_amount_and_packed_two_lines_a_parcel(bus: FakeBus) -> None:
    reserve_stock.lambda_handler(event(start={"id": "A-1", "lines": TEA_FOR_TWO}), CONTEXT)
    reserved = answer(bus)
    assert (reserved["order"], reserved["amountCents"], reserved["inStock"]) == ("A-1", 2 * 650 + 2 * 1200 + 780, True)
    assert [[line["item"] for line in parcel["lines"]] for parcel in reserved["parcels"]] == [["tea", "mug"], ["honey"]]
    assert [parcel["item"] for parcel in reserved["parcels"]] == ["parcel 1", "parcel 2"]


def test_the_same_seed_draws_the_same_order_and_another_seed_another(bus: FakeBus) -> None:
    for seed in ("a", "a", "b"):
        reserve_stock.lambda_handler(event(start={"seed": seed}), CONTEXT)
    first, again, other = (detail["parcels"] for detail in bus.details)
    assert first == again != other


def test_every_order_that_is_drawn_can_be_delivered() -> None:
    orders = [draw_order(str(seed)) for seed in range(100)]
    assert all(line.sku in PRICES_CENTS and 1 <= line.quantity <= 3 for order in orders for line in order.lines)


def test_more_than_there_is_makes_the_order_one_that_is_not_in_stock(bus: FakeBus) -> None:
    reserve_stock.lambda_handler(event(start={"lines": [{"sku": "mug", "quantity": 99}, {"sku": "tea"}]}), CONTEXT)
    assert (answer(bus)["inStock"], answer(bus)["missing"]) == (False, ["mug"])


@pytest.mark.parametrize(
    "lines",
    [[], "tea", [{"sku": "gold"}], ["tea"], [{"sku": "tea", "quantity": 0}], [{"sku": "tea", "quantity": True}]],
)
def test_what_is_no_order_fails_with_what_to_give(bus: FakeBus, lines: Any) -> None:
    reserve_stock.lambda_handler(event(start={"lines": lines}), CONTEXT)
    assert bus.failure["error"] == "OrderError"
    assert "give a" in bus.failure["message"]


def test_a_card_is_charged_by_order_and_amount(bus: FakeBus) -> None:
    charge_card.lambda_handler(event(order="A-1", card="visa", amountCents=990), CONTEXT)
    assert answer(bus)["charge"] == "A-1-990"


def test_a_declined_card_fails_for_good(bus: FakeBus) -> None:
    charge_card.lambda_handler(event(order="A-1", card="declined", amountCents=990), CONTEXT)
    assert (bus.failure["error"], bus.failure["function"]) == ("CardDeclinedError", "theFunction")


def test_a_line_is_picked(bus: FakeBus) -> None:
    pick_item.lambda_handler(event(item="tea", quantity=2), CONTEXT)
    assert answer(bus)["picked"] == {"sku": "tea", "quantity": 2}


def test_a_label_is_a_picture_below_the_execution(bus: FakeBus, bucket: FakeS3) -> None:
    label_parcel.lambda_handler(event(order="A-1", item="parcel 1"), CONTEXT)
    key = answer(bus)["label"]
    assert key == f"{EXECUTION}/label-parcel-1.svg"
    assert b"<svg" in bucket.objects[key]


def test_a_shipped_order_leaves_a_report(bus: FakeBus, bucket: FakeS3) -> None:
    ship_order.lambda_handler(event(order="A-1", charge="A-1-990", amountCents=990, labels=["a", "b"]), CONTEXT)
    done = answer(bus)
    assert (done["parcels"], done["amountCents"]) == (2, 990)
    expected = {"order": "A-1", "charge": "A-1-990", "amountCents": 990, "labels": ["a", "b"]}
    assert bucket.stored(done["report"]) == expected


def test_what_was_reserved_is_released(bus: FakeBus) -> None:
    release_stock.lambda_handler(event(order="A-1", parcels=[{}, {}]), CONTEXT)
    assert answer(bus)["releasedParcels"] == 2


def test_receipt_and_carrier_say_that_they_are_done(bus: FakeBus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SENDER", "shop@example.com")
    send_receipt.lambda_handler(event(order="A-1", amountCents=990), CONTEXT)
    book_carrier.lambda_handler(event(order="A-1", parcels=2), CONTEXT)
    assert [entry["DetailType"] for entry in bus.entries] == ["receiptSent", "carrierBooked"]
