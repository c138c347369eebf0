"""The table that lists runs, and the line below it that says how many more there are."""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC

from rich.table import Table
from rich.text import Text

from observatory.records.states import BAD
from observatory.runs.finding import Found
from observatory.runs.runs import Run
from observatory.terminal.tables import STATUS_STYLES, printable
from observatory.wording import shortened

ID_CHARACTERS = 8
BARS = "▁▂▃▄▅▆▇█"
LONGEST_START = 60
LONGEST_CAUSE = 200


def runs_table(found: Found) -> Table:
    """A row a run: as the page of all runs has it."""
    columns = {column.name: column.title for run in found.runs for column in run.machine.columns}
    table = Table(box=None, pad_edge=False)
    for title in ("run", "machine", "status", "started UTC"):
        table.add_column(title, no_wrap=True)
    for title in ("seconds", "", *columns.values(), "failed"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("started with, or why it failed", overflow="fold")
    for run in found.runs:
        table.add_row(*_cells(run, found.trends.get(run.id, ()), columns))
    return table


def count_line(found: Found) -> str:
    """How many runs were found, and how to see more of them."""
    of = "" if found.found == found.total else f" of {found.total:,}"
    more = f", page {found.page} of {found.pages}: --page {found.page % found.pages + 1} shows another"
    return f"{found.found:,}{of} run{'' if found.total == 1 else 's'}" + (more if found.pages > 1 else "")


def sparkline(values: Sequence[float]) -> str:
    """Values as bars, the largest of them as high as a line."""
    largest = max(values, default=0) or 1
    return "".join(BARS[round(value / largest * (len(BARS) - 1))] for value in values)


def _cells(run: Run, trend: Sequence[float], columns: Iterable[str]) -> list[Text]:
    status, values = run.execution.status, (run.columns.get(name) for name in columns)
    return [
        printable(run.job[:ID_CHARACTERS]),
        printable(run.machine.name),
        Text(status, STATUS_STYLES.get(status, "red")),
        Text(f"{run.execution.started.astimezone(UTC):%m-%d %H:%M:%S}"),
        Text(f"{run.seconds:.2f}"),
        Text(sparkline(trend), "dim"),
        *(printable("" if value is None else str(value)) for value in values),
        Text(str(run.failures), "red" if run.failures else ""),
        Text(_why(run), "red" if run.execution.status in BAD else ""),
    ]


def _why(run: Run) -> str:
    """In one line why it failed, else what it was started with."""
    if run.cause:
        return printable(" ".join(shortened(run.cause, LONGEST_CAUSE).split())).plain
    said = ", ".join(
        f"{name}: {value if isinstance(value, str) else json.dumps(value)}" for name, value in (run.start or {}).items()
    )
    return printable(shortened(said, LONGEST_START)).plain
