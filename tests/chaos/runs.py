"""Start the runs of many seeds, a few at a time, and collect what came of each."""

import json
import time
import urllib.parse
import urllib.request
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from bootstrap.clients import Clients
from bootstrap.stack import STACK
from observatory.runs.starting import fire
from tests.chaos.plan import Fault, Plan, Thing
from tests.chaos.verdict import Outcome, longest_seconds

RUNS_AT_ONCE = 10
POLL_SECONDS = 0.5
NOT_STARTED = "NOT STARTED"
RECORD_TIMEOUT_SECONDS = 30


@dataclass(frozen=True)
class Run:
    """A run that was started: its seed's plan, its start event's id, and when it is to be over."""

    plan: Plan
    job: str
    deadline: float


def play(clients: Clients, seeds: Iterable[int]) -> Iterator[Outcome]:
    """Do the runs of all seeds, and yield each as it ends; one that does not end is yielded as it is.

    Args:
        clients: How to reach a sandbox with the plugin in it.
        seeds: Which.
    """
    waiting, running = iter(seeds), set[Run]()
    while True:
        while len(running) < RUNS_AT_ONCE and (seed := next(waiting, None)) is not None:
            running.add(start(clients, seed))
        if not running:
            return
        time.sleep(POLL_SECONDS)
        for run in [run for run in running if is_over(clients, run)]:
            running.remove(run)
            yield collect(clients, run.plan, run.job)


def start(clients: Clients, seed: int) -> Run:
    """Fire the start event of a seed."""
    plan = Plan(seed)
    # Twice the longest, so that one that ends too late is told from one that never does.
    deadline = time.monotonic() + 2 * longest_seconds(plan.people, clients.settings)
    return Run(plan, fire(clients, STACK.source, STACK.machines[0].starts[0].event, plan.start_detail), deadline)


def is_over(clients: Clients, run: Run) -> bool:
    """Whether a run has ended, or should have long ago."""
    status = describe(clients, run.job)["status"]
    return status not in ("RUNNING", NOT_STARTED) or time.monotonic() > run.deadline


def collect(clients: Clients, plan: Plan, job: str) -> Outcome:
    """Collect what came of a run so far."""
    said = describe(clients, job)
    seconds = (said["stopDate"] - said["startDate"]).total_seconds() if "stopDate" in said else 0.0
    happened = tuple((Fault(one["fault"]), Thing(**one["thing"])) for one in ask_plugin(clients, job)["happened"])
    report, failure = (read_object(clients, job, name) for name in (str(STACK.machines[0].report), "0-failed.json"))
    error, cause = said.get("error", ""), said.get("cause", "")
    return Outcome(plan, job, said["status"], error, cause, seconds, report, failure, happened)


def execution_of(clients: Clients, job: str) -> str:
    """The ARN of a run's execution, which LocalStack names after its start event."""
    return clients.arns.executions(STACK.machines[0].name).removesuffix("*") + job


def describe(clients: Clients, job: str) -> Any:
    """How a run's execution is."""
    try:
        return clients.states.describe_execution(executionArn=execution_of(clients, job))
    except clients.states.exceptions.ExecutionDoesNotExist:
        return {"status": NOT_STARTED}


def read_object(clients: Clients, job: str, name: str) -> Any:
    """What an object of a run holds; None if it is not there."""
    key = f"{execution_of(clients, job)}/{name}"
    try:
        return json.load(clients.s3.get_object(Bucket=clients.bucket, Key=key)["Body"])
    except clients.s3.exceptions.NoSuchKey:
        return None


def ask_plugin(clients: Clients, job: str) -> Any:
    """What the plugin knows of a run, and of the threads around it."""
    url = f"{clients.settings.endpoint_url}/_chaos/{urllib.parse.quote(job)}"
    with urllib.request.urlopen(url, timeout=RECORD_TIMEOUT_SECONDS) as response:  # noqa: S310  # our own http URL
        return json.load(response)
