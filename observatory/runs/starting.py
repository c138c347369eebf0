"""Fire a start event on the bus, and find the execution that comes of it."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from botocore.exceptions import ClientError
from tenacity import Retrying, retry_if_result, wait_exponential

from bootstrap.clients import Clients
from bootstrap.description import MachineSpec, OptionSpec, Stack, StartSpec
from bootstrap.errors import refusals
from bootstrap.policies import EVENT_BUS
from observatory.clock import Clock
from observatory.errors import (
    DeadlinePassedError,
    EventNotTakenError,
    NotBootstrappedError,
    RunNotStartedError,
    StartError,
)
from observatory.records.executions import find_execution, standard_machines
from observatory.runs.putting import put_event

MISSING_CODES = {"ResourceNotFoundException", "StateMachineDoesNotExist"}
# They come newest first, so the one that is looked for is among these however many there have been.
LISTED_EXECUTIONS = 100
FIRST_PAUSE_SECS = 0.05
LONGEST_PAUSE_SECS = 1.0
# EventBridge takes well under a second from an event to its target.
LONGEST_START_SECS = 30.0


def startable_machines(stack: Stack) -> list[MachineSpec]:
    """The machines that an event starts and whose executions are kept, so that a run can be followed."""
    return [machine for machine in standard_machines(stack) if machine.starts]


def find_machine(stack: Stack, name: str | None) -> MachineSpec:
    """Find the machine that is to be started.

    Args:
        stack: Whose machines there are.
        name: The machine's name; None for the first one that an event starts.

    Raises:
        StartError: There is no such machine, or it is an express one.
    """
    startable = startable_machines(stack)
    found = next((machine for machine in startable if name in {None, machine.name}), None)
    if found is None:
        advice = f": give {', '.join(machine.name for machine in startable)}" if startable else ""
        if any(machine.name == name and machine.starts for machine in stack.machines):
            raise StartError(f"{name} is an express machine, whose runs nobody keeps{advice}")
        wanted = "no machine" if name is None else f"no machine {name!r:.100}"
        raise StartError(f"{stack.name} has {wanted} that an event starts{advice}")
    return found


def find_start(machine: MachineSpec, event: str | None) -> StartSpec:
    """Find the event that is to start a machine.

    Args:
        machine: The machine.
        event: The event's detail type; None for the first one.

    Raises:
        StartError: No such event starts it.
    """
    found = next((start for start in machine.starts if event in {None, start.event}), None)
    if found is None:
        known = ", ".join(start.event for start in machine.starts)
        raise StartError(f"no event {event!r:.100} starts {machine.name}: give {known}")
    return found


def same_start(clients: Clients, stack: Stack, job: str) -> tuple[MachineSpec, StartSpec, dict[str, object]]:
    """What started a run; with its ARN in the place of an option that this took the place of.

    Args:
        clients: How to reach Step Functions.
        stack: Whose run it is.
        job: The id of its start event, the beginning of it, or `latest`.

    Raises:
        UnknownRunError: There is no such run.
        StartError: No event started it, or the stack has no machine or event any more that it was started by.
    """
    with refusals(f"run {job}", clients.settings):
        execution = find_execution(clients, stack, job)
    if execution.event is None:
        raise StartError(
            f"run {execution.job} was not started by an event: start another one as it was, with "
            "`aws stepfunctions start-execution`"
        )
    machine = find_machine(stack, execution.machine)
    taken = {one.name: execution.arn for one in machine.options if one.execution}
    given = {name: value for name, value in execution.start.items() if value is not None or name not in taken}
    return machine, find_start(machine, execution.event), {**taken, **given}


def read_option(option: OptionSpec, text: str) -> str | int:
    """Read what is given for an option of a machine.

    Raises:
        ValueError: It is not what the option takes.
    """
    if option.maximum is None:
        return text
    if not re.fullmatch(f"[0-9]{{1,{len(str(option.maximum))}}}", text) or int(text) > option.maximum:
        raise ValueError(f"{text!r:.100} is not a whole number from 0 to {option.maximum}")
    return int(text)


def check_start_rule(clients: Clients, rule: str) -> None:
    """Make sure that the bus would notice a start event.

    Raises:
        NotBootstrappedError: It has no rule for it.
    """
    with refusals(rule, clients.settings), _must_exist(rule, clients):
        clients.events.describe_rule(Name=rule, EventBusName=EVENT_BUS)


def fire(clients: Clients, source: str, event: str, detail: Mapping[str, object]) -> str:
    """Put a start event on the bus.

    Args:
        clients: How to reach the bus.
        source: The event's source.
        event: Its detail type.
        detail: Its detail.

    Returns:
        The event's id, which is the run's job.

    Raises:
        RunNotStartedError: The bus did not take the event.
    """
    try:
        return put_event(clients, source, event, detail)
    except EventNotTakenError as error:
        raise RunNotStartedError(str(error)) from error


class ExecutionFinder:
    """Tells the execution that an event starts from earlier ones, so make it before the event is fired.

    Args:
        clients: How to reach Step Functions.
        clock: How to wait.
        machine: The name of the machine that is started.
        rule: The name of the rule that starts it.

    Raises:
        NotBootstrappedError: There is no machine to be started.
    """

    def __init__(self, clients: Clients, clock: Clock, machine: str, rule: str) -> None:
        self._clients = clients
        self._clock = clock
        self._machine = machine
        self._rule = rule
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
            f"the start event {job} was taken, but no execution of {self._machine} came of it: "
            f"is {self._rule} enabled, and may its role start the machine?"
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
        with refusals(self._machine, self._clients.settings), _must_exist(self._machine, self._clients):
            page = self._clients.states.list_executions(
                stateMachineArn=self._clients.arns.machine(self._machine), maxResults=LISTED_EXECUTIONS
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
