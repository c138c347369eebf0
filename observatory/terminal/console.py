"""Where the commands print to."""

from rich.console import Console

FILE_WIDTH = 200


def console() -> Console:
    """The output; what is not a terminal has no width of its own."""
    found = Console(highlight=False)
    return found if found.is_terminal else Console(highlight=False, width=FILE_WIDTH)
