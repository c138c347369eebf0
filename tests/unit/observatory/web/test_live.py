"""The stream that all tabs share: what has changed, a sign of life each second, or why there is none."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sse_starlette import ServerSentEvent

from observatory.runs.runs import Run, RunList
from observatory.web import live, watching
from observatory.web.watching import Watcher
from tests.unit.observatory.fakes import connection_error
from tests.unit.observatory.recordings import EXECUTIONS, Recording


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "PAUSE_SECONDS", 0.01)


async def following(stream: AsyncIterator[ServerSentEvent]) -> tuple[str | None, Any]:
    said = await anext(stream)
    return said.event, json.loads(str(said.data))


def stream_of(recording: Recording) -> AsyncIterator[ServerSentEvent]:
    return live.changes(Watcher(RunList(recording.clients)))


def test_what_has_changed_is_told_and_otherwise_that_all_is_well() -> None:
    async def watch(recording: Recording) -> None:
        stream = stream_of(recording)
        assert await following(stream) == ("tick", {})
        assert await following(stream) == ("tick", {})
        recording.execution |= {"status": "ABORTED", "stopDate": recording.execution["startDate"]}
        event, said = await following(stream)
        assert (event, [run["status"] for run in said["runs"]]) == ("runs", ["ABORTED"])
        assert (await following(stream))[0] == "tick"

    asyncio.run(watch(Recording("waiting")))


def test_only_the_runs_that_have_changed_are_told() -> None:
    async def watch(recording: Recording) -> None:
        stream = stream_of(recording)
        await following(stream)
        recording.executions.append({**recording.execution, "name": "new", "executionArn": f"{EXECUTIONS}:new"})
        event, said = await following(stream)
        assert (event, [run["job"] for run in said["runs"]]) == ("runs", ["new"])

    asyncio.run(watch(Recording("succeeded")))


def test_that_runs_are_gone_is_told() -> None:
    async def watch(recording: Recording) -> None:
        stream = stream_of(recording)
        await following(stream)
        recording.executions.clear()
        assert await following(stream) == ("runs", {"runs": []})

    asyncio.run(watch(Recording("succeeded")))


def test_trouble_is_told_each_time_and_what_changed_meanwhile_after_it() -> None:
    async def watch(recording: Recording) -> None:
        stream = stream_of(recording)
        await following(stream)
        recording.trouble = connection_error()
        for _look in range(2):
            event, said = await following(stream)
            assert (event, "nothing listens" in said["error"]) == ("trouble", True)
        recording.trouble = None
        recording.execution |= {"status": "ABORTED", "stopDate": recording.execution["startDate"]}
        assert (await following(stream))[0] == "runs"

    asyncio.run(watch(Recording("waiting")))


class HangingRunList(RunList):
    """Does not answer for a while."""

    seconds = 0.0
    looks = 0

    def look(self) -> tuple[Run, ...]:
        self.looks += 1
        time.sleep(self.seconds)
        return super().look()


def test_a_sandbox_that_hangs_is_told_of_soon_is_not_asked_again_and_comes_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watching, "LONGEST_LOOK_SECONDS", 0.1)

    async def watch() -> None:
        run_list = HangingRunList(Recording("succeeded").clients)
        run_list.seconds = 0.5
        stream = live.changes(Watcher(run_list))
        for _time in range(3):
            event, said = await following(stream)
            assert (event, "does not answer" in said["error"]) == ("trouble", True)
        assert run_list.looks == 1
        run_list.seconds = 0.0
        while event != "tick":
            event, _said = await following(stream)

    asyncio.run(watch())
