"""The executions of the stack's machines: those there are, and the one of a run."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from bootstrap.clients import Clients
from bootstrap.description import MachineSpec, Stack
from observatory.clock import iso
from observatory.errors import AmbiguousRunError, NotBootstrappedError, UnknownRunError
from observatory.records.states import RUNNING, json_object, json_value

LATEST = "latest"
EVENT_ID_CHARACTERS = 36
LARGEST_PAGE_EXECUTIONS = 1000
MISSING_CODES = {"StateMachineDoesNotExist", "ResourceNotFoundException"}
CANDIDATES_NAMED = 3


@dataclass(frozen=True)
class Execution:
    """An execution of a machine.

    Args:
        arn: Its ARN.
        job: The id of the event that started it; its own name, if none did.
        status: What Step Functions says of it.
        started: When it began.
        stopped: When it ended; None while it goes on.
        error: Why it failed.
        cause: What it says about that.
        given: The detail of its start event; its whole input, if none did.
        output: What it came to, as JSON.
        event: The detail type of its start event; None if it was started without one.
    """

    arn: str
    job: str
    status: str
    started: datetime
    stopped: datetime | None = None
    error: str | None = None
    cause: str | None = None
    given: Any = None
    output: str | None = None
    event: str | None = None

    @property
    def machine(self) -> str:
        """The machine's name."""
        return machine_of(self.arn)

    @property
    def is_running(self) -> bool:
        """Whether it goes on."""
        return self.status == RUNNING

    @property
    def start(self) -> Mapping[str, Any]:
        """What it was given, as far as that has names."""
        return self.given if isinstance(self.given, dict) else {}

    def to_json_object(self) -> dict[str, Any]:
        """Return the execution for programs."""
        return {
            "arn": self.arn,
            "machine": self.machine,
            "status": self.status,
            "started": iso(self.started),
            "stopped": iso(self.stopped),
            "error": self.error,
            "cause": self.cause,
            "output": self.output,
        }


def machine_of(execution: str) -> str:
    """The name of an execution's machine, which is in its ARN."""
    return execution.split(":")[6]


def full_name(execution: str) -> str:
    """By what no other execution of the account is called: the name of its machine, a colon and its own."""
    return execution.split(":", 6)[6]


def standard_machines(stack: Stack, name: str | None = None) -> tuple[MachineSpec, ...]:
    """The machines whose executions Step Functions keeps: the standard ones, all of them or the one of a name."""
    return tuple(one for one in stack.machines if one.type == "STANDARD" and name in {None, one.name})


def run_id(stack: Stack, machine: MachineSpec, job: str) -> str:
    """By what a run is asked for: its job, after its machine's name where its event starts other machines as well."""
    events = {start.event for start in machine.starts}
    others = (other for other in standard_machines(stack) if other.name != machine.name)
    is_shared = any(start.event in events for other in others for start in other.starts)
    return f"{machine.name}:{job}" if is_shared else job


def choose_execution(wanted: str, executions: Iterable[str]) -> str | None:
    """Choose the execution that is meant.

    Args:
        wanted: The id of its start event, or the beginning of its name, after its machine's name and a colon or not.
        executions: The ARNs of those that there are.

    Returns:
        Its ARN; None if there is no such execution.

    Raises:
        UnknownRunError: Nothing is wanted.
        AmbiguousRunError: Several could be meant, none of them by its whole name.
    """
    if not wanted:
        raise UnknownRunError(f"the id of the run is empty: give one, the beginning of it, or {LATEST}")
    fitting = [arn for arn in executions if _begins_with(arn, wanted)]
    found = [arn for arn in fitting if _is_called(arn, wanted)] or fitting
    if len(found) > 1:
        named = ", ".join(map(full_name, found[:CANDIDATES_NAMED]))
        more = " ..." if len(found) > CANDIDATES_NAMED else ""
        raise AmbiguousRunError(f"{wanted!r:.100} may be any of {len(found)} runs: give one of {named}{more}")
    return found[0] if found else None


def _begins_with(execution: str, wanted: str) -> bool:
    machine, _colon, name = wanted.rpartition(":")
    return machine in {"", machine_of(execution)} and execution.rpartition(":")[2].startswith(name)


