"""What LocalStack waits for counts no time in which a debugger is attached."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event
from typing import Any

import pytest

from emulator.debugging import waits
from emulator.debugging.clock import Clock
from emulator.debugging.waits import PatientEvent, PatientThread

SHORT_SECONDS = 0.05


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(waits, "CLOCK", clock)
    return clock


def test_an_event_that_comes_while_a_debugger_is_attached_comes_in_time(clock: Clock) -> None:
    event, is_attached = PatientEvent(), Event()

    def look() -> None:
        with clock.stopped():
            is_attached.set()
            Event().wait(SHORT_SECONDS * 4)
            event.set()

    thread = PatientThread(target=look)
    thread.start()
    is_attached.wait()
    assert event.wait(SHORT_SECONDS)
    thread.join()


def test_without_a_debugger_the_time_is_over(clock: Clock) -> None:
    began = time.monotonic()
    assert not PatientEvent().wait(SHORT_SECONDS)
    never = Event()
    thread = PatientThread(target=never.wait, daemon=True)
    thread.start()
    thread.join(SHORT_SECONDS)
    assert thread.is_alive()
    assert time.monotonic() - began >= 2 * SHORT_SECONDS
    never.set()


@dataclass(frozen=True)
class Invocation:
    invoke_time: datetime


@dataclass(frozen=True)
class Queued:
    invocation: Invocation


def test_an_event_is_as_old_as_the_time_that_nobody_looked(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "counted", lambda seconds: seconds / 10)
    ages: list[float] = []

    def has_enough_time(queued: Any, _configuration: object) -> None:
        ages.append((datetime.now() - queued.invocation.invoke_time).total_seconds())

    waits._counting(has_enough_time)(Queued(Invocation(datetime.now() - timedelta(seconds=600))), None)
    assert [round(age) for age in ages] == [60]
