"""A run explained: its story, and all that follows from it, for programs."""

from dataclasses import asdict
from typing import Any

from observatory.story.critical_path import critical_path
from observatory.story.prices import DATED, REGION
from observatory.story.story import Story
from observatory.story.totals import costs, totals
from observatory.story.troubles import failures, lost, waiting


def explain(story: Story) -> dict[str, Any]:
    """Return the story as JSON has it, with all that follows from it."""
    return {**story.to_json_object(), **conclude(story)}


def conclude(story: Story) -> dict[str, Any]:
    """Return what follows from a story: failures, what it waits for, totals, critical path and cost."""
    lines = costs(story)
    return {
        "failures": [asdict(failure) | {"sentence": failure.sentence} for failure in failures(story)],
        "waiting": list(waiting(story)),
        "unhandled": [{"eventId": event.id, "function": consumer.name} for event, consumer in lost(story)],
        "totals": [each.to_json_object() for each in totals(story)],
        "criticalPath": [segment.to_json_object() for segment in critical_path(story)],
        "cost": {
            "dollars": sum(line.dollars for line in lines),
            "prices": f"{REGION}, {DATED}",
            "lines": [asdict(line) for line in lines],
        },
    }
