"""Say in a sentence what an execution waits for, and since when."""

from datetime import UTC, datetime

from observatory.records.history import MAP_STEP, Timeline
from observatory.runs.following import Snapshot

PEOPLE_NAMED = 5


def describe_waiting(snapshot: Snapshot) -> str:
    """Return for example ``GetMultiple has been waiting since 10:03:22 UTC``; for the Map, the people as well."""
    timeline = snapshot.timeline
    step = timeline.waiting_step
    if step is None or step.entered is None:
        return "no step was waiting"
    sentence = f"{step.name} has been waiting since {_time(step.entered)} UTC"
    if step.name != MAP_STEP or timeline.names is None:
        return sentence
    total = len(timeline.names)
    return f"{sentence} for {total - snapshot.people_done} of {total} people{_describe_people(timeline)}"


def _describe_people(timeline: Timeline) -> str:
    """Name those whose turn has come; not every endpoint records who they are."""
    waiting = timeline.waiting_people
    named = [f"{person.name} since {_time(person.entered)}" for person in waiting[:PEOPLE_NAMED]]
    if len(waiting) > PEOPLE_NAMED:
        named.append(f"{len(waiting) - PEOPLE_NAMED} more under way")
    return f" ({', '.join(named)})" if named else ""


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%H:%M:%S}"
