"""What is known of a run so far, in the form that programs read."""

from dataclasses import dataclass
from typing import Any

from bootstrap.description import MachineSpec
from observatory.records.json_values import read_json
from observatory.records.states import json_object
from observatory.runs.following import Snapshot
from observatory.runs.outcomes import lengths_of
from observatory.runs.runs import Known


@dataclass
class RunSummary:
    """A run as it becomes known: what is not known yet, or never will be, is None."""

    machine: MachineSpec
    job: str | None = None
    execution: str | None = None
    snapshot: Snapshot | None = None
    report_uri: str | None = None
    report: Any = None

    def to_json_object(self) -> dict[str, object]:
        """Return the keys that are documented, None where unknown; the machine's columns are among them."""
        snapshot = self.snapshot
        output = snapshot.output if snapshot else ""
        known = Known(json_object(output), {}, lengths_of(snapshot.states) if snapshot else {})
        return {
            "execution": self.execution,
            "job": self.job,
            "status": snapshot.status if snapshot else None,
            "seconds": snapshot.seconds if snapshot else None,
            **{column.name: known.value(column) for column in self.machine.columns},
            "reportUri": self.report_uri,
            "report": self.report,
            "machine": self.machine.name,
            "output": read_json(output) if output else None,
        }
