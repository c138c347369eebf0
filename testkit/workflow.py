"""A workflow under test: start it, wait for what comes of it, break a function of it, freeze what is random."""

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from bootstrap.clients import Clients
from bootstrap.fresh import empty
from observatory.errors import UnknownObjectError, UnknownRunError
from observatory.records.executions import Execution, find_execution, full_name, run_id
from observatory.records.history import History
from observatory.records.ledger import Event, Ledger
from observatory.records.objects import read_object
from observatory.runs.starting import find_machine, find_start, fire
from observatory.story.story import EARLIER, Story, tell, timed
from testkit.breaking import ALWAYS_RAISES, break_function, freeze_functions, mend
from testkit.waiting import DEADLINE_SECONDS, wait_for


class Workflow:
    """The stack in a sandbox.

    Args:
        clients: The clients of the sandbox's services, for what this does not offer.
    """

    def __init__(self, clients: Clients) -> None:
        self.clients = clients
        self._broken: set[str] = set()

    def start(
        self, detail: Mapping[str, object] | None = None, *, machine: str | None = None, event: str | None = None
    ) -> "Run":
        """Fire a start event, and return its run at once.

        Args:
            detail: What the event says.
            machine: The machine that it is to start; the first one of the stack, if None.
            event: Its detail type; the first one that starts the machine, if None.

        Raises:
            StartError: There is no such machine, or no such event starts it.
            RunNotStartedError: The bus did not take the event.
        """
        stack = self.clients.stack
        found = find_machine(stack, machine)
        start = find_start(found, event)
        since = datetime.now(UTC) - EARLIER
        job = fire(self.clients, stack.source, start.event, detail or {})
        return Run(self.clients, run_id(stack, found, job), since)

    def run(
        self, detail: Mapping[str, object] | None = None, *, machine: str | None = None, event: str | None = None
    ) -> "Run":
        """Do as `start`, and wait until the run has ended, however that is."""
        run = self.start(detail, machine=machine, event=event)
        run.wait()
        return run

    def break_function(self, name: str, code: str = ALWAYS_RAISES, **configuration: Any) -> None:  # noqa: ANN401
        """Let a function run other code until the end of the test.

        Args:
            name: The function's name.
            code: A module with a `lambda_handler`, which may import the function's own; without it, it raises.
            configuration: What else of the function is to change, such as `Timeout`, in seconds:
                https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionConfiguration.html

        Raises:
            ValueError: The stack has no such function.
        """
        self._broken.add(name)
        break_function(self.clients, name, code, **configuration)

    def freeze(self, seed: str = "frozen") -> None:
        """Let whatever the functions draw at random be the same in each run, until the end of the test.

        What is drawn follows from the seed, the function and the item of a Map: `random`, `secrets`, `uuid4`, and what
        libraries draw by these. The time goes on.

        Args:
            seed: Another one gives other values.
        """
        self._broken.update(spec.name for spec in self.clients.stack.functions)
        freeze_functions(self.clients, seed)

    def mend(self) -> None:
        """Give the functions back their own code that were broken or frozen; at the end of a test it happens anyway."""
        if self._broken:
            mend(self.clients, self._broken)
            self._broken.clear()

    def fresh(self) -> None:
        """End all runs, and forget them with their events and objects; what the stack consists of stays.

        Raises:
            RefusedError: The endpoint is no sandbox of this project: others keep executions.
        """
        empty(self.clients)


