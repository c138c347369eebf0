"""A run's story as its page reads it: a column for each thing that is known, times in milliseconds since the run began.

Of thousands of events, what they say is left out; a page asks for that of the few that it shows (`web/recorded.py`).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from bootstrap.description import MachineSpec
from observatory.clock import iso
from observatory.diagrams.mermaid import flow_to_json_object, flowchart
from observatory.records.invocations import Invocation
from observatory.records.ledger import Event
from observatory.records.log_lines import SHOWN_ELSEWHERE, LogLine
from observatory.records.states import FAILED, RUNNING, TIMES, Item, StateRun, json_object, json_value
from observatory.runs.outcomes import failed_things
from observatory.story.critical_path import Segment, critical_path
from observatory.story.explanation import conclude
from observatory.story.reasons import Wait, waits
from observatory.story.retrying import (
    deadline,
    heartbeat,
    invocations_allowed,
    next_invocation,
    next_try,
    tries_allowed,
)
from observatory.story.story import StoredObject, Story

type _Key = tuple[object, object, object]


def story_to_json_object(story: Story) -> dict[str, Any]:
    """Return all that the page shows of a story, but for the run's summary and its picture."""
    execution, tables = story.execution, _Tables(story)
    return {
        "job": story.job,
        "told": iso(story.told),
        "words": words_to_json_object(story.machine),
        "execution": {
            "arn": execution.arn,
            "machine": execution.machine,
            "status": execution.status,
            "startedAt": iso(execution.started),
            "endedAt": iso(execution.stopped),
            "error": execution.error,
            "cause": execution.cause,
            "output": execution.output,
        },
        "diagram": flowchart(story),
        "flow": flow_to_json_object(story),
        "events": _columns(map(tables.event, story.events)),
        "invocations": _columns(map(tables.invocation, story.invocations)),
        "stateRuns": _columns(map(tables.state, story.states.runs)),
        "items": _columns(map(tables.item, story.states.items)),
        "objects": _columns(map(tables.object, story.objects)),
        "pending": [*map(tables.wait, waits(story))],
        "retries": tables.retries(),
        "consumers": [consumer.to_json_object() for consumer in story.consumers],
        **conclude(story),
        "criticalPath": _columns(map(tables.segment, critical_path(story))),
    }


def event_to_json_object(event: Event) -> dict[str, Any]:
    """Return an event with all that it says."""
    return {
        "id": event.id,
        "type": event.type,
        "source": event.body.get("source"),
        "replayOf": event.replay_of,
        "detail": event.body.get("detail"),
    }


def state_to_json_object(state: StateRun) -> dict[str, Any]:
    """Return what a state was given, and what came of it."""
    return {
        "input": json_value(state.given),
        "output": json_value(state.output),
        "error": state.error,
        "cause": json_value(state.cause),
    }


def log_to_json_object(story: Story, lines: Iterable[LogLine]) -> dict[str, Any]:
    """Return lines of a log, each with the milliseconds since the run began."""
    return {
        "lines": [
            {
                "at": round((line.when - story.execution.started).total_seconds() * 1000),
                "function": line.function,
                "level": line.level,
                # Lambda keeps a traceback in one line with spaces that do not break.
                "message": line.message.replace("\xa0", " "),
                "fields": {key: value for key, value in line.fields.items() if key not in SHOWN_ELSEWHERE},
                "ofLambda": line.of_lambda,
            }
            for line in lines
        ]
    }


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


