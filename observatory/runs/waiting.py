"""Say in a sentence what an execution waits for, and since when."""

from collections.abc import Iterable
from datetime import UTC, datetime

from observatory.runs.steps import Step

PARTS_NAMED = 5


def describe_waiting(steps: Iterable[Step]) -> str:
    """Return for example ``Deliver has been waiting since 10:03:22 UTC``; of what has parts also which of them."""
    step = next((step for step in steps if step.entered and step.ended is None and step.status == "RUNNING"), None)
    if step is None or step.entered is None:
        return "no step was waiting"
    sentence = f"{step.name} has been waiting since {_time(step.entered)} UTC"
    if step.words is None or step.total is None:
        return sentence
    return f"{sentence} for {step.total - step.done} of {step.total} {step.words.many}{_describe_open(step)}"


def _describe_open(step: Step) -> str:
    named = [f"{name} since {_time(since)}" for name, since in step.open[:PARTS_NAMED]]
    if len(step.open) > PARTS_NAMED:
        named.append(f"{len(step.open) - PARTS_NAMED} more under way")
    return f" ({', '.join(named)})" if named else ""


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%H:%M:%S}"
