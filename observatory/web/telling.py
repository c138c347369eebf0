"""The stories of runs: told when they are asked for, kept while they hold."""

import time
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any

from bootstrap.clients import Clients
from bootstrap.description import Stack
from observatory.diagrams.folding import fold
from observatory.diagrams.workflow import State, draw_workflow, read_workflow
from observatory.errors import UnknownObjectError
from observatory.records.executions import full_name
from observatory.records.objects import read_object
from observatory.records.stacks import deployed_stack
from observatory.runs.runs import Run, RunList, summarize
from observatory.runs.tally import Tally
from observatory.story.story import Story, tell
from observatory.story.troubles import is_complete
from observatory.web.answers import to_json
from observatory.web.story_json import story_to_json_object

KEPT_STORIES = 8
# Telling costs the sandbox as well: until so many times as long has passed, a run that goes on is as it was told.
PAUSE_FACTOR = 5
# After the last that is known of a run, side effects may still be tried as often as this, and take as long as they may.
TRIES = 3
SHORTEST_PAUSE_SECONDS = 1.0


@dataclass(frozen=True)
class Told:
    """A story, with what was made of it.

    Args:
        story: The story.
        run: Its summary.
        states: The states of the machine.
        is_complete: Whether nothing more is to come.
        body: All that the page shows of it, as JSON.
        known: What was known of the run when somebody asked for it; None if nothing was.
        holds_until: Until when it is not told again without such news, on the monotonic clock.
    """

    story: Story
    run: Run
    states: tuple[State, ...]
    is_complete: bool
    body: bytes
    known: Run | None
    holds_until: float

    def holds(self, known: Run) -> bool:
        """Whether it still tells what there is to tell, to what is known of the run now."""
        if self.run.is_running != known.is_running:
            return False
        # Of a run that has ended, an event may be the last news that anybody gets, or another end after a redrive.
        if not known.is_running and (self.known is None or _news(self.known) != _news(known)):
            return False
        return self.is_complete or time.monotonic() < self.holds_until


class Teller:
    """Tells stories, one at a time; may be shared by threads.

    Args:
        clients: How to reach the services.
        run_list: Whose ledger is read on.
    """

    def __init__(self, clients: Clients, run_list: RunList) -> None:
        self._clients = clients
        self._run_list = run_list
        self._lock = Lock()
        self._kept: OrderedDict[str, Told] = OrderedDict()
        self._sent: dict[str, datetime] = {}

    def expect(self, job: str, since: datetime) -> None:
        """Expect that a function is invoked for a run once more, which no event tells of.

        Args:
            job: The id of the run's start event.
            since: When it may begin at the earliest.
        """
        with self._lock:
            self._sent[job] = since
            for arn in [arn for arn, told in self._kept.items() if told.story.job == job]:
                del self._kept[arn]

    def tell(self, job: str, known: Run | None) -> Told:
        """Tell the story of a run, or what was told before, where that still holds.

        Args:
            job: The id of its start event, the beginning of it, or `latest`.
            known: What is known of the run now.

        Raises:
            UnknownRunError: There is no such run.
            BootstrapError: Some service cannot be asked.
        """
        with self._lock:
            kept = self._kept.get(known.execution.arn) if known else None
            if kept is None or known is None or not kept.holds(known):
                kept = self._tell(full_name(known.execution.arn) if known else job, known)
            arn = kept.run.execution.arn
            self._kept[arn] = kept
            self._kept.move_to_end(arn)
            if len(self._kept) > KEPT_STORIES:
                self._kept.popitem(last=False)
            return kept

    def _tell(self, job: str, known: Run | None) -> Told:
        began = time.monotonic()
        story = tell(self._clients, deployed_stack(self._clients), job, self._run_list.ledger)
        tally = Tally(story.job)
        tally.take(
            story.events, [column.output for column in story.machine.columns if column.output], story.stack.item_key
        )
        run = summarize(story.stack, story.execution, story.machine, tally, story.states)
        states = read_workflow(story.definition, story.states)
        sent = self._sent.get(story.job)
        is_over = is_complete(story) and (sent is None or any(one.started >= sent for one in story.invocations))
        latest = max(filter(None, (story.ended, sent, *(event.recorded for event in story.events))))
        body = to_json(
            {
                **story_to_json_object(story),
                "job": run.id,
                "summary": run.to_json_object(),
                **workflow_to_json_object(states),
                "complete": is_over,
                "expecting": not is_over and datetime.now(UTC) - latest < _longest_end(story.stack),
                "report": self._read_report(story),
            }
        )
        now = time.monotonic()
        holds_until = now + max(PAUSE_FACTOR * (now - began), SHORTEST_PAUSE_SECONDS)
        return Told(story, run, states, is_over, body.encode(), known, holds_until)

    def _read_report(self, story: Story) -> Any:  # noqa: ANN401 - whatever JSON holds
        report = story.machine.report
        if report and any(story.object_name(found) == report for found in story.objects):
            # Somebody may have removed it meanwhile, or put something else there.
            with suppress(UnknownObjectError):
                return read_object(self._clients, story.execution.arn, report)
        return None


def _news(run: Run) -> tuple[int, datetime | None]:
    """What changes of a run that has ended."""
    return run.events, run.execution.stopped


def workflow_to_json_object(states: tuple[State, ...]) -> dict[str, Any]:
    """Return the states and their pictures: the way of success, and all of them."""
    return {
        "states": [item for state in states for item in state.to_json_objects()],
        "workflow": draw_workflow(fold(states)),
        "wholeWorkflow": draw_workflow(states),
    }


def _longest_end(stack: Stack) -> timedelta:
    functions = (*stack.functions, *(consumer.function for consumer in stack.consumers))
    return timedelta(seconds=TRIES * max((one.timeout_seconds for one in functions), default=0))
