"""Take what an order asks for from the shelf, if all of it is there."""

from typing import Any

from examples.orders.catalogue import MAX_QUANTITY, PRICES_CENTS, Line, Order, draw_order
from examples.orders.detail_types import DetailType
from handlers.shared.chance import seed_of
from handlers.shared.emit import emit
from handlers.shared.errors import PermanentError
from handlers.shared.events import EventBridgeEvent, read
from handlers.shared.failure import answers_failure
from handlers.shared.invocation import Context, recorded


class OrderError(PermanentError):
    """The start event holds no order that the shop can read."""


@recorded
@answers_failure
def lambda_handler(event: EventBridgeEvent, _context: Context) -> None:
    """Say whether all of an order is there, and how it is packed."""
    order = read_order(event)
    missing = [line.sku for line in order.lines if line.quantity > MAX_QUANTITY]
    parcels = [
        {"item": f"parcel {number}", "lines": [{"item": line.sku, "quantity": line.quantity} for line in lines]}
        for number, lines in enumerate(order.parcels(), 1)
    ]
    reserved = {"order": order.id, "card": order.card, "amountCents": order.amount_cents, "parcels": parcels}
    emit(event, DetailType.DONE, {**reserved, "missing": missing, "inStock": not missing})


def read_order(event: EventBridgeEvent) -> Order:
    """Read the order of the start event; draw one, where that has no lines."""
    start = read(event, "start", dict)
    if "lines" not in start:
        drawn = draw_order(seed_of(event))
        return Order(str(start.get("id", drawn.id)), str(start.get("card", drawn.card)), drawn.lines)
    lines = start["lines"]
    if not isinstance(lines, list) or not lines:
        raise OrderError(f"lines of the start event is {lines!r:.100}: give a list of {{sku, quantity}}")
    return Order(str(start.get("id", event["id"])), str(start.get("card", "visa")), tuple(map(read_line, lines)))


def read_line(line: Any) -> Line:  # noqa: ANN401 - anyone may have written it
    """Read one line of an order."""
    sku, quantity = (line.get("sku"), line.get("quantity", 1)) if isinstance(line, dict) else (None, None)
    # The exact type, because True is an int as well.
    if sku not in PRICES_CENTS or type(quantity) is not int or quantity < 1:
        known = ", ".join(PRICES_CENTS)
        raise OrderError(f"a line of the order is {line!r:.100}: give a sku of {known}, and a quantity from 1")
    return Line(sku, quantity)
