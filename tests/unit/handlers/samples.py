"""The sample events: what EventBridge hands to each function, as JSON files in events/."""

import json
from dataclasses import dataclass
from pathlib import Path

from handlers.shared.events import EventBridgeEvent
from handlers.shared.invocation import Invocation

EVENTS = Path(__file__).parent / "events"
EXECUTION = "arn:aws:states:eu-west-1:000000000000:execution:EventdrivenMachine:5f0c8a1e"
JOB = "11111111-2222-3333-4444-555555555555"
SIGNATURE = "5ec4e7"


@dataclass
class FakeContext:
    """What Lambda tells a handler, as far as one asks."""

    aws_request_id: str = "66666666-7777-8888-9999-000000000000"
    log_stream_name: str = "2026/11/24/[$LATEST]0123456789abcdef"


CONTEXT = FakeContext()
INVOCATION = Invocation(CONTEXT.aws_request_id, CONTEXT.log_stream_name, "2000-01-01T10:03:22.123456Z")


def sample(event_name: str, /, **detail: object) -> EventBridgeEvent:
    """A sample event, with some values of its detail replaced."""
    event: EventBridgeEvent = json.loads((EVENTS / f"{event_name}.json").read_text())
    event["detail"].update(detail)
    return event
