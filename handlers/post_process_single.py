"""Count the cookies that one person ate."""

from handlers.detail_types import DetailType
from handlers.keys import final_key
from handlers.shared.chance import draw_number, seed_of
from handlers.shared.emit import emit
from handlers.shared.events import EventBridgeEvent, read
from handlers.shared.failure import answers_failure
from handlers.shared.fetching import fetch_json
from handlers.shared.invocation import Context, recorded
from handlers.shared.storage import write_json

MAX_COOKIES = 9


@recorded
@answers_failure
def lambda_handler(event: EventBridgeEvent, _context: Context) -> None:
    """Fetch a person's profile, count the cookies, store both, and pass the number on."""
    name = read(event, "name", str)
    profile = fetch_json(read(event, "profile", str))
    counted = {"numberOfCookiesConsumed": draw_number(MAX_COOKIES, seed_of(event, name))}
    write_json(final_key(read(event, "execution", str), name), {**profile, **counted})
    emit(event, DetailType.DONE, counted)
