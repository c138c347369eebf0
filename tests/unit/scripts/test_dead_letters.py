"""`scripts/dead_letters.py`: what it lists, and what it sends again."""

import pytest

from observatory.records import dead_letters as records
from scripts import dead_letters, reading
from tests.unit.observatory.recordings import Recording

QUEUE = "sideEffectDeadLetters"
EVENT = {"id": "e", "detail-type": "getUserCookies", "detail": {}}


@pytest.fixture(autouse=True)
def recording(monkeypatch: pytest.MonkeyPatch) -> Recording:
    recording = Recording("succeeded")
    monkeypatch.setattr(reading, "Clients", lambda _settings: recording.clients)
    for _number in range(25):
        recording.queues.put(QUEUE, {"requestContext": {}, "requestPayload": EVENT})
    return recording


def test_where_not_all_are_listed_that_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert dead_letters.main([]) == 0
    assert "of about" not in capsys.readouterr().out
    monkeypatch.setattr(records, "MOST_SHOWN", 20)
    assert dead_letters.main([]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "20 of about 25: --send-all sends all of them again"


def test_all_of_them_are_sent_again(
    recording: Recording, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(records, "MOST_SHOWN", 10)
    assert dead_letters.main(["--send-all"]) == 0
    assert capsys.readouterr().out.splitlines() == ["sent getUserCookies e to sideEffect again"] * 25
    assert recording.queues.messages[QUEUE] == {}


@pytest.mark.parametrize("wanted", ["", "letter", "nope"])
def test_none_is_sent_that_was_not_named(recording: Recording, capsys: pytest.CaptureFixture[str], wanted: str) -> None:
    assert dead_letters.main(["--send", wanted]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("dead_letters: ")
    assert len(recording.queues.messages[QUEUE]) == 25
