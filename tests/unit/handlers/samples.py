"""The sample events: what EventBridge hands to each function, as JSON files in events/."""

import json
from pathlib import Path

from handlers.events import EventBridgeEvent

EVENTS = Path(__file__).parent / "events"
EXECUTION = "arn:aws:states:eu-west-1:000000000000:execution:EventdrivenMachine:5f0c8a1e"
JOB = "11111111-2222-3333-4444-555555555555"
SIGNATURE = "5ec4e7"


def sample(event_name: str, /, **detail: object) -> EventBridgeEvent:
    """A sample event, with some values of its detail replaced."""
    event: EventBridgeEvent = json.loads((EVENTS / f"{event_name}.json").read_text())
    event["detail"].update(detail)
    return event
