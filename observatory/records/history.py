"""What the history of an execution says: how far its steps and its people are."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions.type_defs import HistoryEventTypeDef

MAP_STEP = "ProcessMultiple"
STEPS = ("GetMultiple", MAP_STEP, "PostProcessAll", "Success")
PERSON_STATE = "ProcessSingle"
FAILURES = {"TaskFailed", "TaskTimedOut", "MapStateFailed"}


@dataclass(frozen=True)
class Step:
    """A state of the machine, with when the execution entered and left it, and whether because it failed."""

    name: str
    entered: datetime | None = None
    exited: datetime | None = None
    failed: bool = False


@dataclass(frozen=True)
class Person:
    """Someone whose turn in the Map has come, with when that was, when it was over, and what was counted."""

    name: str
    entered: datetime
    exited: datetime | None = None
    cookies: int | None = None


@dataclass(frozen=True)
class Timeline:
    """The steps in order, the names (None until GetMultiple has found them), and the people who had their turn."""

    steps: tuple[Step, ...] = tuple(Step(name) for name in STEPS)
    names: tuple[str, ...] | None = None
    people: tuple[Person, ...] = ()

    @property
    def waiting_step(self) -> Step | None:
        """The step the execution is in."""
        return next((step for step in self.steps if step.entered and not step.exited), None)

    @property
    def waiting_people(self) -> tuple[Person, ...]:
        """Those whose turn is not over."""
        return tuple(person for person in self.people if not person.exited)


def read_timeline(events: Iterable["HistoryEventTypeDef"]) -> Timeline:
    """Sum up a history.

    Args:
        events: In their order; those in the middle may be missing.
    """
    reader = _Reader()
    for event in events:
        reader.read(event)
    return Timeline(tuple(reader.steps.values()), reader.names, tuple(reader.people.values()))


class _Reader:
    def __init__(self) -> None:
        self.steps = {name: Step(name) for name in STEPS}
        self.names: tuple[str, ...] | None = None
        self.people: dict[str, Person] = {}
        self._failures: set[int] = set()

    def read(self, event: "HistoryEventTypeDef") -> None:
        when = event["timestamp"]
        if entered := event.get("stateEnteredEventDetails"):
            self._enter(entered["name"], _json_object(entered.get("input")), when)
        elif exited := event.get("stateExitedEventDetails"):
            failed = event.get("previousEventId") in self._failures
            self._exit(exited["name"], _json_object(exited.get("output")), when, failed=failed)
        elif succeeded := event.get("taskSucceededEventDetails"):
            self._take_answer(_json_object(succeeded.get("output")), when)
        elif event["type"] in FAILURES:
            self._failures.add(event["id"])

    def _enter(self, state: str, given: dict[str, Any], when: datetime) -> None:
        if step := self.steps.get(state):
            self.steps[state] = replace(step, entered=when)
        elif state == PERSON_STATE:
            self.people[given["name"]] = Person(given["name"], when)

    def _exit(self, state: str, result: dict[str, Any], when: datetime, *, failed: bool) -> None:
        if step := self.steps.get(state):
            self.steps[state] = replace(step, exited=when, failed=failed)
        elif state == PERSON_STATE and failed and (person := self.people.get(result.get("name", ""))):
            self.people[person.name] = replace(person, exited=when)

    def _take_answer(self, done: dict[str, Any], when: datetime) -> None:
        """A task is answered with the detail of a `done` event, which says whose it is."""
        if person := self.people.get(done.get("name", "")):
            self.people[person.name] = replace(person, exited=when, cookies=done.get("numberOfCookiesConsumed"))
        elif "names" in done:
            self.names = tuple(done["names"])


def _json_object(text: str | None) -> dict[str, Any]:
    value = json.loads(text or "{}")
    return value if isinstance(value, dict) else {}
