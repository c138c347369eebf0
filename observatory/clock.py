"""The time that passes while a run is followed; tests bring their own."""

import time


class Clock:
    """Seconds since some moment, and waiting."""

    def now(self) -> float:
        """Return seconds that never jump."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait for *seconds*."""
        time.sleep(seconds)
