"""The ledger against the ground truth: what Step Functions, the functions' own logs, and S3 say."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bootstrap import deploy
from bootstrap.clients import Clients
from bootstrap.settings import load_settings
from bootstrap.stack import STACK
from observatory.errors import UnknownRunError
from observatory.story.reasons import waits
from observatory.story.story import Story, tell
from observatory.story.troubles import failures
from scripts import explain
from testkit.waiting import wait_for
from tests.e2e.runs import Run, Runs

PROJECT_FOLDER = Path(__file__).parents[2]
PEOPLE = 50
# So small that there are several of each.
PAGES = {
    "records.history.LARGEST_PAGE_EVENTS": 100,
    "story.story.LARGEST_LOG_PAGE_EVENTS": 40,
    "records.ledger.LARGEST_PAGE_EVENTS": 50,
}
# start, getUsers and its done, four a person, generateReport and its done
EVENTS = 3 + 4 * PEOPLE + 2
# With two at a time, as by default, hardly anything would happen at once.
MAP_CONCURRENCY = "20"
MOST_RUNS = 5


@pytest.fixture(scope="module")
def large_run(sandbox: Clients) -> Iterator[tuple[Run, Story]]:
    """A run of many people that is over, and its story while it was not."""
    settings = {"AWS_ENDPOINT_URL": str(sandbox.settings.endpoint_url), "MAP_CONCURRENCY": MAP_CONCURRENCY}
    deploy.up(Clients(load_settings(settings)), on_change=lambda _change: None)
    runs = Runs(sandbox)
    yield _run_seen_waiting(sandbox, runs)
    deploy.up(sandbox, on_change=lambda _change: None)


def _run_seen_waiting(sandbox: Clients, runs: Runs) -> tuple[Run, Story]:
    """A run that is over, and its story while a person waited; on a busy machine, not every look meets one."""
    for _ in range(MOST_RUNS):
        job = runs.start(people=PEOPLE, seed="ledger")
        seen: list[Story] = []
        while not seen and not runs.is_over(job):
            seen += filter(None, [_waiting_for_a_person(sandbox, job)])
        run = runs.finish(job)
        if seen:
            return run, seen[0]
    raise AssertionError(f"in {MOST_RUNS} runs, no person was seen to wait")


def _tell(clients: Clients, job: str) -> Story | None:
    """The story of a run, once it has an execution."""
    try:
        return tell(clients, STACK, job)
    except UnknownRunError:
        return None


def _waiting_for_a_person(clients: Clients, job: str) -> Story | None:
    story = _tell(clients, job)
    return story if story and any(wait.item for wait in waits(story)) else None


def log_lines(clients: Clients, group: str) -> list[str]:
    """All that was ever logged to a group."""
    pages = clients.logs.get_paginator("filter_log_events").paginate(logGroupName=group)
    return [event["message"] for page in pages for event in page["events"]]


def function_lines(clients: Clients, job: str) -> list[dict[str, Any]]:
    """What the functions themselves wrote about a run."""
    lines = [line for function in STACK.functions for line in log_lines(clients, f"/aws/lambda/{function.name}")]
    said = [json.loads(line) for line in lines if line.startswith("{")]
    return [line for line in said if line.get("job") == job]


def emitted_ids(clients: Clients, run: Run) -> list[str]:
    """The ids that PutEvents answered: to the person who started, to the states and to the functions."""
    pages = clients.states.get_paginator("get_execution_history").paginate(executionArn=run.execution)
    submitted = [
        json.loads(event["taskSubmittedEventDetails"]["output"])["Entries"][0]["EventId"]
        for page in pages
        for event in page["events"]
        if event["type"] == "TaskSubmitted"
    ]
    lines = function_lines(clients, run.job)
    return [run.job, *submitted, *(line["eventId"] for line in lines if line["message"].startswith("emitted "))]


@pytest.fixture(scope="module")
def story(sandbox: Clients, large_run: tuple[Run, Story]) -> Story:
    """The story of that run once the last side effect is over."""
    run, _running = large_run

    def look() -> Story | None:
        told = tell(sandbox, STACK, run.job)
        invocations = sum(one.ended is not None for one in told.invocations)
        return told if invocations >= 1 + 3 * PEOPLE + 1 and len(told.events) >= EVENTS else None

    with pytest.MonkeyPatch.context() as patch:
        for name, size in PAGES.items():
            patch.setattr(f"observatory.{name}", size)
        told = wait_for("the last side effect and its event", look)
    assert told
    return told


def test_no_event_is_missing_and_none_is_there_twice(
    sandbox: Clients, large_run: tuple[Run, Story], story: Story
) -> None:
    run, _running = large_run
    recorded = [event.id for event in story.events]
    truth = emitted_ids(sandbox, run)
    assert len(truth) == EVENTS
    assert sorted(recorded) == sorted(truth)


def test_the_log_group_itself_holds_every_event(sandbox: Clients, large_run: tuple[Run, Story]) -> None:
    run, _running = large_run
    bodies = [json.loads(line) for line in log_lines(sandbox, STACK.ledger)]
    ids = {body["id"] for body in bodies if run.job in (body["id"], body["detail"].get("job"))}
    assert ids == set(emitted_ids(sandbox, run))


def test_no_invocation_is_missing_and_each_handled_its_event(sandbox: Clients, story: Story) -> None:
    lines = [line for line in function_lines(sandbox, story.job) if line["message"].startswith("handling ")]
    truth = {(line["function"], line["requestId"], line["eventId"]) for line in lines}
    assert {(one.function, one.request_id, one.event_id) for one in story.invocations} == truth
    assert len(story.invocations) == len(truth) == 1 + 3 * PEOPLE + 1
    assert all(one.error is None and one.milliseconds is not None for one in story.invocations)


def test_every_chain_is_whole(large_run: tuple[Run, Story], story: Story) -> None:
    run, _running = large_run
    chains = {state.item: story.chain(state) for state in story.states.runs if state.item}
    assert set(chains) == set(run.report["names"])
    for person, chain in chains.items():
        assert sorted(event.type for event in chain) == ["async.done", "done", "getUserCookies", "getUserProfile"]
        assert {story.item_of(event) for event in chain} == {person}
    assert all(story.emitter(event) for event in story.events if event.meta)


def test_the_objects_are_those_of_the_bucket(large_run: tuple[Run, Story], story: Story, runs: Runs) -> None:
    run, _running = large_run
    assert {found.key.removeprefix(f"{run.execution}/") for found in story.objects} == set(runs.keys(run.execution))


def test_while_it_goes_on_a_run_is_explained_as_waiting(large_run: tuple[Run, Story]) -> None:
    run, running = large_run
    assert running.execution.status == "RUNNING"
    people = {state.item for state in running.states.runs if state.item and state.is_open}
    sentences = [wait.sentence for wait in waits(running) if wait.sentence.startswith("ProcessMultiple has waited ")]
    assert sentences
    assert len(sentences) == len(people)
    assert people <= set(run.report["names"])


def test_a_failed_run_names_the_function_and_the_error(sandbox: Clients, runs: Runs) -> None:
    job = runs.start(people=-1)
    sentence = wait_for("a failure", lambda: _function_failure(sandbox, job))
    assert sentence
    assert sentence.startswith("getMultiple raised PeopleError: people of the start event is -1")


def _function_failure(clients: Clients, job: str) -> str | None:
    story = _tell(clients, job)
    return next((each.sentence for each in failures(story) if each.what == "getMultiple"), None) if story else None


@pytest.fixture
def endpoint_variable(sandbox: Clients, monkeypatch: pytest.MonkeyPatch) -> None:
    """What tells the command where to look."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", str(sandbox.settings.endpoint_url))


@pytest.mark.usefixtures("endpoint_variable")
@pytest.mark.parametrize("form", [(), ("--all",), ("--json",), ("--mermaid",)], ids=" ".join)
def test_the_command_explains_a_large_run(
    large_run: tuple[Run, Story], form: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    run, _running = large_run
    assert explain.main([run.job, *form]) == 0
    output = capsys.readouterr().out
    assert "getUserCookies" in output
    assert (len(output.splitlines()) < 200) == (form != ("--all",))


@pytest.mark.usefixtures("endpoint_variable")
def test_typed_the_command_says_the_same(large_run: tuple[Run, Story], capsys: pytest.CaptureFixture[str]) -> None:
    run, _running = large_run
    arguments = [run.job, "--mermaid"]
    command = [sys.executable, "scripts/explain.py", *arguments]
    done = subprocess.run(command, cwd=PROJECT_FOLDER, capture_output=True, text=True, check=False)
    assert explain.main(arguments) == done.returncode == 0, done.stderr
    assert capsys.readouterr().out == done.stdout