def _is_called(execution: str, wanted: str) -> bool:
    machine, name = full_name(execution).split(":")
    # LocalStack names an execution after its start event, and so does AWS, with a suffix.
    return wanted.removeprefix(f"{machine}:") in {name, name[:EVENT_ID_CHARACTERS]}


def list_executions(
    clients: Clients, machine: str, size: int, token: str | None = None
) -> tuple[list[Any], str | None] | None:
    """List the newest executions of a machine.

    Args:
        clients: How to reach Step Functions.
        machine: The machine's name.
        size: How many of them, 1000 at most.
        token: What this function returned with the page before.

    Returns:
        Them, newest first, and a token for those before them if there are any; None if there is no such machine.
    """
    asked = {"stateMachineArn": clients.arns.machine(machine), "maxResults": size}
    try:
        page = clients.states.list_executions(**asked, **({"nextToken": token} if token else {}))  # type: ignore[arg-type]
    except ClientError as error:
        if error.response["Error"]["Code"] not in MISSING_CODES:
            raise
        return None
    # Newest first on AWS; not everywhere.
    return sorted(page["executions"], key=lambda one: one["startDate"], reverse=True), page.get("nextToken")


def find_execution(clients: Clients, stack: Stack, job: str) -> Execution:
    """Find the execution of a run.

    Args:
        clients: How to reach Step Functions.
        stack: Whose machines to look at.
        job: The id of its start event, after its machine's name and a colon or not, the beginning of it, or `latest`.

    Raises:
        NotBootstrappedError: There is no machine.
        UnknownRunError: There is no such run.
        AmbiguousRunError: There are several.
    """
    machines = [one.name for one in standard_machines(stack)]
    found = _latest(clients, machines) if job == LATEST else _of_job(clients, machines, job)
    if found:
        return read_execution(clients.states.describe_execution(executionArn=found))
    known = "no run yet" if job == LATEST else f"no run {job!r:.100}"
    raise UnknownRunError(f"{_endpoint(clients)} has {known}: start one with `python scripts/start_run.py`")


def _latest(clients: Clients, machines: Iterable[str]) -> str | None:
    pages = [list_executions(clients, machine, 1) for machine in machines]
    _require_one(clients, machines, pages)
    newest: list[Mapping[str, Any]] = [execution for page in pages if page for execution in page[0]]
    found = max(newest, key=lambda one: one["startDate"], default=None)
    return found["executionArn"] if found else None


def _of_job(clients: Clients, machines: Iterable[str], job: str) -> str | None:
    """Look at older executions until one has that very name; the beginning of a name may be that of any of them."""
    known: list[str] = []
    tokens: Mapping[str, str | None] = dict.fromkeys(machines)
    while True:
        pages = {one: list_executions(clients, one, LARGEST_PAGE_EXECUTIONS, token) for one, token in tokens.items()}
        _require_one(clients, machines, pages.values())
        known += [execution["executionArn"] for page in pages.values() if page for execution in page[0]]
        tokens = {machine: page[1] for machine, page in pages.items() if page and page[1]}
        if not tokens or any(_is_called(arn, job) for arn in known):
            return choose_execution(job, known)


def _require_one(clients: Clients, machines: Iterable[str], pages: Iterable[object]) -> None:
    if all(page is None for page in pages):
        named = " or ".join(machines) or "standard machine in its stack"
        raise NotBootstrappedError(f"{_endpoint(clients)} has no {named}: run `python -m bootstrap up`")


def _endpoint(clients: Clients) -> str:
    return clients.settings.endpoint_url or f"AWS in {clients.settings.region}"


def read_execution(answer: Mapping[str, Any]) -> Execution:
    """Read how an execution is, from DescribeExecution's answer."""
    said = json_object(answer.get("input"))
    event = said.get("detail-type")
    return Execution(
        answer["executionArn"],
        _job(answer["name"], said),
        answer["status"],
        answer["startDate"],
        answer.get("stopDate"),
        answer.get("error"),
        answer.get("cause"),
        said.get("detail") if event is not None else json_value(answer.get("input")),
        answer.get("output"),
        event,
    )


def _job(name: str, given: Mapping[str, Any]) -> str:
    """A run is called after its start event; what was started without one may be given an id of any kind."""
    job = given.get("id")
    is_event = isinstance(job, str) and (name.startswith(job) or "detail-type" in given)
    return str(job) if is_event else name
