"""Look at the runs at most once a second, for all who watch them together; while nobody does, nothing is asked for."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool

from bootstrap.errors import BootstrapError
from bootstrap.settings import SettingsError
from observatory.errors import RunError, SandboxSilentError
from observatory.runs.finding import find_run
from observatory.runs.runs import Run, RunList

PAUSE_SECONDS = 1.0
RECENT_SECONDS = 2.0
# Who watches is told so early that a sandbox hangs; who asks once waits for longer.
LONGEST_LOOK_SECONDS = 2.5
LONGEST_ANSWER_SECONDS = 30.0


@dataclass(frozen=True, eq=False)
class Look:
    """The runs as they were at a moment, newest first, or why they could not be seen."""

    seen: tuple[Run, ...] = ()
    error: SettingsError | BootstrapError | RunError | None = None

    @property
    def runs(self) -> tuple[Run, ...]:
        """The runs.

        Raises:
            SettingsError: The stack cannot be loaded.
            NotBootstrappedError: There is no machine or no ledger.
            BootstrapError: They could not be asked for.
        """
        if self.error:
            raise self.error
        return self.seen

    def find(self, job: str) -> Run | None:
        """The run that `find_run` finds; raises what that and `runs` do."""
        return find_run(self.runs, job)


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
        self._looking: asyncio.Task[Look] | None = None

    async def look(self) -> Look:
        """Return the runs as they are now."""
        async with self._lock:
            return await self._look(LONGEST_ANSWER_SECONDS)

    async def recent(self) -> Look:
        """Return the runs as somebody saw them a moment ago; look only if nobody did."""
        if self._latest.error is None and time.monotonic() - self._looked < RECENT_SECONDS:
            return self._latest
        return await self.look()

    async def looks(self) -> AsyncIterator[Look]:
        """Yield the runs at once, and then once a second; a look that another watcher had is as good as one's own."""
        seen: Look | None = None
        while True:
            async with self._lock:
                if seen is self._latest or (seen is None and self._pause() <= 0):
                    await asyncio.sleep(self._pause())
                    await self._look(LONGEST_LOOK_SECONDS)
                seen = self._latest
            yield seen

    def _pause(self) -> float:
        return self._looked + PAUSE_SECONDS - time.monotonic()

    async def _look(self, patience: float) -> Look:
        """Look, or go on with a look that has not come to its end, for so many seconds."""
        self._looking = self._looking or asyncio.create_task(self._ask())
        done, _waiting = await asyncio.wait({self._looking}, timeout=patience)
        if done:
            self._latest, self._looking = self._looking.result(), None
        else:
            self._latest = Look(error=SandboxSilentError("the sandbox does not answer: is it busy, or does it hang?"))
        self._looked = time.monotonic()
        return self._latest

    async def _ask(self) -> Look:
        try:
            return Look(await run_in_threadpool(self._run_list.look))
        except (SettingsError, BootstrapError, RunError) as error:
            return Look(error=error)
