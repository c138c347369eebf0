"""Put back on the shelf what was reserved for an order that failed."""

from examples.orders.detail_types import DetailType
from handlers.shared.emit import emit
from handlers.shared.events import EventBridgeEvent, read
from handlers.shared.failure import answers_failure
from handlers.shared.invocation import Context, recorded


@recorded
@answers_failure
def lambda_handler(event: EventBridgeEvent, _context: Context) -> None:
    """Say how many parcels were taken apart again."""
    emit(event, DetailType.DONE, {"releasedParcels": len(read(event, "parcels", list))})
