"""A run's story as its page reads it: what belongs together is joined, and log lines are left out."""

from collections import defaultdict
from datetime import datetime
from typing import Any

from observatory.clock import iso
from observatory.diagrams.mermaid import flowchart
from observatory.records.consumers import WAITED_FOR
from observatory.records.executions import StateRun
from observatory.records.invocations import Invocation
from observatory.records.ledger import Event
from observatory.story.explanation import conclude
from observatory.story.story import StoredObject, Story

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
        "events": [_event(event) for event in story.events],
        "invocations": [_invocation(story, one, emitted) for one in story.invocations],
        "stateRuns": [_state(state) for state in story.states],
        "objects": [_object(story, found) for found in story.objects],
        "consumers": [consumer.to_json_object() for consumer in story.consumers],
        **conclude(story),
    }


def _event(event: Event) -> dict[str, Any]:
    kind, name = event.emitter
    return {
        "id": event.id,
        "type": event.type,
        "time": iso(event.emitted),
        "source": event.body.get("source"),
        "causationId": event.cause_id,
        "person": event.name,
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
        "person": cause.name if cause else None,
        "state": cause.state if cause else None,
        "causeEventId": one.event_id,
        "emitted": one.emitted or emitted.get((one.function, one.request_id, one.event_id), ()),
        "isSideEffect": one.function not in WAITED_FOR,
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


def _state(state: StateRun) -> dict[str, Any]:
    times = {name: iso(getattr(state, name)) for name in ("entered", "emitted", "answered", "exited", "failed")}
    return {**state.to_json_object(), **times}


def _object(story: Story, found: StoredObject) -> dict[str, Any]:
    return {"name": story.object_name(found), "key": found.key, "size": found.size, "modified": iso(found.modified)}
