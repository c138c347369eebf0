"""Look up one person's profile."""

from handlers.detail_types import DetailType
from handlers.keys import basic_key
from handlers.people import draw_profile
from handlers.shared.chance import seed_of
from handlers.shared.emit import emit
from handlers.shared.events import EventBridgeEvent, read
from handlers.shared.failure import answers_failure
from handlers.shared.invocation import Context, recorded
from handlers.shared.storage import presigned_url, write_json


@recorded
@answers_failure
def lambda_handler(event: EventBridgeEvent, _context: Context) -> None:
    """Look up a person's profile, store it, and pass its URL on."""
    name = read(event, "name", str)
    key = basic_key(read(event, "execution", str), name)
    write_json(key, draw_profile(name, seed_of(event, name)))
    emit(event, DetailType.GET_USER_COOKIES, {"profile": presigned_url(key)})
