"""What failed and what is waiting, in sentences."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from observatory.story.reasons import waits
from observatory.story.story import Story, lost
from observatory.story.troubles import Failure, failures, is_complete
from tests.unit.observatory.recordings import Recording


def waiting(story: Story) -> list[str]:
    return [wait.sentence for wait in waits(story)]


@pytest.fixture
def recording() -> Recording:
    return Recording("waiting")


def test_a_run_that_has_ended_is_complete_once_each_event_that_came_of_its_start_is_recorded() -> None:
    recording = Recording("succeeded")
    assert is_complete(recording.tell())
    # Its history may be read later than the ledger, and know of more.
    events = recording.ledger or []
    for missing in events[1:]:
        recording.ledger = [one for one in events if one != missing]
        assert not is_complete(recording.tell())


def test_it_is_not_complete_before_the_log_of_whoever_emitted_an_event_is_read() -> None:
    story = Recording("succeeded").tell()
    emitted = next(event for event in story.events if event.request_id)
    detail = {**emitted.detail, "meta": {**emitted.meta, "requestId": "not read yet"}}
    again = replace(emitted, body={**emitted.body, "detail": detail})
    assert not is_complete(replace(story, events=(*story.events, again)))


def test_each_person_that_waits_is_told_with_the_last_event_and_its_fate(recording: Recording) -> None:
    sentences = waiting(recording.tell())
    assert len(sentences) == 3
    for sentence in sentences:
        assert re.fullmatch(
            r"ProcessMultiple has waited \d+ s for (Carlos Fitzgerald|Heather Roberts|Matthew Parker); "
            r"last event getUserCookies at 19:38:5\d; "
            r"postProcessSingle raised NoSuchBucket: An error occurred .* \(try 3 of 3\)",
            sentence,
        )


def test_a_function_that_was_not_heard_of_is_named(recording: Recording) -> None:
    recording.logs["postProcessSingle"] = []
    story = recording.tell()
    assert all(sentence.endswith("postProcessSingle has not reported yet") for sentence in waiting(story))
    assert {(event.type, consumer.name) for event, consumer in lost(story)} == {("getUserCookies", "postProcessSingle")}


def test_a_function_that_works_is_told_with_its_start(recording: Recording) -> None:
    recording.logs["postProcessSingle"] = [
        line for line in recording.logs["postProcessSingle"] if "START" in line["message"] or "{" in line["message"]
    ][:2]
    assert [
        s for s in waiting(recording.tell()) if re.search(r"; postProcessSingle has been at work since 19:38:5\d$", s)
    ]


def test_a_token_that_was_not_handed_back_is_told() -> None:
    recording = Recording("succeeded")
    recording.execution["status"] = "RUNNING"
    end = next(event["id"] for event in recording.history if event["type"] == "TaskSucceeded")
    recording.history = recording.history[: end - 1]
    (sentence,) = waiting(recording.tell())
    assert re.fullmatch(
        r"GetMultiple has waited \d+ s; last event done at [\d:]+; StepFinisher has not handed the token back", sentence
    )


def test_a_state_whose_event_is_missing_says_so(recording: Recording) -> None:
    recording.ledger = []
    assert {sentence.partition("; ")[2] for sentence in waiting(recording.tell())} == {"its event is not in the ledger"}


def test_an_event_that_only_a_side_effect_takes_is_told(recording: Recording) -> None:
    recording.rules = [rule for rule in recording.rules if rule["Name"] != "postProcessSingleRule"]
    assert all("reaches only side effects: sideEffect" in sentence for sentence in waiting(recording.tell()))


def test_what_failed_is_summed_up(recording: Recording) -> None:
    (failure,) = failures(recording.tell())
    assert (failure.what, failure.times, failure.tries, len(failure.items)) == ("postProcessSingle", 3, 9, 3)
    assert failure.error.startswith("NoSuchBucket: ")
    assert "(3 times in 9 tries, for " in failure.sentence


def test_a_try_that_went_well_after_others_is_told(recording: Recording) -> None:
    log = recording.logs["postProcessSingle"]
    last = next(line for line in reversed(log) if "[ERROR]" in line["message"])
    log.remove(last)
    notes = {failure.sentence.rpartition("(")[2] for failure in failures(recording.tell())}
    assert {
        "2 tries, for Heather Roberts, try 3 went well)",
        "2 times in 6 tries, for Carlos Fitzgerald, Matthew Parker)",
    } == notes


def test_a_side_effect_that_failed_is_told_to_be_one(recording: Recording) -> None:
    recording.waited_for = []
    (failure,) = failures(recording.tell())
    assert failure.outcome == "a side effect"


@pytest.mark.parametrize(
    ("status", "said", "sentence"),
    [
        ("FAILED", {"error": "An.Error", "cause": "of some kind"}, "ended with FAILED: An.Error: of some kind"),
        ("TIMED_OUT", {}, "ended with TIMED_OUT"),
        ("ABORTED", {}, "ended with ABORTED"),
    ],
)
def test_an_execution_that_failed_comes_first_and_waits_for_nothing(
    recording: Recording, status: str, said: dict[str, str], sentence: str
) -> None:
    stopped = recording.execution["startDate"] + timedelta(seconds=9)
    recording.execution |= {"status": status, "stopDate": stopped, **said}
    story = recording.tell()
    assert failures(story)[0].sentence == f"EventdrivenMachine {sentence}"
    assert waiting(story) == []


def test_of_many_people_only_some_are_named() -> None:
    failure = Failure("aFunction", "ValueError: no", 9, ("Ann", "Bo", "Cy", "Di", "Ed"), tries=9)
    assert failure.sentence == "aFunction raised ValueError: no (9 times, for Ann, Bo, Cy and 2 more)"


def test_a_single_failure_is_not_counted() -> None:
    failure = Failure("aFunction", "Task timed out after 60.00 seconds", 1, ())
    assert failure.sentence == "aFunction ended with Task timed out after 60.00 seconds"
