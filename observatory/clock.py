"""The time that passes while a run is followed, which tests bring themselves, and how a time is written."""

import time
from datetime import UTC, datetime


class Clock:
    """Seconds since some moment, and waiting."""

    def now(self) -> float:
        """Return seconds that never jump."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait for *seconds*."""
        time.sleep(seconds)


def iso(moment: datetime | None) -> str | None:
    """Write a time as programs read it: ISO 8601, UTC, milliseconds; None stays None."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") if moment else None
