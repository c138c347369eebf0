"""Fetch one line of an order from the shelf."""

from examples.orders.detail_types import DetailType
from handlers.shared.emit import emit
from handlers.shared.events import EventBridgeEvent, read
from handlers.shared.failure import answers_failure
from handlers.shared.invocation import Context, recorded


@recorded
@answers_failure
def lambda_handler(event: EventBridgeEvent, _context: Context) -> None:
    """Say what was fetched, and how many of it."""
    picked = {"sku": read(event, "item", str), "quantity": read(event, "quantity", int)}
    emit(event, DetailType.DONE, {"picked": picked})
