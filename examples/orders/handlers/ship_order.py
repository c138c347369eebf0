"""Hand the parcels of an order over, and write down what it came to."""

from examples.orders.detail_types import DetailType
from handlers.shared.emit import emit
from handlers.shared.events import EventBridgeEvent, read, read_texts
from handlers.shared.failure import answers_failure
from handlers.shared.invocation import Context, recorded
from handlers.shared.storage import write_json


@recorded
@answers_failure
def lambda_handler(event: EventBridgeEvent, _context: Context) -> None:
    """Store the report, and pass its key and its totals on."""
    labels, amount = read_texts(event, "labels"), read(event, "amountCents", int)
    report = {"order": read(event, "order", str), "charge": read(event, "charge", str), "amountCents": amount}
    key = f"{read(event, 'execution', str)}/0-order.json"
    write_json(key, {**report, "labels": labels})
    emit(event, DetailType.DONE, {"report": key, "parcels": len(labels), "amountCents": amount})
