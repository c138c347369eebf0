"""Look at the runs at most once a second, for all who watch them together; while nobody does, nothing is asked for."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool

from bootstrap.errors import BootstrapError
from observatory.errors import RunError
from observatory.records.executions import LATEST
from observatory.runs.runs import Run, RunList

PAUSE_SECONDS = 1.0


@dataclass(frozen=True, eq=False)
class Look:
    """The runs as they were at a moment, newest first, or why they could not be seen."""

    seen: tuple[Run, ...] = ()
    error: BootstrapError | RunError | None = None

    @property
    def runs(self) -> tuple[Run, ...]:
        """The runs.

        Raises:
            NotBootstrappedError: There is no machine or no ledger.
            BootstrapError: They could not be asked for.
        """
        if self.error:
            raise self.error
        return self.seen

    def find(self, job: str) -> Run | None:
        """The run of a start event, by its id, the beginning of that, or `latest`; raises what `runs` does."""
        return next((run for run in self.runs if job == LATEST or run.job.startswith(job)), None)


class Watcher:
    """Shares looks at the runs.

    Args:
        run_list: What to look at.
    """

    def __init__(self, run_list: RunList) -> None:
        self._run_list = run_list
        self._lock = asyncio.Lock()
        self._latest = Look()
        self._looked = -PAUSE_SECONDS

    async def look(self) -> Look:
        """Return the runs as they are now."""
        async with self._lock:
            return await self._look()

    async def looks(self) -> AsyncIterator[Look]:
        """Yield the runs at once, and then once a second; a look that another watcher had is as good as one's own."""
        seen: Look | None = None
        while True:
            async with self._lock:
                if seen is self._latest or (seen is None and self._pause() <= 0):
                    await asyncio.sleep(self._pause())
                    await self._look()
                seen = self._latest
            yield seen

    def _pause(self) -> float:
        return self._looked + PAUSE_SECONDS - time.monotonic()

    async def _look(self) -> Look:
        try:
            self._latest = Look(await run_in_threadpool(self._run_list.look))
        except (BootstrapError, RunError) as error:
            self._latest = Look(error=error)
        self._looked = time.monotonic()
        return self._latest
