"""Randomness that comes out the same when an event is handled again."""

import json
from random import Random

from handlers.shared.errors import PermanentError
from handlers.shared.events import EventBridgeEvent, read


class SeedError(PermanentError):
    """The start event's seed is neither a whole number nor text."""


def seed_of(event: EventBridgeEvent, *about: str) -> str:
    """Derive a seed from the start event's, else from the execution, and from what is drawn with it."""
    seed = read(event, "start", dict).get("seed")
    if seed is None:
        seed = read(event, "execution", str)
    # The exact type, because True is an int as well.
    elif type(seed) not in {int, str}:
        raise SeedError(f"seed of the start event is {seed!r:.100}: give a whole number or a text, or leave it out")
    # As JSON, because Random refuses text with half a surrogate pair, which a name may hold.
    return json.dumps([str(seed), *about])


def draw_number(maximum: int, seed: str) -> int:
    """Draw a whole number from 0 to the maximum."""
    return Random(seed).randint(0, maximum)  # noqa: S311 - no secret
