"""What is known of a run so far, in the form that programs read."""

from dataclasses import dataclass

from observatory.records.reports import Report
from observatory.runs.following import Snapshot


@dataclass
class RunSummary:
    """A run as it becomes known: what is not known yet, or never will be, is None."""

    job: str | None = None
    execution: str | None = None
    snapshot: Snapshot | None = None
    report_uri: str | None = None
    report: Report | None = None

    def to_json_object(self) -> dict[str, object]:
        """Return the keys that are documented, None where unknown."""
        snapshot, report = self.snapshot, self.report
        names = snapshot.timeline.names if snapshot else None
        known_names = None if names is None else len(names)
        return {
            "execution": self.execution,
            "job": self.job,
            "status": snapshot.status if snapshot else None,
            "seconds": snapshot.seconds if snapshot else None,
            "people": report["numberOfPeople"] if report else known_names,
            "totalCookiesConsumed": report["totalCookiesConsumed"] if report else None,
            "reportUri": self.report_uri,
            "report": report,
        }
