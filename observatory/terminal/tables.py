"""The tables and lines that show a run."""

import json
from datetime import UTC, datetime

from rich.console import RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from observatory.records.history import MAP_STEP, Step, Timeline
from observatory.records.reports import Report
from observatory.runs.following import Snapshot

PEOPLE_SHOWN = 20
NAME_WIDTH = 40
BAR_WIDTH = 40
STATE_STYLES = {"": "", "SUCCEEDED": "green", "RUNNING": "yellow"}


def steps_table(snapshot: Snapshot, *, with_bar: bool) -> Table:
    """A row a step: its name, state and time; for the Map also the people."""
    table = Table.grid(padding=(0, 2))
    for step in snapshot.timeline.steps:
        state = _step_state(step, snapshot)
        people = _people_progress(snapshot, with_bar=with_bar) if step.name == MAP_STEP else ""
        table.add_row(step.name, Text(state, STATE_STYLES.get(state, "red")), _step_time(step, snapshot), people)
    return table


def people_table(timeline: Timeline) -> Table:
    """The people and their cookies, those with most of them first; of many, only the top."""
    people = sorted(timeline.people, key=lambda person: (-(person.cookies or 0), person.name))
    table = Table(box=None, pad_edge=False)
    table.add_column("person", max_width=NAME_WIDTH, no_wrap=True, overflow="ellipsis")
    table.add_column("cookies", justify="right")
    for person in people[:PEOPLE_SHOWN]:
        table.add_row(printable(person.name), "?" if person.cookies is None else str(person.cookies))
    if len(people) > PEOPLE_SHOWN:
        table.add_row(f"and {len(people) - PEOPLE_SHOWN} more", "")
    return table


def report_line(report: Report) -> Text:
    """The report as JSON on a line; of many names, only the first."""
    names = report["names"]
    if len(names) > PEOPLE_SHOWN:
        names = [*names[:PEOPLE_SHOWN], f"and {len(names) - PEOPLE_SHOWN} more"]
    return printable(json.dumps({**report, "names": names}, ensure_ascii=False))


def printable(text: str) -> Text:
    """Text as it is, except that what would control a terminal is shown as a question mark."""
    return Text("".join(character if character.isprintable() or character == "\n" else "?" for character in text))


def _step_state(step: Step, snapshot: Snapshot) -> str:
    """A step that was not left has the state of its execution."""
    if step.failed:
        return "FAILED"
    if step.exited:
        return "SUCCEEDED"
    return snapshot.status if step.entered else ""


def _step_time(step: Step, snapshot: Snapshot) -> str:
    if step.entered is None:
        return ""
    end = step.exited or snapshot.stopped or datetime.now(UTC)
    # The endpoint's clock may be ahead of this machine's.
    return f"{max((end - step.entered).total_seconds(), 0):.1f} s"


def _people_progress(snapshot: Snapshot, *, with_bar: bool) -> RenderableType:
    names = snapshot.timeline.names
    if names is None:
        return ""
    count = Text(f"{snapshot.people_done} of {len(names)} people")
    if not with_bar:
        return count
    row = Table.grid(padding=(0, 1))
    row.add_row(ProgressBar(len(names), snapshot.people_done, BAR_WIDTH), count)
    return row
