"""Send the customer a receipt; the order does not wait for it."""

import os

from examples.orders.detail_types import DetailType
from handlers.shared.emit import emit
from handlers.shared.events import EventBridgeEvent, read
from handlers.shared.invocation import Context, recorded
from handlers.shared.log import log


@recorded
def lambda_handler(event: EventBridgeEvent, _context: Context) -> None:
    """Log the receipt, and say so."""
    receipt = f"order {read(event, 'order', str)}: {read(event, 'amountCents', int)} cents"
    log(event, "sent a receipt", sender=os.environ["SENDER"], receipt=receipt)
    emit(event, DetailType.RECEIPT_SENT, {})
