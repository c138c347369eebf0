"""Book a carrier for an order; runs in the carrier's own account, which hears of orders on its own bus."""

from examples.orders.detail_types import DetailType
from handlers.shared.emit import emit
from handlers.shared.events import EventBridgeEvent, read
from handlers.shared.invocation import Context, recorded
from handlers.shared.log import log


@recorded
def lambda_handler(event: EventBridgeEvent, _context: Context) -> None:
    """Log the booking, and say so on the carrier's bus."""
    log(event, "booked a carrier", order=read(event, "order", str), parcels=read(event, "parcels", int))
    emit(event, DetailType.CARRIER_BOOKED, {})
