"""Get the names of the people that a run is about."""

from handlers.detail_types import DetailType
from handlers.people import draw_names
from handlers.shared.chance import draw_number, seed_of
from handlers.shared.emit import emit
from handlers.shared.errors import PermanentError
from handlers.shared.events import EventBridgeEvent, read
from handlers.shared.failure import answers_failure
from handlers.shared.invocation import Context, recorded

# A standard execution's history ends at 25,000 events, and a person takes up to nine of them.
MAX_PEOPLE = 2500
MAX_RANDOM_PEOPLE = 19


class PeopleError(PermanentError):
    """The start event asks for a number of people that no run can have."""


@recorded
@answers_failure
def lambda_handler(event: EventBridgeEvent, _context: Context) -> None:
    """Draw as many names as the start event asks for and pass them on."""
    names = draw_names(number_of_people(event), seed_of(event))
    emit(event, DetailType.DONE, {"names": names})


def number_of_people(event: EventBridgeEvent) -> int:
    """Tell how many people the start event asks for; when it does not say, a few at random."""
    people = read(event, "start", dict).get("people")
    if people is None:
        return draw_number(MAX_RANDOM_PEOPLE, seed_of(event))
    # The exact type, because True is an int as well.
    if type(people) is not int or not 0 <= people <= MAX_PEOPLE:
        raise PeopleError(f"people of the start event is {people!r:.100}: give a whole number from 0 to {MAX_PEOPLE}")
    return people
