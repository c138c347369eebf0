"""How long texts are shown."""

ELLIPSIS = "…"


def shortened(text: str, characters: int) -> str:
    """A text of so many characters at most; one that had more says so by its end."""
    return text if len(text) <= characters else text[: characters - 1] + ELLIPSIS
