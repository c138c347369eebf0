"""The events of an output."""

from emulator.environments.output import Log, events_of, whole


def frame(message: str) -> bytes:
    """As AWS's client writes a record."""
    encoded = message.encode()
    return b"\xa5\x5a\x00\x0b" + len(encoded).to_bytes(4) + bytes(8) + encoded


def test_each_printed_line_is_an_event() -> None:
    assert list(events_of(b"one\ntwo\n")) == ["one", "two"]


def test_a_framed_record_is_one_event_and_keeps_its_place() -> None:
    output = b"before\n" + frame("a\nb\n") + "ä\n".encode() + frame("c") + b"unfinished"
    assert list(events_of(output)) == ["before", "a\nb", "ä", "c", "unfinished"]


def test_a_frame_within_a_record_is_part_of_it() -> None:
    inner = frame("inner").decode(errors="replace")
    assert list(events_of(frame(inner))) == [inner]


def test_no_output_has_no_events() -> None:
    assert list(events_of(b"")) == []


def test_a_log_is_text_and_knows_its_events() -> None:
    log = Log(["one", "two\nlines"])
    assert log == "one\ntwo\nlines\n"
    assert log.events == ("one", "two\nlines")


def test_a_log_hands_on_only_what_is_yet_to_be_written() -> None:
    log = Log(["one", "two", "three"], written=2)
    assert log == "one\ntwo\nthree\n"
    assert log.events == ("three",)


def test_what_is_still_being_written_is_not_whole() -> None:
    record = frame("a\nb")
    for output, expected in (
        (b"one\ntwo", b"one\n"),
        (b"one", b""),
        (b"one\n" + record, b"one\n" + record),
        (b"one" + record[:-1], b"one"),
        (record + record[:9], record),
        (record + b"one\nt", record + b"one\n"),
    ):
        assert output[: whole(output)] == expected
