"""What there is to say about a run besides its tree: failures, totals, the critical path and the cost."""

import json
from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from observatory.story.critical_path import critical_path, spent
from observatory.story.denials import denied
from observatory.story.failure_card import failure_card
from observatory.story.prices import DATED, REGION
from observatory.story.reasons import waits
from observatory.story.story import Story
from observatory.story.totals import costs, totals
from observatory.story.troubles import beside, failures
from observatory.terminal.failure_card import card_lines
from observatory.terminal.story_tree import story_tree
from observatory.terminal.tables import printable

SENTENCES_SHOWN = 10


def story_page(story: Story, limit: int | None) -> RenderableType:
    """A run on a page: its tree, with so many items of each Map or all, what follows from it, and why it failed.

    What one looks for first stands where one looks: at the end of what a terminal shows.
    """
    return Group(*_page(story, limit), *troubles(story))


def story_so_far(story: Story, limit: int) -> RenderableType:
    """A run that goes on, as it is redrawn: what does not fit on a screen is left out at its end."""
    return Group(*troubles(story), *_page(story, limit))


def _page(story: Story, limit: int | None) -> Iterator[RenderableType]:
    yield from (story_tree(story, limit), "", functions_table(story), "", path_table(story), "", cost_table(story))


def troubles(story: Story) -> Iterator[Text]:
    """Why it waits, what failed besides and what was denied, a sentence each, and why it failed."""
    card = failure_card(story)
    waiting = [wait.sentence for wait in waits(story)]
    others = [failure.sentence for failure in beside(card, failures(story))]
    denials = [denial.sentence for denial in denied(story)]
    for sentences, style in ((others, "red"), (denials, "red"), (waiting, "yellow")):
        for sentence in sentences[:SENTENCES_SHOWN]:
            yield Text.assemble((printable(sentence).plain, style))
        if len(sentences) > SENTENCES_SHOWN:
            yield Text(f"and {len(sentences) - SENTENCES_SHOWN} more", style)
    if card:
        yield Text.assemble((printable(f"{story.execution.status}: {card.headline}").plain, "bold red"))
        yield from card_lines(card)


def remedies(story: Story) -> Iterator[str]:
    """For each thing that was denied, what would allow it: a line that says where, and one to be pasted there."""
    for denial in denied(story)[:SENTENCES_SHOWN]:
        yield f"{denial.who} may {denial.action} by this statement in {denial.policy}:"
        yield json.dumps(denial.statement)


def functions_table(story: Story) -> Table:
    """A row a function."""
    table = _table("function", "invocations", "failed", "cold", "p50 ms", "p95 ms", "max ms", "memory MB")
    for each in totals(story):
        times = (_rounded(value) for value in (each.p50, each.p95, each.longest, each.memory_used))
        counts = (str(count) for count in (each.invocations, each.failed, each.cold_starts))
        table.add_row(printable(each.function), *counts, *times)
    return table


def path_table(story: Story) -> Table:
    """Where the time of the run went."""
    table = _table("critical path", "", "times", "s", "%")
    path = critical_path(story)
    whole = sum(segment.seconds for segment in path) or 1.0
    for (state, what), (times, seconds) in spent(path).items():
        table.add_row(state, printable(what), str(times), f"{seconds:.3f}", f"{100 * seconds / whole:.0f}")
    return table


def cost_table(story: Story) -> Table:
    """What the run would cost, a row a kind of thing."""
    lines = costs(story)
    table = _table(f"on AWS ({REGION}, {DATED})", "", "$")
    for line in lines:
        amount = f"{line.amount:,}" if isinstance(line.amount, int) else f"{line.amount:,.3f}"
        table.add_row(line.what, amount, f"{line.dollars:.6f}")
    table.add_row("in all", "", f"{sum(line.dollars for line in lines):.6f}", style="bold")
    return table


def _table(*columns: str) -> Table:
    """Words to the left, numbers to the right."""
    table = Table(box=None, pad_edge=False)
    for number, column in enumerate(columns):
        is_text = number == 0 or (number == 1 and columns[0] == "critical path")
        table.add_column(column, justify="left" if is_text else "right", no_wrap=True)
    return table


def _rounded(value: float | None) -> str:
    return "" if value is None else f"{value:.0f}"
