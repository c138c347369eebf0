"""A run that failed, at a glance."""

import io
from dataclasses import replace
from datetime import timedelta

import pytest
from rich.console import Console, Group

from observatory.records.reading_states import read_states
from observatory.story.failure_card import FailureCard, failure_card
from observatory.story.troubles import beside, failures
from observatory.terminal.failure_card import card_lines
from tests.unit.observatory.fakes import load_definition, load_history
from tests.unit.observatory.recordings import Recording


@pytest.fixture
def recording() -> Recording:
    """A run that was stopped while it waited for a function that had failed."""
    recording = Recording("waiting")
    stopped = recording.execution["startDate"] + timedelta(seconds=9)
    recording.execution |= {"status": "ABORTED", "stopDate": stopped, "error": "Stopped", "cause": "seen enough"}
    end = {"type": "ExecutionAborted", "timestamp": stopped, "id": len(recording.history) + 1}
    recording.history.append({**end, "previousEventId": len(recording.history)})
    return recording


def card_of(recording: Recording) -> FailureCard:
    card = failure_card(recording.tell())
    assert card
    return card


def shown(card: FailureCard) -> str:
    output = io.StringIO()
    Console(file=output, width=1000).print(Group(*card_lines(card)))
    return output.getvalue()


def test_a_run_that_goes_on_or_went_well_has_none() -> None:
    assert [failure_card(Recording(name).tell()) for name in ("succeeded", "waiting")] == [None, None]


def test_a_run_that_was_stopped_says_by_what_and_what_it_waited_for(recording: Recording) -> None:
    headline = card_of(recording).headline
    assert " in vain (Stopped: seen enough): postProcessSingle raised NoSuchBucket: " in headline
    assert headline.startswith("ProcessSingle waited ")


def test_a_failure_that_was_caught_before_is_not_what_ended_the_run(recording: Recording) -> None:
    story = recording.tell()
    first = story.states.runs[0]
    caught = replace(first, id=0, name="TryCache", error="CacheMiss", failed=first.exited, caught_by=0)
    card = failure_card(replace(story, states=replace(story.states, runs=(caught, *story.states.runs))))
    assert card == card_of(recording)


@pytest.mark.parametrize(("name", "iteration", "others"), [("Weigh", 0, 1), ("Weigh", 1, 0), ("Print", None, 2)])
def test_others_are_counted_in_maps_in_maps_and_in_parallels_in_maps(
    recording: Recording, name: str, iteration: int | None, others: int
) -> None:
    states = read_states(load_history("nested"), load_definition("nested"), "item")
    failed = [run for run in states.runs if (run.name, run.iteration) == (name, iteration)]
    ids = {one.id for run in failed for one in (run, *states.around(run))}
    runs = (replace(run, failed=run.exited, exited=None, error="E") if run.id in ids else run for run in states.runs)
    story = replace(recording.tell(), states=replace(states, runs=tuple(runs)), definition=load_definition("nested"))
    card = failure_card(story)
    assert card
    assert (card.state, card.others) == (name, others)


def test_what_to_type_next_names_function_event_and_run(recording: Recording) -> None:
    card = card_of(recording)
    assert card.event
    lines = [command.line for command in card.commands]
    assert f"python scripts/invoke.py postProcessSingle --event {card.event.id} --pdb" in lines
    assert f"python scripts/logs.py postProcessSingle --run {recording.job}" in lines
    assert lines[-1].startswith("aws stepfunctions redrive-execution --execution-arn arn:aws:states:")
    assert all(f"next: {line}  # " in shown(card) for line in lines)


def test_try_and_place_are_told(recording: Recording) -> None:
    assert "try 3 of 3, " in shown(card_of(recording))
    assert "where: ProcessSingle, postProcessSingle, " in shown(card_of(recording))


def test_what_the_card_tells_is_not_told_again(recording: Recording) -> None:
    recording.history = load_history("failed")
    recording.execution |= {
        "status": "FAILED",
        "error": "ValueError",
        "cause": '{"function": "x", "message": "no city"}',
    }
    story = recording.tell()
    card = failure_card(story)
    assert card
    assert card.headline == "processSingle failed for Valerie Lee and 1 more: ValueError: no city"
    assert not [failure for failure in beside(card, failures(story)) if "no city" in failure.error]
