"""Runs of the cookies, and what they left behind."""

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

from bootstrap.clients import Clients
from bootstrap.deploy import outputs
from bootstrap.stack import STACK
from testkit.workflow import Run as AnyRun
from testkit.workflow import Workflow

REPORT = "0-cookies.json"
FAILURE = "0-failed.json"
# Without the patches on a busy machine, the largest run takes minutes.
RUN_SECONDS = 600


@dataclass(frozen=True)
class Run:
    """A run by its start event's id, its execution's ARN and its report."""

    job: str
    execution: str
    report: dict[str, Any]


@dataclass(frozen=True)
class FailedRun:
    """A run that failed, by its execution's ARN; what it failed with, and what 0-failed.json says."""

    execution: str
    error: str
    cause: str
    stored: dict[str, Any]

    @property
    def failure(self) -> dict[str, str]:
        """The cause, as a function's failure is told."""
        failure: dict[str, str] = json.loads(self.cause)
        return failure


class Runs:
    """The runs of one account."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._workflow = Workflow(clients)
        self._machine: str = outputs(clients)["machines"][STACK.machines[0].name]

    def start(self, **detail: Any) -> str:
        """Fire the start event, and return its id: the job."""
        return self._workflow.start(detail).job

    def finish(self, job: str) -> Run:
        """Wait until a run's report is in the bucket."""
        run = AnyRun(self._clients, job)
        report = run.object(REPORT, RUN_SECONDS)
        run.wait()
        return Run(job, run.arn, report)

    def run(self, **detail: Any) -> Run:
        """Start a run and wait for its report."""
        return self.finish(self.start(**detail))

    def fail(self, job: str) -> FailedRun:
        """Wait until a run has failed."""
        run = AnyRun(self._clients, job)
        ended = run.wait(RUN_SECONDS)
        assert ended.status == "FAILED", ended
        assert REPORT not in run.objects()
        return FailedRun(run.arn, ended.error or "", ended.cause or "", run.object(FAILURE))

    def is_over(self, job: str) -> bool:
        """Whether the execution of a run has ended."""
        found = self._clients.states.list_executions(stateMachineArn=self._machine)["executions"]
        return any(one["name"].startswith(job) and one["status"] != "RUNNING" for one in found)

    def status(self, execution: str) -> str:
        """What Step Functions says of an execution."""
        return self._clients.states.describe_execution(executionArn=execution)["status"]

    def objects(self, run: Run) -> dict[str, dict[str, Any]]:
        """All that a run left in the bucket, by the key's last part."""
        found = AnyRun(self._clients, run.job)
        return {name: found.object(name) for name in found.objects()}

    def keys(self, execution: str) -> list[str]:
        """The last part of the key of each object that an execution left in the bucket."""
        pages = self._clients.s3.get_paginator("list_objects_v2").paginate(
            Bucket=self._clients.bucket, Prefix=f"{execution}/"
        )
        return [item["Key"].rpartition("/")[2] for page in pages for item in page.get("Contents", ())]

    def history(self, run: Run) -> Counter[str]:
        """How often each kind of event is in an execution's history."""
        pages = self._clients.states.get_paginator("get_execution_history").paginate(executionArn=run.execution)
        return Counter(event["type"] for page in pages for event in page["events"])

    def executions(self) -> set[str]:
        """The ARNs of all executions of the machine."""
        pages = self._clients.states.get_paginator("list_executions").paginate(stateMachineArn=self._machine)
        return {execution["executionArn"] for page in pages for execution in page["executions"]}
