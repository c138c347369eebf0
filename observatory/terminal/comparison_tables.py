"""Two runs in a terminal: their heads, what came out otherwise, and what is new, gone, slower or faster."""

from collections.abc import Iterator
from datetime import UTC
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from observatory.story.comparison import FASTER, GONE, NEW, SAME, SLOWER, Comparison, Span
from observatory.story.story import Story
from observatory.terminal.tables import STATUS_STYLES, json_line, printable

PARTS_SHOWN = 20
CHANGE_STYLES = {NEW: "cyan", GONE: "magenta", SLOWER: "red", FASTER: "green", SAME: "dim"}


def comparison_page(comparison: Comparison, limit: int | None) -> RenderableType:
    """Two runs on a page.

    Args:
        comparison: Them.
        limit: How many parts to show at most; None for all.
    """
    return Group(
        _head("before", comparison.before),
        _head("after ", comparison.after),
        Text("the same input" if comparison.has_same_input else "not the same input", "dim"),
        *_sentences(comparison),
        "",
        names_table(comparison),
        *_parts(comparison, limit),
    )


def names_table(comparison: Comparison) -> Table:
    """A row for each state and function: how many there are, and what they take, in both runs."""
    table = Table(box=None, pad_edge=False)
    for title in ("", "name"):
        table.add_column(title, no_wrap=True)
    for title in ("before", "median s", "longest", "after", "median s", "longest"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for one in comparison.names:
        figures = [text for side in (one.before, one.after) for text in _figures(side)]
        change = "" if one.change == SAME else one.change
        table.add_row(one.kind, printable(one.name), *figures, Text(change, CHANGE_STYLES[one.change]))
    return table


def _figures(side: tuple[int, float, float]) -> list[str]:
    count, median, longest = side
    return [str(count), f"{median:.3f}", f"{longest:.3f}"] if count else ["", "", ""]


def _head(which: str, story: Story) -> Text:
    execution = story.execution
    return Text.assemble(
        (f"{which}  ", "bold"),
        f"run {printable(story.job).plain}  ",
        (execution.status, STATUS_STYLES.get(execution.status, "red")),
        f"  {(story.ended - execution.started).total_seconds():.2f} s, ",
        f"began {execution.started.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC  ",
        json_line(dict(execution.start)),
    )


def _sentences(comparison: Comparison) -> Iterator[Text]:
    """What came out otherwise, and what failed in one run only."""
    for value in comparison.values:
        whose = f" of {value.item}" if value.item else ""
        yield printable(f"{value.title}{whose}: {_shown(value.before)} → {_shown(value.after)}")
    for kind, (before, after) in comparison.events.items():
        yield printable(f"{kind} events: {before} → {after}")
    for what, sentences, style in (
        ("fails now", comparison.new_failures, "red"),
        ("failed before", comparison.gone_failures, "green"),
    ):
        for sentence in sentences:
            yield Text(f"{what}: {printable(sentence).plain}", style)


def _parts(comparison: Comparison, limit: int | None) -> Iterator[RenderableType]:
    """The parts that are not as they were, those first that differ the most."""
    changed = sorted(
        (part for part in comparison.parts if part.change != SAME),
        key=lambda part: -abs(_seconds(part.after) - _seconds(part.before)),
    )
    if not changed:
        return
    table = Table(box=None, pad_edge=False)
    for title in ("change", "", "name", "item"):
        table.add_column(title, no_wrap=True)
    for title in ("before s", "after s", "difference"):
        table.add_column(title, justify="right", no_wrap=True)
    for part in changed[:limit]:
        sides = [f"{side.seconds:.3f}" if side else "" for side in (part.before, part.after)]
        difference = f"{_seconds(part.after) - _seconds(part.before):+.3f}"
        change = Text(part.change, CHANGE_STYLES[part.change])
        table.add_row(change, part.kind, printable(part.name), printable(part.item or ""), *sides, difference)
    yield ""
    yield table
    if limit is not None and len(changed) > limit:
        yield Text(f"and {len(changed) - limit} more: --all shows them", "dim")


def _seconds(span: Span | None) -> float:
    return span.seconds if span else 0.0


def _shown(value: Any) -> str:  # noqa: ANN401 - whatever JSON holds
    return "nothing" if value is None else value if isinstance(value, str) else json_line(value).plain
