"""Run an errand, and leave a note of it in the bucket."""

from handlers.shared.detail_types import DONE
from handlers.shared.emit import emit
from handlers.shared.errors import PermanentError
from handlers.shared.events import EventBridgeEvent, read
from handlers.shared.failure import answers_failure
from handlers.shared.invocation import Context, recorded
from handlers.shared.storage import write_json


class ShopClosedError(PermanentError):
    """There is nothing to be had."""


@recorded
@answers_failure
def lambda_handler(event: EventBridgeEvent, _context: Context) -> None:
    """Answer with what was brought."""
    errand = read(event, "errand", str)
    if errand == "closed":
        raise ShopClosedError("come back tomorrow")
    if errand == "odd":
        raise ValueError("an odd errand")
    write_json(f"{read(event, 'execution', str)}/note.json", {"errand": errand})
    emit(event, DONE, {"brought": errand})
