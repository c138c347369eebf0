"""Looks at the runs: shared, a second apart, and none while nobody watches."""

import asyncio
import time

import pytest

from observatory.errors import NotBootstrappedError
from observatory.runs.runs import Run, RunList
from observatory.web import watching
from observatory.web.watching import Look, Watcher
from tests.unit.observatory.fakes import connection_error
from tests.unit.observatory.recordings import EXECUTIONS, Recording


class CountingRunList(RunList):
    """Counts the looks, and takes as long for each as it is told to."""

    def __init__(self, recording: Recording) -> None:
        super().__init__(recording.clients)
        self.looks = 0
        self.takes_seconds = 0.0

    def look(self) -> tuple[Run, ...]:
        self.looks += 1
        time.sleep(self.takes_seconds)
        return super().look()


@pytest.fixture
def recording() -> Recording:
    return Recording("succeeded")


@pytest.fixture
def run_list(recording: Recording) -> CountingRunList:
    return CountingRunList(recording)


@pytest.fixture(autouse=True)
def short_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "PAUSE_SECONDS", 0.05)


async def collect(watcher: Watcher, count: int) -> list[Look]:
    looks = watcher.looks()
    return [await anext(looks) for _time in range(count)]


@pytest.mark.parametrize("takes_seconds", [0, 0.1], ids=["quick", "slower-than-the-pause"])
def test_those_who_watch_together_share_their_looks(run_list: CountingRunList, takes_seconds: float) -> None:
    run_list.takes_seconds = takes_seconds

    async def watch() -> list[list[Look]]:
        watcher = Watcher(run_list)
        return await asyncio.gather(*(collect(watcher, 5) for _watcher in range(20)))

    first, *others = asyncio.run(watch())
    assert run_list.looks == 5
    assert all(looks == first for looks in others)


def test_looks_are_apart_by_the_pause(run_list: CountingRunList) -> None:
    began = time.monotonic()
    asyncio.run(collect(Watcher(run_list), 4))
    # A timer may come a moment early.
    assert time.monotonic() - began > 3 * 0.045


def test_there_are_as_many_looks_as_somebody_watched(run_list: CountingRunList) -> None:
    watcher = Watcher(run_list)
    assert run_list.looks == 0
    asyncio.run(collect(watcher, 2))
    assert run_list.looks == 2


def test_one_who_leaves_in_the_middle_does_not_keep_the_others_waiting(run_list: CountingRunList) -> None:
    async def watch() -> list[Look]:
        watcher = Watcher(run_list)
        leaving = asyncio.create_task(collect(watcher, 1000))
        await collect(watcher, 2)
        leaving.cancel()
        return await collect(watcher, 3)

    assert len(asyncio.run(watch())) == 3


def test_trouble_is_seen_by_all_and_looks_go_on(recording: Recording, run_list: CountingRunList) -> None:
    async def watch() -> None:
        looks = Watcher(run_list).looks()
        assert (await anext(looks)).error is None
        recording.trouble = connection_error()
        assert "nothing listens" in str((await anext(looks)).error)
        recording.trouble = None
        assert (await anext(looks)).runs

    asyncio.run(watch())


def test_a_look_that_failed_raises_why_when_its_runs_are_asked_for() -> None:
    with pytest.raises(NotBootstrappedError, match="why"):
        _ = Look(error=NotBootstrappedError("why")).runs


def test_who_asks_once_is_answered_with_what_is_there_now(recording: Recording, run_list: CountingRunList) -> None:
    async def ask() -> tuple[Look, Look]:
        watcher = Watcher(run_list)
        before = await watcher.look()
        recording.executions.append({**recording.execution, "name": "new", "executionArn": f"{EXECUTIONS}:new"})
        return before, await watcher.look()

    before, after = asyncio.run(ask())
    assert (len(before.runs), len(after.runs)) == (1, 2)
