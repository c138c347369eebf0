"""Show a run while it goes: redrawn on a terminal, a line for each thing that happens anywhere else."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console, RenderableType
from rich.live import Live

from observatory.runs.following import Snapshot
from observatory.terminal.tables import steps_table

ShowSnapshot = Callable[[Snapshot], None]


@contextmanager
def open_display(console: Console) -> Iterator[ShowSnapshot]:
    """Give the function that shows a snapshot on the console."""
    if not console.is_interactive:
        yield _PlainDisplay(console).show
        return
    live = _LiveDisplay()
    with Live(get_renderable=live.render, console=console, transient=True):
        yield live.show


class _LiveDisplay:
    def __init__(self) -> None:
        self._snapshot: Snapshot | None = None

    def show(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def render(self) -> RenderableType:
        """Called several times a second, so that the time of the running step goes on between snapshots."""
        return steps_table(self._snapshot, with_bar=True) if self._snapshot else ""


class _PlainDisplay:
    def __init__(self, console: Console) -> None:
        self._console = console
        self._steps_shown: set[str] = set()
        self._tenths_shown = 0

    def show(self, snapshot: Snapshot) -> None:
        for step in snapshot.timeline.steps:
            if step.entered and step.name not in self._steps_shown:
                self._steps_shown.add(step.name)
                self._console.print(f"reached {step.name}")
        total = len(snapshot.timeline.names or ())
        tenths = 10 * snapshot.people_done // total if total else 0
        if tenths > self._tenths_shown:
            self._tenths_shown = tenths
            self._console.print(f"{snapshot.people_done} of {total} people")
