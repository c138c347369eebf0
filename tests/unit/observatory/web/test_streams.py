"""The live streams: at once, on every change, through trouble, to the end."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sse_starlette import ServerSentEvent

from observatory.runs.runs import RunList
from observatory.web import run, runs, watching
from observatory.web.context import Context
from observatory.web.telling import Teller
from observatory.web.watching import Watcher
from tests.unit.observatory.fakes import connection_error
from tests.unit.observatory.recordings import Recording


@pytest.fixture(autouse=True)
def short_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "PAUSE_SECONDS", 0.01)


def context_of(recording: Recording) -> Context:
    run_list = RunList(recording.clients)
    return Context(recording.clients, run_list, Watcher(run_list), Teller(recording.clients, run_list))


async def following(stream: AsyncIterator[ServerSentEvent]) -> tuple[str | None, Any]:
    said = await anext(stream)
    return said.event, json.loads(str(said.data))


def test_all_runs_come_at_once_and_when_one_has_changed() -> None:
    async def watch(recording: Recording) -> None:
        stream = runs.changes(context_of(recording).watcher)
        event, said = await following(stream)
        assert (event, said["runs"][0]["status"]) == ("runs", "RUNNING")
        recording.execution |= {"status": "ABORTED", "stopDate": recording.execution["startDate"]}
        event, said = await following(stream)
        assert (event, said["runs"][0]["status"]) == ("runs", "ABORTED")

    asyncio.run(watch(Recording("waiting")))


def test_trouble_is_told_once_and_the_runs_come_again_after_it() -> None:
    async def watch(recording: Recording) -> None:
        stream = runs.changes(context_of(recording).watcher)
        assert (await following(stream))[0] == "runs"
        recording.trouble = connection_error()
        event, said = await following(stream)
        assert (event, "nothing listens" in said["error"]) == ("trouble", True)
        recording.trouble = None
        assert (await following(stream))[0] == "runs"

    asyncio.run(watch(Recording("succeeded")))


def test_a_run_is_followed_through_trouble_to_its_end() -> None:
    async def watch() -> None:
        recording, done = Recording("waiting"), Recording("succeeded")
        stream = run.progress(context_of(recording), recording.job)
        event, said = await following(stream)
        assert (event, said["summary"]["status"]) == ("progress", "RUNNING")
        assert {state["name"]: state["class"] for state in said["states"]}["ProcessMultiple"] == "running"
        recording.trouble = connection_error()
        assert (await following(stream))[0] == "trouble"
        recording.trouble = None
        recording.execution |= {"status": "ABORTED", "stopDate": done.execution["stopDate"]}
        rest = [(said.event, json.loads(str(said.data))) async for said in stream]
        assert [event for event, _said in rest] == ["progress", "end"]
        assert rest[-1][1]["summary"]["status"] == "ABORTED"

    asyncio.run(watch())


def test_a_run_whose_sandbox_is_gone_is_told_of_and_the_stream_ends() -> None:
    async def watch(recording: Recording) -> None:
        stream = run.progress(context_of(recording), recording.job)
        assert (await following(stream))[0] == "progress"
        recording.executions.clear()
        event, said = await following(stream)
        assert (event, said["error"]) == ("trouble", f"there is no run {recording.job!r} any more")
        assert [said async for said in stream] == []

    asyncio.run(watch(Recording("waiting")))


def test_a_stream_does_not_end_before_its_side_effects_do() -> None:
    async def watch(recording: Recording) -> None:
        assert recording.ledger
        recording.execution["stopDate"] = recording.execution["startDate"].now(recording.execution["startDate"].tzinfo)
        log = recording.logs["sideEffect"]
        recording.logs["sideEffect"] = []
        stream = run.progress(context_of(recording), recording.job)
        assert (await following(stream))[0] == "progress"
        waiting = asyncio.ensure_future(anext(stream))
        done, _pending = await asyncio.wait({waiting}, timeout=0.3)
        assert not done
        recording.logs["sideEffect"] = log
        assert (await waiting).event == "progress"
        assert [said.event async for said in stream] == ["end"]

    asyncio.run(watch(Recording("succeeded")))


def test_a_run_that_failed_shows_the_states_that_put_no_event_while_side_effects_go_on() -> None:
    async def watch(recording: Recording) -> None:
        started = recording.execution["startDate"]
        recording.execution |= {"status": "FAILED", "stopDate": started.now(started.tzinfo)}
        recording.logs["sideEffect"] = []
        entered = next(event for event in recording.history if event["type"] == "TaskStateEntered")
        details = entered["stateEnteredEventDetails"] | {"name": "StoreFailure"}
        last = recording.history[-1]["id"]
        recording.history.append(
            entered | {"id": last + 1, "previousEventId": last, "stateEnteredEventDetails": details}
        )
        event, said = await following(run.progress(context_of(recording), recording.job))
        classes = {state["name"]: state["class"] for state in said["states"]}
        assert (event, classes["StoreFailure"]) == ("progress", "aborted")

    asyncio.run(watch(Recording("succeeded")))
