"""The child executions of a Map Run, as ResultWriter and results tell of them."""

import datetime
import json
from dataclasses import dataclass, field
from typing import Any, Self

from localstack.aws.api.stepfunctions import ExecutionStatus
from localstack.utils.strings import long_uid


def now() -> str:
    """The time, as results have it."""
    return datetime.datetime.now(tz=datetime.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class Child:
    """A child execution of a Map Run, which works on one item or a batch of them."""

    run: Any
    items: int
    given: Any
    name: str = field(default_factory=long_uid)
    status: ExecutionStatus = ExecutionStatus.RUNNING
    started: str = field(default_factory=now)
    stopped: str | None = None
    output: Any = None
    error: dict[str, str] = field(default_factory=dict)

    @classmethod
    def begin(cls, run: Any, env: Any, job: Any) -> Self:
        """Begin with the child that works on an item of the Map, in an environment that was made for it."""
        child = cls(run, run.sizes[job.job_index], job.job_input)
        child._count("running")
        context = env.states.context_object.context_object_data
        context["Execution"] = context["Execution"] | {
            "Id": child.arn,
            "Name": child.name,
            "Input": job.job_input,
            "StartTime": child.started,
        }
        env.states.reset(input_value=job.job_input)
        return child

    @property
    def arn(self) -> str:
        """The ARN of the child execution."""
        return f"{self.run.map_state_machine_arn.replace(':stateMachine:', ':execution:')}:{self.name}"

    def succeed(self, output: Any) -> None:
        """End it well."""
        self.output = output
        self._end(ExecutionStatus.SUCCEEDED, "succeeded")
        self._count("results_written")

    def fail(self, error: dict[str, str]) -> None:
        """End it with an error and a cause."""
        self.error = {name.capitalize(): text for name, text in error.items() if text}
        self._end(ExecutionStatus.FAILED, "failed")

    def abort(self) -> None:
        """End it because the Map Run ends."""
        self._end(ExecutionStatus.ABORTED, "aborted")

    def _end(self, status: ExecutionStatus, counter: str) -> None:
        self.status, self.stopped = status, now()
        self._count("running", -1)
        self._count(counter)

    def _count(self, counter: str, sign: int = 1) -> None:
        getattr(self.run.execution_counter, counter).offset(sign)
        getattr(self.run.item_counter, counter).offset(sign * self.items)

    def result(self) -> Any:
        """What the Map's result has of it: its output, or all of a failure that was tolerated."""
        return self.output if self.status == ExecutionStatus.SUCCEEDED else self.described()

    def described(self) -> dict[str, Any]:
        """All there is to say of it, as AWS writes it to S3."""
        succeeded = self.status == ExecutionStatus.SUCCEEDED
        output = {"Output": _text(self.output), "OutputDetails": {"Included": True}} if succeeded else self.error
        redrives = {"RedriveCount": 0, "RedriveStatus": "NOT_REDRIVABLE" if succeeded else "REDRIVABLE_BY_MAP_RUN"}
        reason = {"RedriveStatusReason": "Execution is SUCCEEDED and cannot be redriven"} if succeeded else {}
        return {
            "ExecutionArn": self.arn,
            "Input": _text(self.given),
            "InputDetails": {"Included": True},
            "Name": self.name,
            **output,
            **redrives,
            **reason,
            "StartDate": self.started,
            "StateMachineArn": self.run.map_state_machine_arn,
            "Status": self.status,
            "StopDate": self.stopped,
        }


def _text(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
