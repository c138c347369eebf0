"""What a run took in all: per function, and what it would cost on AWS."""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from observatory.records.invocations import Invocation
from observatory.story.prices import PRICES
from observatory.story.story import Story

MEGABYTES_PER_GIGABYTE = 1024
# AWS bills an event for each 64 KB that it has, begun or full.
EVENT_CHUNK_BYTES = 64 * 1024
# The least that an express execution is billed: 64 MB for 100 ms.
EXPRESS_GIGABYTE_SECONDS = 64 / 1024 * 0.1


@dataclass(frozen=True)
class FunctionTotals:
    """The invocations of a function; times in milliseconds, None without any report."""

    function: str
    invocations: int
    failed: int
    cold_starts: int
    p50: float | None
    p95: float | None
    longest: float | None
    memory_used: int | None
    gigabyte_seconds: float

    def to_json_object(self) -> dict[str, Any]:
        """Return the totals for programs."""
        return asdict(self)


@dataclass(frozen=True)
class Cost:
    """One line of what a run would cost: how much of what, and that in dollars."""

    what: str
    amount: float
    dollars: float


def totals(story: Story) -> tuple[FunctionTotals, ...]:
    """The totals of each function that was invoked, in the order of their first invocations."""
    functions = dict.fromkeys(invocation.label for invocation in story.invocations)
    return tuple(_function_totals(name, [one for one in story.invocations if one.label == name]) for name in functions)


def costs(story: Story) -> tuple[Cost, ...]:
    """What a run would cost on AWS, without a free tier, logs and data transfer."""
    finished = sum(any(one.name == story.stack.finisher for one in story.consumers_of(event)) for event in story.events)
    amounts = {
        "state transitions": sum(1 + len(state.failed_tries) for state in story.states.runs),
        "express executions": finished,
        "express GB-seconds": finished * EXPRESS_GIGABYTE_SECONDS,
        "events": sum(math.ceil(len(json.dumps(event.body).encode()) / EVENT_CHUNK_BYTES) for event in story.events),
        "invocations": len(story.invocations),
        "GB-seconds": sum(each.gigabyte_seconds for each in totals(story)),
        "S3 writes": len(story.objects),
        "S3 reads": sum(_reads(story, invocation) for invocation in story.invocations),
    }
    return tuple(Cost(what, amount, amount * PRICES[what]) for what, amount in amounts.items())


def _reads(story: Story, invocation: Invocation) -> int:
    """How many objects an invocation has read: as it says in what it emitted, else those that it got the URLs of."""
    said = [event for event in story.effects.get(invocation.event_id, ()) if story.emitter(event) is invocation]
    if any(event.tells_objects for event in said):
        return max(event.objects_read for event in said)
    event = story.event_by_id.get(invocation.event_id or "")
    return len(event.signed_urls) if event else 0


def _function_totals(function: str, invocations: Sequence[Invocation]) -> FunctionTotals:
    took = sorted(one.milliseconds for one in invocations if one.milliseconds is not None)
    memory = [one.memory_used for one in invocations if one.memory_used is not None]
    return FunctionTotals(
        function,
        invocations=len(invocations),
        failed=sum(one.error is not None for one in invocations),
        cold_starts=sum(one.is_cold for one in invocations),
        p50=percentile(took, 50),
        p95=percentile(took, 95),
        longest=took[-1] if took else None,
        memory_used=max(memory, default=None),
        gigabyte_seconds=sum(map(_gigabyte_seconds, invocations)),
    )


def _gigabyte_seconds(invocation: Invocation) -> float:
    size = (invocation.memory_size or 0) / MEGABYTES_PER_GIGABYTE
    return size * (invocation.billed_milliseconds or 0) / 1000


def percentile(ordered: Sequence[float], percent: int) -> float | None:
    """The smallest of the values that so many percent of them do not exceed."""
    return ordered[math.ceil(len(ordered) * percent / 100) - 1] if ordered else None
