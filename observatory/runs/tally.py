"""What the events of a run add up to so far."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from handlers.shared.detail_types import DONE, FAILED
from observatory.records.ledger import Event

SCALARS = (str, int, float)


@dataclass
class Tally:
    """What is known of a run from its events.

    Args:
        job: The id of its start event.
        start: The detail of that; None if it is not among them.
        answers: What `done` events said that fits into a column, by its key; of two answers the later one counts.
        failures: How many events say that a handler failed for good.
        events: How many events there are.
        items: What the items are called that they are about.
    """

    job: str
    start: Mapping[str, Any] | None = None
    answers: dict[str, Any] = field(default_factory=dict)
    failures: int = 0
    events: int = 0
    items: set[str] = field(default_factory=set)

    def take(self, events: Iterable[Event], keys: Iterable[str], item_key: str) -> None:
        """Add events that were not taken yet; anyone may have written what they say.

        Args:
            events: The events.
            keys: What of the answers is worth keeping.
            item_key: The key of a detail that says what an item is called.
        """
        for event in events:
            self.events += 1
            self.failures += event.type == FAILED
            if item := event.item(item_key):
                self.items.add(item)
            if event.id == self.job:
                self.start = event.detail
            elif event.type == DONE:
                self.answers |= {key: event.detail[key] for key in keys if isinstance(event.detail.get(key), SCALARS)}
