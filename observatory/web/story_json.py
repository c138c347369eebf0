"""A run's story as its page reads it: what belongs together is joined, and log lines are left out."""

from collections import defaultdict
from dataclasses import asdict
from datetime import datetime
from typing import Any

from bootstrap.description import MachineSpec
from observatory.clock import iso
from observatory.diagrams.mermaid import flowchart
from observatory.records.invocations import Invocation
from observatory.records.ledger import Event
from observatory.story.explanation import conclude
from observatory.story.story import StoredObject, Story
from observatory.web.until_pages_are_general import state_as_before

type _Key = tuple[object, object, object]


def story_to_json_object(story: Story) -> dict[str, Any]:
    """Return all that the page shows of a story, but for the run's summary and its picture."""
    emitted: defaultdict[_Key, list[str]] = defaultdict(list)
    for event in story.events:
        if event.replay_of is None:
            emitted[event.function, event.request_id, event.cause_id].append(event.id)
    execution = story.execution
    return {
        "job": story.job,
        "told": iso(story.told),
        "execution": {
            "arn": execution.arn,
            "status": execution.status,
            "startedAt": iso(execution.started),
            "endedAt": iso(execution.stopped),
            "error": execution.error,
            "cause": execution.cause,
        },
        "diagram": flowchart(story),
        "events": [_event(story, event) for event in story.events],
        "invocations": [_invocation(story, one, emitted) for one in story.invocations],
        "stateRuns": [{**state.to_json_object(), **state_as_before(story, state)} for state in story.states.runs],
        "items": [item.to_json_object() for item in story.states.items],
        "words": words_to_json_object(story.machine),
        "objects": [_object(story, found) for found in story.objects],
        "consumers": [consumer.to_json_object() for consumer in story.consumers],
        **conclude(story),
    }


def _event(story: Story, event: Event) -> dict[str, Any]:
    kind, name = event.emitter
    return {
        "id": event.id,
        "type": event.type,
        "time": iso(event.emitted),
        "source": event.body.get("source"),
        "causationId": event.cause_id,
        "item": story.item_of(event),
        "person": story.item_of(event),
        "state": event.state,
        "emitter": {"kind": kind, "name": name, "requestId": event.request_id},
        "replayOf": event.replay_of,
        "detail": event.body.get("detail"),
    }


def _invocation(story: Story, one: Invocation, emitted: dict[_Key, list[str]]) -> dict[str, Any]:
    cause = story.event_by_id.get(one.event_id or "")
    put = cause.emitted if cause else None
    return {
        "function": one.function,
        "requestId": one.request_id,
        "logStream": one.log_stream,
        "account": one.account,
        "item": story.item_of(cause) if cause else None,
        "person": story.item_of(cause) if cause else None,
        "state": cause.state if cause else None,
        "causeEventId": one.event_id,
        "emitted": one.emitted or emitted.get((one.function, one.request_id, one.event_id), ()),
        "isSideEffect": one.account is not None or one.function not in story.waited_for,
        "putAt": iso(put),
        "startedAt": iso(one.started),
        "endedAt": iso(one.ended),
        "queueSeconds": _queued(put, one),
        "coldStart": one.is_cold,
        "initMs": one.init_milliseconds,
        "milliseconds": one.milliseconds,
        "billedMs": one.billed_milliseconds,
        "error": one.error,
        "memorySize": one.memory_size,
        "memoryUsed": one.memory_used,
    }


def _queued(put: datetime | None, one: Invocation) -> float | None:
    """The seconds that an event waited before an environment was there for it, or began to start for it."""
    if put is None:
        return None
    return max((one.started - put).total_seconds() - (one.init_milliseconds or 0) / 1000, 0.0)


def words_to_json_object(machine: MachineSpec) -> dict[str, Any]:
    """Return how people speak of a machine's runs: what the items of each Map are called, and what has a column."""
    return {
        "machine": machine.name,
        "items": {name: asdict(spec) for name, spec in machine.items.items()},
        "columns": [asdict(column) for column in machine.columns],
        "report": machine.report,
        "options": [asdict(option) for option in machine.options],
        "starts": [asdict(start) for start in machine.starts],
    }


def _object(story: Story, found: StoredObject) -> dict[str, Any]:
    return {"name": story.object_name(found), "key": found.key, "size": found.size, "modified": iso(found.modified)}
