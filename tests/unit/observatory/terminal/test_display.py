import io
from datetime import UTC, datetime

import pytest
from rich.console import Console

from bootstrap.description import ItemSpec
from observatory.runs.following import Follower, Snapshot
from observatory.runs.steps import Step
from observatory.terminal.display import open_display
from tests.unit.observatory.fakes import EXECUTION, MACHINE, STACK, FakeClock, FakeEndpoint


def show(console: Console) -> None:
    clock = FakeClock()
    follower = Follower(FakeEndpoint(clock).clients, EXECUTION, clock, MACHINE, STACK.item_key)
    with open_display(console) as show_snapshot:
        for snapshot in follower.snapshots(clock.now() + 100, in_detail=True):
            show_snapshot(snapshot, ())


def test_where_there_is_no_terminal_each_thing_that_happens_is_a_line() -> None:
    output = io.StringIO()

    show(Console(file=output, force_terminal=False, width=100))

    assert output.getvalue().splitlines() == [
        "reached GetMultiple",
        "reached ProcessMultiple",
        "2 of 3 people",
        "3 of 3 people",
        "reached PostProcessAll",
        "reached Success",
    ]


def test_a_terminal_is_redrawn_and_left_clean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    output = io.StringIO()

    show(Console(file=output, force_terminal=True, width=100))

    erase_line = "\x1b[2K"
    assert erase_line in output.getvalue()
    assert "reached" not in output.getvalue()


def test_many_items_take_ten_lines() -> None:
    output = io.StringIO()
    words, now = ItemSpec("order", "orders"), datetime.now(UTC)

    with open_display(Console(file=output, force_terminal=False, width=100)) as show_snapshot:
        for done in range(501):
            step = Step("Each", "Map", "RUNNING", now, None, words, done, 500)
            show_snapshot(Snapshot("RUNNING", now, steps=(step,)), ())

    lines = output.getvalue().splitlines()
    assert len(lines) == 11
    assert (lines[0], lines[1], lines[-1]) == ("reached Each", "50 of 500 orders", "500 of 500 orders")
