"""Time that stands still while somebody looks into a function."""

import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

# Who waits for a moment that does not come nearer looks again after so long.
LOOK_SECONDS = 0.1


class Clock:
    """Counts seconds as time.monotonic() does, without those in which it was stopped; several may stop it at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stopped_by = 0
        # When each stop began and ended; replaced as a whole, so that nobody who reads it needs the lock.
        self._stops: tuple[tuple[float, float], ...] = ()

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Stop it, until all who have stopped it let it go on."""
        with self._lock:
            self._stopped_by += 1
            if self._stopped_by == 1:
                self._stops = (*self._stops, (time.monotonic(), math.inf))
        try:
            yield
        finally:
            with self._lock:
                self._stopped_by -= 1
                if not self._stopped_by:
                    *before, (began, _) = self._stops
                    self._stops = (*before, (began, time.monotonic()))

    def now(self) -> float:
        """The seconds that it has counted, from an arbitrary point on."""
        return self.counted(time.monotonic())

    def counted(self, seconds: float) -> float:
        """How many of the last seconds it has counted."""
        now = time.monotonic()
        began = now - seconds
        return seconds - sum(max(0.0, min(end, now) - max(start, began)) for start, end in self._stops)

    def wait_seconds(self, moment: float) -> float:
        """How long to wait before it is worth looking whether :meth:`now` has come to *moment*."""
        left = max(0.0, moment - self.now())
        return max(left, LOOK_SECONDS) if self._stopped_by else left


# Stopped while a debugger is attached to any function: what waits for that function waits in many places.
CLOCK = Clock()
