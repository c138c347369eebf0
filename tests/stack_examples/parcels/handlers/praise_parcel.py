"""Nobody waits for this."""

from handlers.shared.events import EventBridgeEvent


def lambda_handler(_event: EventBridgeEvent, _context: object) -> None:
    """Do nothing."""