class Run:
    """A run of a workflow: what comes of a start event.

    Each method that waits gives up with an AssertionError that says what was waited for.

    Args:
        clients: How to reach the services.
        job: The start event's id; after its machine's name and a colon, where it starts others as well.
        since: When it was fired; what came earlier is not looked at.
    """

    def __init__(self, clients: Clients, job: str, since: datetime | None = None) -> None:
        self._clients = clients
        self._since = since
        self._id = job
        self.job = job.rpartition(":")[2]

    @property
    def arn(self) -> str:
        """The ARN of its execution, once that has begun."""
        return self._begun.arn

    @property
    def execution(self) -> Execution:
        """What Step Functions says of it now."""
        return find_execution(self._clients, self._clients.stack, full_name(self.arn))

    def wait(self, deadline_seconds: float = DEADLINE_SECONDS) -> Execution:
        """Wait until it has ended, however that is.

        Args:
            deadline_seconds: How long.
        """
        arn, states = self.arn, self._clients.states
        wait_for(
            f"the end of {arn}",
            lambda: states.describe_execution(executionArn=arn)["status"] != "RUNNING",
            deadline_seconds,
        )
        return self.execution

    @property
    def status(self) -> str:
        """How it ended, once it has: `SUCCEEDED`, `FAILED`, `TIMED_OUT` or `ABORTED`."""
        return self.wait().status

    @property
    def error(self) -> str | None:
        """Why it failed, once it has ended; None if it did not."""
        return self.wait().error

    @property
    def cause(self) -> str | None:
        """What it says about that."""
        return self.wait().cause

    @property
    def output(self) -> Any:  # noqa: ANN401 - whatever JSON holds
        """What it came to, once it has ended; that it did not succeed is an AssertionError with the cause."""
        ended = self.wait()
        assert ended.status == "SUCCEEDED", f"{ended.arn} {ended.status}: {ended.error}: {ended.cause}"
        return json.loads(ended.output or "null")

    def event(self, detail_type: str, **said: object) -> Event:
        """Wait for an event of this run.

        Args:
            detail_type: Its detail type.
            said: What its detail says, among other things.
        """

        def matching() -> Event | None:
            found = (one for one in self.events() if one.type == detail_type)
            return next((one for one in found if said.items() <= one.detail.items()), None)

        wanted = " ".join([detail_type, *(f"{key}={value!r}" for key, value in said.items())])
        return wait_for(f"an event {wanted} of run {self.job}", matching)

    def events(self) -> tuple[Event, ...]:
        """Its events so far, in the order in which they were put on the bus."""
        self._ledger.refresh()
        states = self._history.read()
        put = [event_id for state in states.runs for event_id in state.event_ids]
        found = self._ledger.events(self.job, self.arn, put)
        return timed(found, self._begun, states)

    def object(self, name: str, deadline_seconds: float = DEADLINE_SECONDS) -> Any:  # noqa: ANN401 - whatever JSON holds
        """Wait for an object that it stores, and return its content.

        Args:
            name: The object's key, without the execution's ARN and the slash after it.
            deadline_seconds: How long.
        """
        found: list[Any] = []

        def is_there() -> bool:
            with suppress(UnknownObjectError):
                found.append(read_object(self._clients, self.arn, name))
            return bool(found)

        wait_for(f"the object {name} of run {self.job}", is_there, deadline_seconds)
        return found[0]

    def objects(self) -> list[str]:
        """The names of the objects that it has stored so far."""
        pages = self._clients.s3.get_paginator("list_objects_v2").paginate(
            Bucket=self._clients.bucket, Prefix=f"{self.arn}/"
        )
        return [found["Key"].removeprefix(f"{self.arn}/") for page in pages for found in page.get("Contents", ())]

    def story(self) -> Story:
        """All that is known of it: states, events, invocations with their logs, objects, joined."""
        return tell(self._clients, self._clients.stack, full_name(self.arn))

    @cached_property
    def _begun(self) -> Execution:
        """Its execution, as it was found first."""
        return wait_for(f"the execution of run {self.job}", self._find)

    def _find(self) -> Execution | None:
        with suppress(UnknownRunError):
            return find_execution(self._clients, self._clients.stack, self._id)
        return None

    @cached_property
    def _ledger(self) -> Ledger:
        return Ledger(self._clients, self._clients.stack.ledger, self._since)

    @cached_property
    def _history(self) -> History:
        return History(self._clients, self.arn, self._clients.stack.item_key)
