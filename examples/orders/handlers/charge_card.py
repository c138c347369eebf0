"""Charge the card that an order is paid with."""

from examples.orders.detail_types import DetailType
from handlers.shared.emit import emit
from handlers.shared.errors import PermanentError
from handlers.shared.events import EventBridgeEvent, read
from handlers.shared.failure import answers_failure
from handlers.shared.invocation import Context, recorded

DECLINED = "declined"


class CardDeclinedError(PermanentError):
    """The bank says no, and will say so again."""


@recorded
@answers_failure
def lambda_handler(event: EventBridgeEvent, _context: Context) -> None:
    """Charge the amount, and pass the receipt's number on; an order is charged once, however often it is asked."""
    card, amount = read(event, "card", str), read(event, "amountCents", int)
    if card == DECLINED:
        raise CardDeclinedError(f"the card of order {read(event, 'order', str)} was declined for {amount} cents")
    emit(event, DetailType.DONE, {"charge": f"{read(event, 'order', str)}-{amount}"})
