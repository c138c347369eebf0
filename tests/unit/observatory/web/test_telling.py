"""Stories are told when there is something new to tell, and kept otherwise."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from observatory.runs.finding import find_run
from observatory.runs.runs import RunList
from observatory.web import telling
from observatory.web.telling import KEPT_STORIES, Teller, Told
from tests.unit.observatory.recordings import EXECUTIONS, Recording


class Viewing:
    """A page that asks for a story again and again."""

    def __init__(self, name: str) -> None:
        self.recording = Recording(name)
        self.run_list = RunList(self.recording.clients)
        self.teller = Teller(self.recording.clients, self.run_list)

    def ask(self, job: str | None = None) -> Told:
        job = job or self.recording.job
        return self.teller.tell(job, find_run(self.run_list.look(), job))


@pytest.fixture
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "SHORTEST_PAUSE_SECONDS", 0)
    monkeypatch.setattr(telling, "PAUSE_FACTOR", 0)


@pytest.mark.usefixtures("no_pause")
def test_a_story_with_nothing_more_to_come_is_told_once() -> None:
    viewing = Viewing("succeeded")
    assert viewing.ask() is viewing.ask()


@pytest.mark.usefixtures("no_pause")
def test_an_event_that_somebody_sends_later_is_in_the_story() -> None:
    viewing = Viewing("succeeded")
    assert viewing.recording.ledger
    last = viewing.recording.ledger.pop()
    assert len(viewing.ask().story.events) == 16
    viewing.recording.ledger.append(last)
    assert len(viewing.ask().story.events) == 17


@pytest.mark.usefixtures("no_pause")
def test_a_run_that_goes_on_is_told_anew() -> None:
    viewing = Viewing("waiting")
    assert viewing.ask() is not viewing.ask()


def test_but_not_for_everyone_who_asks_within_a_moment() -> None:
    viewing = Viewing("waiting")
    assert viewing.ask() is viewing.ask()


def test_an_event_that_comes_a_moment_after_the_story_of_a_run_that_has_ended_is_told_at_once() -> None:
    viewing = Viewing("succeeded")
    assert viewing.recording.ledger
    last = viewing.recording.ledger.pop()
    assert len(viewing.ask().story.events) == 16
    viewing.recording.ledger.append(last)
    assert len(viewing.ask().story.events) == 17
    assert viewing.ask() is viewing.ask()


@pytest.mark.usefixtures("no_pause")
def test_more_is_expected_once_a_dead_letter_was_sent_again_until_a_function_began() -> None:
    viewing = Viewing("succeeded")
    assert viewing.ask().is_complete
    viewing.teller.expect(viewing.recording.job, datetime.now(UTC))
    said = json.loads(viewing.ask().body)
    assert (said["complete"], said["expecting"]) == (False, True)
    viewing.teller.expect(viewing.recording.job, viewing.recording.execution["startDate"])
    assert viewing.ask().is_complete


@pytest.mark.usefixtures("no_pause")
def test_more_is_expected_of_an_old_run_whose_event_was_put_again_just_now() -> None:
    viewing = Viewing("succeeded")
    assert viewing.recording.ledger
    last = next(one for one in viewing.recording.ledger if "generateReport" in one["message"])
    event = {**json.loads(last["message"]), "id": "put again"}
    event["detail"]["meta"] = {"replayOf": event["id"]}
    now = int(datetime.now(UTC).timestamp() * 1000)
    viewing.recording.ledger.append({**last, "timestamp": now, "message": json.dumps(event)})
    said = json.loads(viewing.ask().body)
    assert (said["complete"], said["expecting"]) == (False, True)


def test_that_it_has_ended_is_told_at_once() -> None:
    viewing = Viewing("waiting")
    assert viewing.ask().run.is_running
    viewing.recording.execution |= {"status": "ABORTED", "stopDate": viewing.recording.execution["startDate"]}
    assert viewing.ask().run.execution.status == "ABORTED"


def test_the_latest_run_is_told_and_not_the_one_that_was_the_latest() -> None:
    viewing = Viewing("succeeded")
    assert viewing.recording.ledger
    viewing.ask("latest")
    later = viewing.recording.execution["startDate"] + timedelta(minutes=1)
    arn = viewing.recording.add_execution("later", startDate=later)
    for event in [*viewing.recording.ledger]:
        body = json.loads(event["message"].replace(viewing.recording.job, "later"))
        body["id"] = body["id"] if body["id"] == "later" else f"{body['id']} again"
        viewing.recording.ledger.append({**event, "message": json.dumps(body)})
    assert viewing.ask("latest").run.execution.arn == arn


def test_a_run_that_was_redriven_and_ended_again_without_an_event_is_told_anew() -> None:
    viewing = Viewing("succeeded")
    viewing.ask()
    viewing.recording.execution["stopDate"] += timedelta(minutes=1)
    assert viewing.ask().run.execution.stopped == viewing.recording.execution["stopDate"]


def test_so_many_stories_are_kept() -> None:
    viewing = Viewing("succeeded")
    first = viewing.ask()
    execution = viewing.recording.execution
    for number in range(KEPT_STORIES):
        name = f"run {number}"
        viewing.recording.executions.append({**execution, "name": name, "executionArn": f"{EXECUTIONS}:{name}"})
        viewing.ask(name)
    assert viewing.ask() is not first
