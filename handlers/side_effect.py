"""Do something else with a person's profile; the run does not wait for it."""

from handlers.detail_types import DetailType
from handlers.shared.emit import emit
from handlers.shared.events import EventBridgeEvent, read
from handlers.shared.fetching import fetch_json
from handlers.shared.invocation import Context, recorded
from handlers.shared.log import log


@recorded
def lambda_handler(event: EventBridgeEvent, _context: Context) -> None:
    """Fetch a person's profile, log it, and say so."""
    profile = fetch_json(read(event, "profile", str))
    log(event, "saw a profile", profile=profile)
    emit(event, DetailType.ASYNC_DONE, {})
