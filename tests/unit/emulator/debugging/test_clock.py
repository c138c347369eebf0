"""The clock that stands still while a debugger is attached."""

import time

import pytest

from emulator.debugging.clock import LOOK_SECONDS, Clock


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The machine's own clock, as the test sets it."""
    seconds = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: seconds[0])
    return seconds


def test_a_clock_that_nobody_stops_goes_as_the_machines_own(seconds: list[float]) -> None:
    clock = Clock()
    began = clock.now()
    seconds[0] += 7
    assert clock.now() - began == 7
    assert clock.counted(5) == 5
    assert clock.wait_seconds(began + 10) == 3


def test_while_it_is_stopped_it_counts_nothing_and_then_goes_on(seconds: list[float]) -> None:
    clock = Clock()
    began = clock.now()
    seconds[0] += 1
    with clock.stopped():
        seconds[0] += 100
        assert clock.now() - began == 1
    seconds[0] += 2
    assert clock.now() - began == 3


def test_it_goes_on_when_all_who_stopped_it_let_it(seconds: list[float]) -> None:
    clock = Clock()
    began = clock.now()
    with clock.stopped():
        with clock.stopped():
            seconds[0] += 10
        seconds[0] += 10
    assert clock.now() == began


def test_of_the_last_seconds_those_count_in_which_it_went(seconds: list[float]) -> None:
    clock = Clock()
    for _time in range(2):
        with clock.stopped():
            seconds[0] += 10
        seconds[0] += 1
    assert (clock.counted(1), clock.counted(6), clock.counted(22), clock.counted(50)) == (1, 1, 2, 30)


def test_who_waits_for_a_moment_that_does_not_come_nearer_looks_now_and_then(seconds: list[float]) -> None:
    clock = Clock()
    with clock.stopped():
        assert clock.wait_seconds(clock.now()) == LOOK_SECONDS
        assert clock.wait_seconds(clock.now() + 5) == 5
    seconds[0] += 1
    assert clock.wait_seconds(clock.now() - 1) == 0
