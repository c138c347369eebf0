"""Weigh a parcel, which is said by its version number, and label it."""

from packaging.version import Version

from handlers.shared.detail_types import DONE
from handlers.shared.emit import emit
from handlers.shared.events import EventBridgeEvent, read
from handlers.shared.failure import answers_failure
from handlers.shared.invocation import Context, recorded


@recorded
@answers_failure
def lambda_handler(event: EventBridgeEvent, _context: Context) -> None:
    """Answer with its weight."""
    weight = Version(read(event, "parcel", str)).major
    emit(event, "label", {"weight": weight})
    emit(event, DONE, {"weight": weight})
