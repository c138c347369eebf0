"""Put an event on the bus."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from bootstrap.clients import Clients
from bootstrap.errors import refusals
from bootstrap.policies import EVENT_BUS
from observatory.errors import EventNotTakenError

if TYPE_CHECKING:
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef


def put_event(clients: Clients, source: str, detail_type: str, detail: Mapping[str, object]) -> str:
    """Put an event on the bus, and return its id.

    Args:
        clients: How to reach the bus.
        source: Who says it.
        detail_type: What the event says.
        detail: The event's detail.

    Raises:
        EventNotTakenError: The bus did not take the event.
        BootstrapError: The bus refused the whole request, or did not answer.
    """
    entry: PutEventsRequestEntryTypeDef = {
        "EventBusName": EVENT_BUS,
        "Source": source,
        "DetailType": detail_type,
        "Detail": json.dumps(detail),
    }
    with refusals(f"{detail_type} event", clients.settings):
        answer = clients.events.put_events(Entries=[entry])
    result = answer["Entries"][0]
    if answer["FailedEntryCount"]:
        reason = f"{result['ErrorCode']}: {result.get('ErrorMessage', 'no message')}"
        raise EventNotTakenError(f"bus {EVENT_BUS} did not take the {detail_type} event: {reason}")
    return result["EventId"]