def _columns(rows: Iterable[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Turn rows, all of the same keys, into a list for each key; without any row there is no key."""
    columns: dict[str, list[Any]] = {}
    for row in rows:
        for key, value in row.items():
            columns.setdefault(key, []).append(value)
    return columns


class _Tables:
    """Makes the rows of a story's tables."""

    def __init__(self, story: Story) -> None:
        self._story = story
        self._emitted: defaultdict[_Key, list[str]] = defaultdict(list)
        for event in story.events:
            if event.replay_of is None and (emitter := story.emitter(event)):
                self._emitted[emitter.label, emitter.request_id, emitter.started].append(event.id)
        self._failed = failed_things(story.states)
        self._answers = {
            (state.parent, state.iteration, state.attempt): json_object(state.answer)
            for state in story.states.runs
            if state.iteration is not None and state.answer
        }

    def since(self, moment: datetime | None) -> int | None:
        """The milliseconds from the begin of the run to a moment."""
        return None if moment is None else round((moment - self._story.execution.started).total_seconds() * 1000)

    def event(self, event: Event) -> dict[str, Any]:
        """What is known of an event, but for what it says."""
        return {
            "id": event.id,
            "type": event.type,
            "at": self.since(event.emitted),
            "causationId": event.cause_id,
            "item": self._story.item_of(event),
            "from": event.emitter[1],
            "replayOf": event.replay_of,
        }

    def invocation(self, one: Invocation) -> dict[str, Any]:
        """What is known of one try of a function, but for its log."""
        emitted = self._emitted.get((one.label, one.request_id, one.started), ())
        return {
            "function": one.label,
            "requestId": one.request_id,
            "causeEventId": one.event_id,
            "emitted": list(dict.fromkeys((*one.emitted, *emitted))),
            "isSideEffect": one.account is not None or one.function not in self._story.waited_for,
            "started": self.since(one.started),
            "ended": self.since(one.ended),
            "initMs": one.init_milliseconds,
            "error": one.error,
            "memorySize": one.memory_size,
            "memoryUsed": one.memory_used,
        }

    def retries(self) -> dict[str, dict[str, int | None]]:
        """Of each request of which a try failed: how many there may be, and about when the next is due."""
        by_request: defaultdict[str, list[Invocation]] = defaultdict(list)
        for one in self._story.invocations:
            by_request[one.request_id].append(one)
        return {
            request: {
                "allowed": invocations_allowed(self._story, tries[-1]),
                "next": self.since(next_invocation(self._story, tries)),
            }
            for request, tries in by_request.items()
            if tries[0].error
        }

    def wait(self, wait: Wait) -> dict[str, Any]:
        """Which state waits, why, how far its event has come, and what is known of when that changes."""
        return {
            "stateId": wait.state.id,
            "why": wait.lasting_why,
            "eventId": wait.event.id if wait.event else None,
            "nextTry": self.since(wait.next_try),
            "heartbeat": heartbeat(self._story, wait.state),
        }

    def state(self, state: StateRun) -> dict[str, Any]:
        """What is known of a state that was entered."""
        return {
            "id": state.id,
            "name": state.name,
            "type": state.type,
            "parent": state.parent,
            "iteration": state.iteration,
            "branch": state.branch,
            "attempt": state.attempt,
            "length": state.length,
            "item": self._story.item_label(state),
            "status": state.status,
            "tries": state.tries,
            "triesAllowed": tries_allowed(self._story, state) if state.failed_tries or state.failed else None,
            "failedTries": state.failed_tries,
            "tried": [[self.since(one.began), self.since(one.ended)] for one in state.tried],
            "begun": self.since(state.begun),
            "nextTry": self.since(next_try(self._story, state)),
            "deadline": self.since(deadline(self._story, state)),
            "error": state.failure,
            "eventIds": state.event_ids,
            "ended": None if state.is_open else self.since(self._story.end_of(state)),
            **{name: self.since(getattr(state, name)) for name in TIMES},
        }

    def item(self, item: Item) -> dict[str, Any]:
        """What is known of an item of a Map, and what it came to, if that is worth a column."""
        map_ = self._story.states.by_id[item.map]
        words = self._story.words(map_)
        key = (item.map, item.index, item.attempt)
        answer = self._answers.get(key, {})
        return {
            "map": map_.name,
            "mapId": item.map,
            "index": item.index,
            "attempt": item.attempt,
            "within": self._story.item_label(map_),
            "name": item.called(words.one),
            # Also where the machine went on without it, or ended it with the Map.
            "status": FAILED if key in self._failed else item.status,
            "started": self.since(item.started),
            "ended": None if item.status == RUNNING else self.since(self._story.end_of_item(item)),
            "result": answer.get(words.result) if words.result else None,
        }

    def object(self, found: StoredObject) -> dict[str, Any]:
        """What is known of an object, but for its content."""
        return {"name": self._story.object_name(found), "size": found.size, "modified": iso(found.modified)}

    def segment(self, segment: Segment) -> dict[str, Any]:
        """What a moment of the critical path was spent on."""
        return {
            "state": segment.state,
            "stateId": segment.state_id,
            "what": segment.what,
            "kind": segment.kind,
            "item": segment.item,
            "began": self.since(segment.began),
            "ended": self.since(segment.ended),
        }
