"""Start runs on the bus, and find what they left behind."""

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bootstrap.clients import Clients
from bootstrap.deploy import outputs
from bootstrap.stack import STACK
from handlers.detail_types import DetailType
from tests.waiting import wait_for

if TYPE_CHECKING:
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

# Without the patches on a busy machine, the largest run takes minutes.
RUN_SECONDS = 600
# More than any test starts at once.
LISTED_EXECUTIONS = 50


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
        made = outputs(clients)
        self._bucket: str = made["bucket"]
        self._machine: str = made["machines"][STACK.machines[0].name]

    def start(self, **detail: Any) -> str:
        """Fire the start event, and return its id: the job."""
        entry: PutEventsRequestEntryTypeDef = {
            "Source": STACK.source,
            "DetailType": DetailType.START,
            "Detail": json.dumps(detail),
        }
        answer = self._clients.events.put_events(Entries=[entry])
        assert answer["FailedEntryCount"] == 0
        return answer["Entries"][0]["EventId"]

    def finish(self, job: str) -> Run:
        """Wait until a run's report is in the bucket."""
        execution = wait_for("the execution", lambda: self._execution(job))
        report = wait_for("0-cookies.json", lambda: self._object(f"{execution}/0-cookies.json"), RUN_SECONDS)
        wait_for("the end of the execution", lambda: self.status(execution) != "RUNNING")
        return Run(job, execution, report)

    def run(self, **detail: Any) -> Run:
        """Start a run and wait for its report."""
        return self.finish(self.start(**detail))

    def fail(self, job: str) -> FailedRun:
        """Wait until a run has failed."""
        execution = wait_for("the execution", lambda: self._execution(job))
        wait_for("the end of the execution", lambda: self.status(execution) != "RUNNING", RUN_SECONDS)
        ended = self._clients.states.describe_execution(executionArn=execution)
        assert ended["status"] == "FAILED", ended
        assert not self._object(f"{execution}/0-cookies.json")
        stored = self._object(f"{execution}/0-failed.json")
        return FailedRun(execution, ended["error"], ended["cause"], stored)

    def is_over(self, job: str) -> bool:
        """Whether the execution of a run has ended."""
        execution = self._execution(job)
        return bool(execution) and self.status(execution) != "RUNNING"

    def status(self, execution: str) -> str:
        """What Step Functions says of an execution."""
        return self._clients.states.describe_execution(executionArn=execution)["status"]

    def objects(self, run: Run) -> dict[str, dict[str, Any]]:
        """All that a run left in the bucket, by the key's last part."""
        return {key: self._object(f"{run.execution}/{key}") for key in self.keys(run.execution)}

    def keys(self, execution: str) -> list[str]:
        """The last part of the key of each object that an execution left in the bucket."""
        pages = self._clients.s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=f"{execution}/")
        keys = [item["Key"] for page in pages for item in page.get("Contents", [])]
        return [key.removeprefix(f"{execution}/") for key in keys]

    def history(self, run: Run) -> Counter[str]:
        """How often each kind of event is in an execution's history."""
        pages = self._clients.states.get_paginator("get_execution_history").paginate(executionArn=run.execution)
        return Counter(event["type"] for page in pages for event in page["events"])

    def executions(self) -> set[str]:
        """The ARNs of all executions of the machine."""
        pages = self._clients.states.get_paginator("list_executions").paginate(stateMachineArn=self._machine)
        return {execution["executionArn"] for page in pages for execution in page["executions"]}

    def _execution(self, job: str) -> str:
        # The newest come first. LocalStack names an execution after its start event, and so does AWS, with a suffix.
        newest = self._clients.states.list_executions(stateMachineArn=self._machine, maxResults=LISTED_EXECUTIONS)
        found = (execution["executionArn"] for execution in newest["executions"] if execution["name"].startswith(job))
        return next(found, "")

    def _object(self, key: str) -> dict[str, Any]:
        try:
            body = self._clients.s3.get_object(Bucket=self._bucket, Key=key)["Body"]
        except self._clients.s3.exceptions.NoSuchKey:
            return {}
        content: dict[str, Any] = json.load(body)
        return content
