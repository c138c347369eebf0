"""Fire a start event on the bus, and find the execution that comes of it."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from botocore.exceptions import ClientError
from tenacity import Retrying, retry_if_result, wait_exponential

from bootstrap.clients import Clients
from bootstrap.errors import refusals
from bootstrap.policies import EVENT_BUS
from bootstrap.stack import STACK
from handlers.detail_types import DetailType
from observatory.clock import Clock
from observatory.errors import DeadlinePassedError, EventNotTakenError, NotBootstrappedError, RunNotStartedError
from observatory.runs.putting import put_event

MAX_PEOPLE = 2_500
MISSING_CODES = {"ResourceNotFoundException", "StateMachineDoesNotExist"}
# They come newest first, so the one that is looked for is among these however many there have been.
LISTED_EXECUTIONS = 100
FIRST_PAUSE_SECS = 0.05
LONGEST_PAUSE_SECS = 1.0
# EventBridge takes well under a second from an event to its target.
LONGEST_START_SECS = 30.0


def read_people(text: str) -> int:
    """Read how many people a run is to have.

    Raises:
        ValueError: It is no number that a run can have.
    """
    if not re.fullmatch("[0-9]{1,4}", text) or int(text) > MAX_PEOPLE:
        raise ValueError(f"{text!r:.100} is not a whole number from 0 to {MAX_PEOPLE}")
    return int(text)


def check_start_rule(clients: Clients) -> None:
    """Make sure that the bus would notice a start event.

    Raises:
        NotBootstrappedError: It has no rule for it.
    """
    with (
        refusals(STACK.machines[0].starts[0].rule, clients.settings),
        _must_exist(STACK.machines[0].starts[0].rule, clients),
    ):
        clients.events.describe_rule(Name=STACK.machines[0].starts[0].rule, EventBusName=EVENT_BUS)


def fire(clients: Clients, detail: Mapping[str, object]) -> str:
    """Put a start event on the bus.

    Args:
        clients: How to reach the bus.
        detail: The event's detail.

    Returns:
        The event's id, which is the run's job.

    Raises:
        RunNotStartedError: The bus did not take the event.
    """
    try:
        return put_event(clients, DetailType.START, detail)
    except EventNotTakenError as error:
        raise RunNotStartedError(str(error)) from error


class ExecutionFinder:
    """Tells the execution that an event starts from earlier ones, so make it before the event is fired.

    Raises:
        NotBootstrappedError: There is no machine to be started.
    """

    def __init__(self, clients: Clients, clock: Clock) -> None:
        self._clients = clients
        self._clock = clock
        self._others = set(self._list())

    def find(self, job: str, deadline: float) -> str:
        """Wait for the execution that an event starts, and return its ARN.

        Args:
            job: The event's id.
            deadline: When to give up, on the clock; it is given up earlier when there is no hope.

        Raises:
            DeadlinePassedError: None was there by the deadline.
            RunNotStartedError: None was there although there was time enough.
        """
        hopeless = self._clock.now() + LONGEST_START_SECS
        looks = Retrying(
            retry=retry_if_result(lambda found: found is None),
            wait=wait_exponential(FIRST_PAUSE_SECS, max=LONGEST_PAUSE_SECS),
            stop=lambda _state: self._clock.now() >= min(deadline, hopeless),
            sleep=self._clock.sleep,
            retry_error_callback=lambda _state: None,
        )
        if found := looks(self._look, job):
            return found
        error = DeadlinePassedError if self._clock.now() >= deadline else RunNotStartedError
        raise error(
            f"the start event {job} was taken, but no execution of {STACK.machines[0].name} came of it: "
            f"is {STACK.machines[0].starts[0].rule} enabled, and may its role start the machine?"
        )

    def _look(self, job: str) -> str | None:
        executions = self._list()
        # LocalStack names an execution after the event, and so does AWS, with a suffix.
        for execution, name in executions.items():
            if name.startswith(job):
                return execution
        for execution in executions.keys() - self._others:
            if self._starting_event(execution) == job:
                return execution
            self._others.add(execution)
        return None

    def _list(self) -> dict[str, str]:
        with (
            refusals(STACK.machines[0].name, self._clients.settings),
            _must_exist(STACK.machines[0].name, self._clients),
        ):
            page = self._clients.states.list_executions(
                stateMachineArn=self._clients.arns.machine(STACK.machines[0].name), maxResults=LISTED_EXECUTIONS
            )
        return {execution["executionArn"]: execution["name"] for execution in page["executions"]}

    def _starting_event(self, execution: str) -> object:
        with refusals(execution, self._clients.settings):
            given = json.loads(self._clients.states.describe_execution(executionArn=execution)["input"])
        return given.get("id") if isinstance(given, dict) else None


@contextmanager
def _must_exist(name: str, clients: Clients) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] not in MISSING_CODES:
            raise
        endpoint = clients.settings.endpoint_url or f"AWS in {clients.settings.region}"
        raise NotBootstrappedError(f"{endpoint} has no {name}: run `python -m bootstrap up`") from error
