"""Where an event is from that a function is given."""

import json
from pathlib import Path

import pytest

from observatory.errors import NoEventError
from observatory.invoking.events import event_of_file

EVENT = {"id": "1", "account": "2", "source": "s", "detail-type": "d", "detail": {"name": "Ann"}}


def test_a_file_holds_the_event_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "event.json"
    file.write_text(json.dumps(EVENT))
    assert event_of_file(file) == EVENT


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is not JSON"),
        ("[]", "is no event of EventBridge, it lacks id, account, source, detail-type, detail"),
        (json.dumps(EVENT | {"detail": "Ann"}), "it lacks detail: --sample shows one"),
        (None, "cannot be read"),
        (b"\xff", "cannot be read"),
    ],
)
def test_a_file_that_holds_no_event_is_one_line(tmp_path: Path, text: str | bytes | None, said: str) -> None:
    file = tmp_path / "event.json"
    if text is not None:
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(NoEventError, match=said) as caught:
        event_of_file(file)
    assert "\n" not in str(caught.value)
