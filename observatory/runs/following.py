"""Follow an execution to its end with few calls: about one a second, more often only while it is young."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from bootstrap.clients import Clients
from bootstrap.errors import refusals
from observatory.clock import Clock
from observatory.records.history import MAP_STEP, Timeline, read_timeline
from observatory.runs.failures import Failure

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions.type_defs import HistoryEventTypeDef

# A pause is this share of the time followed so far: what takes a second is noticed within a quarter of one.
PAUSE_SHARE = 0.2
SHORTEST_PAUSE_SECS = 0.1
LONGEST_PAUSE_PER_CALL_SECS = 1.0
# After reading a history, the next pause is at least so many times as long as that took.
HISTORY_PAUSE_FACTOR = 20
PARTIAL_HISTORY_EVENTS = 100
LARGEST_PAGE_EVENTS = 1000


@dataclass(frozen=True)
class Snapshot:
    """How far an execution is; *people_done* counts those whose turn is over."""

    status: str
    started: datetime
    stopped: datetime | None = None
    output: str = ""
    failure: Failure | None = None
    timeline: Timeline = field(default_factory=Timeline)
    people_done: int = 0

    @property
    def running(self) -> bool:
        """Whether the execution goes on."""
        return self.status == "RUNNING"

    @property
    def succeeded(self) -> bool:
        """Whether the execution ended as it should."""
        return self.status == "SUCCEEDED"

    @property
    def seconds(self) -> float | None:
        """How long the execution took, once it has ended."""
        return (self.stopped - self.started).total_seconds() if self.stopped else None


class Follower:
    """Looks at an execution again and again.

    A history is costly to ask for: LocalStack answers with all of it whatever page is asked for, megabytes for a few
    hundred people, and AWS wants a call for each thousand events. Listing the objects of those who are done costs
    LocalStack a sixth of that. So a history is read while it is short, then people are counted by their objects in S3;
    when all are done, the history's last page is read, and the whole only at the end.
    """

    def __init__(self, clients: Clients, execution: str, clock: Clock) -> None:
        self._clients = clients
        self._execution = execution
        self._clock = clock
        self._events: dict[int, HistoryEventTypeDef] = {}
        self._timeline = Timeline()
        self._people_done = 0
        self._next_reading = 0.0

    def snapshots(self, deadline: float, *, in_detail: bool) -> Iterator[Snapshot]:
        """Yield how far the execution is, until it has ended or the deadline has passed.

        Args:
            deadline: When to stop following, on the clock.
            in_detail: Look at steps and people all the way; otherwise only at the end, unless it is a success.
        """
        start = self._clock.now()
        longest_pause = LONGEST_PAUSE_PER_CALL_SECS * (2 if in_detail else 1)
        while (snapshot := self.describe()).running and (now := self._clock.now()) < deadline:
            if in_detail:
                self._look()
            yield self._with_progress(snapshot)
            pause = min(max((now - start) * PAUSE_SHARE, SHORTEST_PAUSE_SECS), longest_pause)
            self._clock.sleep(min(pause, deadline - now))
        if in_detail or not snapshot.succeeded:
            self._read_all()
        yield self._with_progress(snapshot)

    def describe(self) -> Snapshot:
        """Ask once how the execution is, without its steps and people."""
        with refusals(self._execution, self._clients.settings):
            said = self._clients.states.describe_execution(executionArn=self._execution)
        error, cause = said.get("error", ""), said.get("cause", "")
        failure = Failure.read(error, cause) if error or cause else None
        return Snapshot(said["status"], said["startDate"], said.get("stopDate"), said.get("output", ""), failure)

    def _with_progress(self, snapshot: Snapshot) -> Snapshot:
        return replace(snapshot, timeline=self._timeline, people_done=self._people_done)

    def _look(self) -> None:
        """Make the one call that tells most about progress now."""
        step, names = self._timeline.waiting_step, self._timeline.names
        if step and step.name == MAP_STEP and names and self._people_done < len(names):
            self._count_people()
        elif self._clock.now() >= self._next_reading:
            self._read_page(reverse=names is not None)

    def _count_people(self) -> None:
        pages = self._clients.s3.get_paginator("list_objects_v2").paginate(
            # Of those who have a result, final-NAME.json, and of those who failed, failed-NUMBER.json.
            Bucket=self._clients.bucket,
            Prefix=f"{self._execution}/f",
        )
        with refusals(self._execution, self._clients.settings):
            self._people_done = sum(page["KeyCount"] for page in pages)

    def _read_page(self, *, reverse: bool) -> None:
        began = self._clock.now()
        with refusals(self._execution, self._clients.settings):
            page = self._clients.states.get_execution_history(
                executionArn=self._execution, maxResults=PARTIAL_HISTORY_EVENTS, reverseOrder=reverse
            )
        self._take(page["events"])
        now = self._clock.now()
        self._next_reading = now + HISTORY_PAUSE_FACTOR * (now - began)

    def _read_all(self) -> None:
        pages = self._clients.states.get_paginator("get_execution_history").paginate(
            executionArn=self._execution, PaginationConfig={"PageSize": LARGEST_PAGE_EVENTS}
        )
        with refusals(self._execution, self._clients.settings):
            self._take(event for page in pages for event in page["events"])
        if self._timeline.people:
            self._people_done = len(self._timeline.people) - len(self._timeline.waiting_people)
        else:
            # MiniStack does not record what happens in a Map.
            self._count_people()

    def _take(self, events: Iterable["HistoryEventTypeDef"]) -> None:
        self._events |= {event["id"]: event for event in events}
        self._timeline = read_timeline(self._events[number] for number in sorted(self._events))
