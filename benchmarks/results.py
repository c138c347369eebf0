"""What was measured: values by work and subject, and what could not be done."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median

from benchmarks.works import Work


@dataclass(frozen=True)
class Failure:
    """A subject that could not do its work; nothing more was asked of it in that round."""

    subject: str
    work: str
    error: str


@dataclass
class Results:
    """All values so far.

    Args:
        subjects: The names of what is compared, in the order of the tables.
        machine: What all ran on.
    """

    subjects: tuple[str, ...]
    machine: dict[str, str]
    values: dict[Work, dict[str, list[float]]] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)

    def add(self, work: Work, subject: str, value: float) -> None:
        """Note a measured value."""
        self.values.setdefault(work, {}).setdefault(subject, []).append(value)

    def median(self, work: Work, subject: str) -> float | None:
        """The median of a subject's values, if it has any."""
        values = self.values.get(work, {}).get(subject)
        return median(values) if values else None

    def ratio(self, work: Work, subject: str, to: str) -> float | None:
        """A subject's median in relation to another's, if both have one."""
        return divided(self.median(work, subject), self.median(work, to))

    def works(self, chosen: Callable[[Work], bool]) -> list[Work]:
        """The kinds of work with some property, in the order in which they were first done."""
        return [work for work in self.values if chosen(work)]

    def write(self, path: Path, targets: list[dict[str, object]]) -> None:
        """Write all of it as JSON.

        Args:
            path: The file.
            targets: What is said of them there.
        """
        measurements = [
            {"subject": subject, **asdict(work), "median": self.median(work, subject), "values": values}
            for work, by_subject in self.values.items()
            for subject, values in by_subject.items()
        ]
        failures = [asdict(failure) for failure in self.failures]
        content = {"machine": self.machine, "targets": targets, "measurements": measurements, "failures": failures}
        path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def divided(value: float | None, by: float | None) -> float | None:
    """A quotient, where there is one."""
    return value / by if value is not None and by else None
