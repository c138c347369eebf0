"""Show a run while it goes: redrawn on a terminal, a line for each thing that happens anywhere else."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console, Group, RenderableType
from rich.live import Live

from observatory.records.states import MAP
from observatory.runs.following import Snapshot
from observatory.runs.steps import Step
from observatory.story.reasons import Wait
from observatory.terminal.tables import printable, steps_table

ShowSnapshot = Callable[[Snapshot, tuple[Wait, ...]], None]
WAITS_SHOWN = 5


@contextmanager
def open_display(console: Console) -> Iterator[ShowSnapshot]:
    """Give the function that shows a snapshot on the console, and why it waits where it does so for long."""
    if not console.is_interactive:
        yield _PlainDisplay(console).show
        return
    live = _LiveDisplay()
    with Live(get_renderable=live.render, console=console, transient=True):
        yield live.show


class _LiveDisplay:
    def __init__(self) -> None:
        self._snapshot: Snapshot | None = None
        self._waits: tuple[Wait, ...] = ()

    def show(self, snapshot: Snapshot, waits: tuple[Wait, ...]) -> None:
        self._snapshot, self._waits = snapshot, waits

    def render(self) -> RenderableType:
        """Called several times a second, so that the time of the running step goes on between snapshots."""
        found = self._snapshot
        if found is None:
            return ""
        lines = [printable(wait.sentence) for wait in self._waits[:WAITS_SHOWN]]
        return Group(steps_table(found.steps, found.stopped, with_bar=True), *lines)


class _PlainDisplay:
    def __init__(self, console: Console) -> None:
        self._console = console
        self._shown: set[str] = set()
        self._tenths_shown: dict[str, int] = {}
        self._reasons_shown: set[str] = set()

    def show(self, snapshot: Snapshot, waits: tuple[Wait, ...]) -> None:
        for step in snapshot.steps:
            if step.entered and step.name not in self._shown:
                self._shown.add(step.name)
                self._console.print(f"reached {step.name}")
            if step.total and step.type == MAP:
                self._show_progress(step, step.total)

        for wait in waits[:WAITS_SHOWN]:
            if wait.lasting not in self._reasons_shown:
                self._reasons_shown.add(wait.lasting)
                self._console.print(printable(wait.lasting), soft_wrap=True)

    def _show_progress(self, step: Step, total: int) -> None:
        tenths = 10 * step.done // total
        if tenths > self._tenths_shown.get(step.name, 0):
            self._tenths_shown[step.name] = tenths
            self._console.print(step.progress)
