"""The ledger: complete, each event once, and read on from where it was read to."""

import json
from typing import Any

import pytest

from observatory.errors import NotBootstrappedError
from observatory.records.ledger import OVERLAP_MILLISECONDS, Ledger, read_event
from tests.unit.observatory.recordings import STACK, Recording


@pytest.fixture
def recording() -> Recording:
    return Recording("succeeded")


def log_event(milliseconds: int, **body: Any) -> dict[str, Any]:
    return {"timestamp": milliseconds, "message": json.dumps({"id": "1", "detail-type": "done", **body})}


def test_it_holds_every_event_of_a_run(recording: Recording) -> None:
    ledger = Ledger(recording.clients, STACK.ledger)
    ledger.refresh()
    # start, getUsers and done; four events and a side effect's for each of three people; generateReport and done.
    assert len(ledger.events(recording.job, recording.execution["executionArn"])) == 3 + 3 * 4 + 2
    assert ledger.events("another run", "an-execution") == ()


def test_an_event_that_was_delivered_twice_is_in_it_once(recording: Recording) -> None:
    assert recording.ledger
    recording.ledger += recording.ledger
    ledger = Ledger(recording.clients, STACK.ledger)
    ledger.refresh()
    ids = [event.id for event in ledger.events(recording.job, recording.execution["executionArn"])]
    assert len(ids) == len(set(ids)) == 17


def test_reading_on_asks_only_for_what_may_be_new(recording: Recording) -> None:
    assert recording.ledger
    ledger = Ledger(recording.clients, STACK.ledger)
    ledger.refresh()
    ledger.refresh()
    first, second = (asked["startTime"] for _operation, asked in recording.asked)
    assert first == 0
    assert second == max(event["timestamp"] for event in recording.ledger) - OVERLAP_MILLISECONDS


def test_an_event_that_comes_late_is_new_once(recording: Recording) -> None:
    assert recording.ledger
    late = recording.ledger.pop(5)
    ledger = Ledger(recording.clients, STACK.ledger)
    ledger.refresh()
    earlier, position = ledger.new_events(0)
    recording.ledger.append(late)
    ledger.refresh()
    (new,), position = ledger.new_events(position)
    assert new.id == json.loads(late["message"])["id"]
    assert new not in earlier
    assert ledger.new_events(position) == ((), position)


def test_an_event_of_one_run_that_starts_another_belongs_to_both(recording: Recording) -> None:
    first = log_event(1, id="first", **{"detail-type": "start"})
    second = log_event(2, id="second", detail={"job": "first"})
    recording.ledger = [first, second, log_event(3, id="third", detail={"job": "second"})]
    ledger = Ledger(recording.clients, STACK.ledger)
    ledger.refresh()
    found = {job: [event.id for event in ledger.events(job, "an-execution")] for job in ("first", "second")}
    assert found == {"first": ["first", "second"], "second": ["second", "third"]}


def test_an_event_that_does_not_say_its_run_belongs_to_that_of_its_cause(recording: Recording) -> None:
    caused = log_event(2, id="caused", detail={"meta": {"causationId": "put"}})
    recording.ledger = [log_event(1, id="put", detail={"order": 7}), caused, log_event(3, id="stranger")]
    ledger = Ledger(recording.clients, STACK.ledger)
    ledger.refresh()
    assert [event.id for event in ledger.events("a job", "an-execution", ["put"])] == ["put", "caused"]


def test_an_event_that_names_its_execution_only_belongs_to_the_run_that_is_called_after() -> None:
    job = "8a6b8c5e-0d5c-4f0e-9d3e-2f6f3c1f7a10"
    event = read_event(log_event(1, detail={"execution": f"arn:aws:states:us-east-1:1:execution:A:{job}_suffix"}))
    assert event
    assert event.job == job


@pytest.mark.parametrize(("value", "item"), [("Ann", "Ann"), (7, "7"), ("", None), (None, None), (["Ann"], None)])
def test_the_item_of_an_event_is_a_text_or_a_number(value: object, item: str | None) -> None:
    event = read_event(log_event(1, detail={"order": value}))
    assert event
    assert event.item("order") == item


def test_of_two_executions_that_one_event_has_started_each_has_its_own_events(recording: Recording) -> None:
    arns = [f"arn:aws:states:us-east-1:1:execution:{name}" for name in ("One:a job", "Other:a job")]
    recording.ledger = [log_event(0, id="a job"), log_event(1, id="of both", detail={"job": "a job"})]
    recording.ledger += [log_event(2, id=arn, detail={"job": "a job", "execution": arn}) for arn in arns]
    ledger = Ledger(recording.clients, STACK.ledger)
    ledger.refresh()
    for arn in arns:
        assert [event.id for event in ledger.events("a job", arn)] == ["a job", "of both", arn]


def test_without_its_log_group_it_says_what_to_do(recording: Recording) -> None:
    recording.ledger = None
    with pytest.raises(NotBootstrappedError, match="bootstrap up"):
        Ledger(recording.clients, STACK.ledger).refresh()


@pytest.mark.parametrize("message", ["", "no JSON", "[]", '"text"', "{}", '{"id": "1"}'])
def test_what_is_no_event_is_left_out(message: str) -> None:
    assert read_event({"timestamp": 0, "message": message}) is None


def test_an_event_that_was_sent_again_was_emitted_when_it_was_recorded() -> None:
    event = read_event(log_event(5000, detail={"meta": {"emittedAt": "1970-01-01T00:00:04.5Z", "replayOf": "0"}}))
    assert event
    assert event.emitted == event.recorded


def test_an_event_was_emitted_when_its_handler_says_so() -> None:
    event = read_event(log_event(5000, detail={"meta": {"emittedAt": "1970-01-01T00:00:04.5Z"}}))
    assert event
    assert (event.emitted.timestamp(), event.recorded.timestamp()) == (4.5, 5.0)


@pytest.mark.parametrize("emitted", [None, 7, "yesterday", "1970-01-01T00:00:04.5", {}])
def test_an_event_that_does_not_say_so_was_emitted_when_it_was_recorded(emitted: object) -> None:
    event = read_event(log_event(5000, detail={"meta": {"emittedAt": emitted}}))
    assert event
    assert event.emitted.timestamp() == 5.0


@pytest.mark.parametrize("detail", [None, "text", [], {"meta": "text"}, {"job": 7, "name": ["Ann"]}])
def test_a_detail_that_anyone_may_have_written_does_no_harm(detail: object) -> None:
    event = read_event(log_event(5000, detail=detail))
    assert event
    assert (event.job, event.item("name"), event.meta) == (None, None, {})
