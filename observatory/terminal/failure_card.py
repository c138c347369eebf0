"""A run that failed, at a glance, on a terminal."""

from collections.abc import Iterator

from rich.style import Style
from rich.text import Text

from observatory.story.code_places import CodePlace
from observatory.story.failure_card import FailureCard
from observatory.terminal.tables import printable


def card_lines(card: FailureCard) -> Iterator[Text]:
    """Say below its headline which try failed, where in the code, what it wrote, what else failed, and what to do."""
    if card.function or card.tries or card.place:
        yield _where(card)
    if card.log_line:
        yield _line(f"log: {card.log_line}")
    for failed in card.then:
        yield _line(f"then: {failed}")
    for command in card.commands:
        yield _line("next: ").append(command.line, "bold").append(f"  # {command.what}", "dim")
    if card.stored:
        yield printable(card.stored)


def _where(card: FailureCard) -> Text:
    parts = [text for text in (card.state, card.function, card.tries) if text]
    line = _line(f"where: {', '.join(parts)}")
    return line.append(", ").append_text(_place(card.place)) if card.place else line


def _place(place: CodePlace) -> Text:
    """A place that a terminal's user opens by a click: by the link, or because the terminal knows paths."""
    text = printable(f"{place.name}:{place.line}")
    if place.link:
        text.stylize(Style(link=place.link))
    return text.append(f" in {printable(place.within).plain}")


def _line(text: str, style: str = "") -> Text:
    shown = printable(f"  {text}")
    shown.stylize(style)
    return shown
