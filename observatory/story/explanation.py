"""A run explained: its story, and all that follows from it, for programs."""

from dataclasses import asdict
from typing import Any

from observatory.story.critical_path import critical_path
from observatory.story.denials import denied
from observatory.story.failure_card import failure_card
from observatory.story.prices import DATED, REGION
from observatory.story.reasons import waits
from observatory.story.story import Story, lost
from observatory.story.totals import costs, totals
from observatory.story.troubles import beside, failures


def explain(story: Story) -> dict[str, Any]:
    """Return the story as JSON has it, with all that follows from it."""
    return {**story.to_json_object(), **conclude(story)}


def conclude(story: Story) -> dict[str, Any]:
    """Return what follows from a story: what failed and why, what it waits for, totals, critical path and cost."""
    lines, found, card = costs(story), failures(story), failure_card(story)
    return {
        "failures": [asdict(failure) | {"sentence": failure.sentence} for failure in found],
        "failure": card.to_json_object() if card else None,
        "otherFailures": [failure.sentence for failure in beside(card, found)],
        "denied": [each.to_json_object() for each in denied(story)],
        "waiting": [wait.sentence for wait in waits(story)],
        "unhandled": [{"eventId": event.id, "function": consumer.name} for event, consumer in lost(story)],
        "totals": [each.to_json_object() for each in totals(story)],
        "criticalPath": [segment.to_json_object() for segment in critical_path(story)],
        "cost": {
            "dollars": sum(line.dollars for line in lines),
            "prices": f"{REGION}, {DATED}",
            "lines": [asdict(line) for line in lines],
        },
    }
