"""The tables and lines that show a run."""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from rich.console import RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from bootstrap.description import ItemSpec, MachineSpec
from observatory.records.states import StateRun, States, json_object
from observatory.runs.steps import Step

ITEMS_SHOWN = 20
LABEL_WIDTH = 40
BAR_WIDTH = 40
STATUS_STYLES = {"": "", "SUCCEEDED": "green", "RUNNING": "yellow"}


def steps_table(steps: Iterable[Step], stopped: datetime | None, *, with_bar: bool) -> Table:
    """A row a step: its name, status and time; of what has parts also how many are done.

    Args:
        steps: The steps.
        stopped: When the execution ended.
        with_bar: Whether to draw how many are done.
    """
    table = Table.grid(padding=(0, 2))
    for step in steps:
        status = step.status or ""
        time = _step_time(step, stopped)
        table.add_row(step.name, Text(status, STATUS_STYLES.get(status, "red")), time, _progress(step, with_bar))
    return table


def items_tables(states: States, machine: MachineSpec) -> Iterator[Table]:
    """For each Map whose items come to something worth a column, a table of that."""
    for name, spec in machine.items.items():
        found = [
            (item.called(spec.one), results.get(item.index))
            for run in states.maps(name)
            if states.is_last(run)
            for results in [_results(states, run, spec)]
            for item in states.last_items(run)
        ]
        if spec.result and found:
            yield _items_table(spec, found)


def _results(states: States, map_: StateRun, spec: ItemSpec) -> dict[int | None, Any]:
    """What each item of a Map was answered in its last try, by its number."""
    last = (run for run in states.inside[map_.id] if run.attempt == map_.tries and run.answer)
    answers = ((run.iteration, json_object(run.answer)) for run in last)
    return {index: answer[spec.result] for index, answer in answers if spec.result and spec.result in answer}


def _items_table(spec: ItemSpec, found: list[tuple[str, Any]]) -> Table:
    """Those with most of it first; of many, only the top."""
    found = sorted(found, key=lambda one: (-one[1] if isinstance(one[1], int | float) else 0, one[0]))
    table = Table(box=None, pad_edge=False)
    table.add_column(spec.one, max_width=LABEL_WIDTH, no_wrap=True, overflow="ellipsis")
    table.add_column(spec.result_title or spec.result or "", justify="right")
    for label, result in found[:ITEMS_SHOWN]:
        shown = result if isinstance(result, str) else json.dumps(result, ensure_ascii=False)
        table.add_row(printable(label), "?" if result is None else printable(shown))
    if len(found) > ITEMS_SHOWN:
        table.add_row(f"and {len(found) - ITEMS_SHOWN} more", "")
    return table


def json_line(value: Any) -> Text:  # noqa: ANN401 - whatever JSON holds
    """A report or an output as JSON on a line; of long lists, only the beginnings."""
    if isinstance(value, dict):
        value = {key: _beginning(each) for key, each in value.items()}
    return printable(json.dumps(_beginning(value), ensure_ascii=False))


def _beginning(value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    if isinstance(value, list) and len(value) > ITEMS_SHOWN:
        return [*value[:ITEMS_SHOWN], f"and {len(value) - ITEMS_SHOWN} more"]
    return value


def printable(text: str) -> Text:
    """Text as it is, except that what would control a terminal is shown as a question mark."""
    return Text("".join(character if character.isprintable() or character == "\n" else "?" for character in text))


def _step_time(step: Step, stopped: datetime | None) -> str:
    if step.entered is None:
        return ""
    end = step.ended or stopped or datetime.now(UTC)
    # The endpoint's clock may be ahead of this machine's.
    return f"{max((end - step.entered).total_seconds(), 0):.1f} s"


def _progress(step: Step, with_bar: bool) -> RenderableType:
    if not step.progress or step.total is None:
        return ""
    count = Text(step.progress)
    if not with_bar:
        return count
    row = Table.grid(padding=(0, 1))
    row.add_row(ProgressBar(step.total, step.done, BAR_WIDTH), count)
    return row
