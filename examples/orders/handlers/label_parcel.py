"""Print the label of a parcel: a QR code that says which one it is."""

import io

import segno

from examples.orders.detail_types import DetailType
from handlers.shared.emit import emit
from handlers.shared.events import EventBridgeEvent, read
from handlers.shared.failure import answers_failure
from handlers.shared.invocation import Context, recorded
from handlers.shared.storage import write_object


@recorded
@answers_failure
def lambda_handler(event: EventBridgeEvent, _context: Context) -> None:
    """Store a parcel's label, and pass its key on."""
    order, parcel = read(event, "order", str), read(event, "item", str)
    label = io.BytesIO()
    segno.make(f"{order}, {parcel}").save(label, kind="svg", scale=4)
    key = f"{read(event, 'execution', str)}/label-{parcel.replace(' ', '-')}.svg"
    write_object(key, label.getvalue(), "image/svg+xml")
    emit(event, DetailType.DONE, {"label": key})
