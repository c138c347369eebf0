"""Dead letters: read and left where they are, and sent again to their function only, once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from observatory.errors import UnknownDeadLetterError
from observatory.records import dead_letters
from tests.unit.observatory.recordings import STACK, Recording

QUEUE = "sideEffectDeadLetters"


@pytest.fixture
def recording() -> Recording:
    return Recording("succeeded")


def unhandled(number: int, job: str = "a job", **answer: str) -> dict[str, Any]:
    """What Lambda puts into the queue."""
    return {
        "requestContext": {"condition": "RetriesExhausted", "approximateInvokeCount": 3},
        "requestPayload": {"id": f"event {number}", "detail-type": "getUserCookies", "detail": {"job": job}},
        **({"responsePayload": answer} if answer else {}),
    }


def test_they_are_read_latest_first_and_stay_where_they_are(recording: Recording) -> None:
    for number in range(25):
        recording.queues.put(QUEUE, unhandled(number, errorType="ValueError", errorMessage="no"))
    recording.queues.put(QUEUE, "what somebody else has put there")
    for _time in range(2):
        found = dead_letters.fetch(recording.clients, STACK).letters
        assert [letter.event["id"] for letter in found] == [f"event {number}" for number in range(24, -1, -1)]
    assert (found[0].tries, found[0].error, found[0].place.function) == (3, "ValueError: no", "sideEffect")
    assert found[0].to_json_object()["job"] == "a job"
    assert dead_letters.count(recording.clients, found[0].place) == 26


def test_one_that_was_never_tried_says_why(recording: Recording) -> None:
    recording.queues.put(QUEUE, unhandled(1))
    (letter,) = dead_letters.fetch(recording.clients, STACK).letters
    assert letter.error == "RetriesExhausted"


def test_a_queue_that_is_not_there_holds_none(recording: Recording) -> None:
    (place,) = dead_letters.queues_of(STACK)
    assert dead_letters.fetch(recording.clients, STACK).letters == ()
    assert dead_letters.count(recording.clients, place) == 0


def test_one_is_sent_again_to_its_function_and_no_more_there_afterwards(recording: Recording) -> None:
    ids = [recording.queues.put(QUEUE, unhandled(number)) for number in range(3)]
    dead_letters.send_again(recording.clients, STACK, ids[1])
    (invoked,) = [asked for operation, asked in recording.asked if operation == "invoke"]
    assert (invoked["FunctionName"], invoked["InvocationType"]) == ("sideEffect", "Event")
    assert '"id": "event 1"' in invoked["Payload"]
    assert [letter.id for letter in dead_letters.fetch(recording.clients, STACK).letters] == [ids[2], ids[0]]
    with pytest.raises(UnknownDeadLetterError, match="was it sent again already"):
        dead_letters.send_again(recording.clients, STACK, ids[1])


def test_of_very_many_some_are_read_and_it_is_known_how_many_there_are(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dead_letters, "MOST_SHOWN", 15)
    for number in range(40):
        recording.queues.put(QUEUE, unhandled(number))
    recording.queues.put(QUEUE, unhandled(40, job="another job"))
    for job, letters, about in ((None, 15, 41), ("a job", 15, 41), ("another job", 1, 1), ("no job", 0, 0)):
        found = dead_letters.fetch(recording.clients, STACK, job)
        assert (len(found.letters), found.about) == (letters, about), job
    assert recording.queues.received == set()


def test_all_that_there_are_are_sent_again_and_none_that_fails_again_meanwhile(recording: Recording) -> None:
    ids = [recording.queues.put(QUEUE, unhandled(number)) for number in range(dead_letters.MOST_SHOWN + 5)]
    sending = dead_letters.send_all_again(recording.clients, STACK)
    sent = [next(sending)]
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    again = [recording.queues.put(QUEUE, unhandled(number), tomorrow) for number in range(30)]
    sent += sending
    assert [letter.id for letter in sent] == ids
    assert [*recording.queues.messages[QUEUE]] == again
    assert recording.queues.received == set()


@pytest.mark.parametrize(("wanted", "found"), [("letter-2", "letter-2"), ("letter-20", "letter-20")])
def test_a_whole_id_goes_before_those_that_begin_with_it(recording: Recording, wanted: str, found: str) -> None:
    for number in range(25):
        recording.queues.put(QUEUE, unhandled(number))
    assert dead_letters.send_again(recording.clients, STACK, wanted).id == found


@pytest.mark.parametrize(
    ("wanted", "said"),
    [("letter", "'letter' may be any of 2 dead letters: give more of it"), ("", "no dead letter ''")],
)
def test_none_is_sent_that_was_not_named(recording: Recording, wanted: str, said: str) -> None:
    for number in range(2):
        recording.queues.put(QUEUE, unhandled(number))
    with pytest.raises(UnknownDeadLetterError, match=said):
        dead_letters.send_again(recording.clients, STACK, wanted)
    assert len(dead_letters.fetch(recording.clients, STACK).letters) == 2


def test_one_that_somebody_else_is_sending_is_not_sent_twice(recording: Recording) -> None:
    letter = recording.queues.put(QUEUE, unhandled(1))
    recording.queues.received.add(letter)
    with pytest.raises(UnknownDeadLetterError):
        dead_letters.send_again(recording.clients, STACK, letter)
    assert not [operation for operation, _asked in recording.asked if operation == "invoke"]
