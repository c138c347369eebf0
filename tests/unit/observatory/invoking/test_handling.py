"""What a handler puts on the bus while it is watched."""

from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import EndpointConnectionError

from observatory.invoking.handling import Entry, watched_events

ENTRY: Any = {"Source": "s", "DetailType": "seen", "Detail": "{}"}
NOWHERE = "http://127.0.0.1:9"


def client(service: Any) -> Any:
    session = boto3.Session("a", "b", region_name="eu-west-1")
    return session.client(service, endpoint_url=NOWHERE, config=Config(retries={"total_max_attempts": 1}))


def test_whatever_client_puts_an_event_it_is_told_of_and_goes_nowhere() -> None:
    told: list[Entry] = []
    with watched_events(told.append, sent=False):
        answer = client("events").put_events(Entries=[ENTRY, ENTRY])
    assert told == [ENTRY, ENTRY]
    assert answer["FailedEntryCount"] == 0
    assert len({entry["EventId"] for entry in answer["Entries"]}) == 2


def test_what_is_to_be_sent_is_sent() -> None:
    told: list[Entry] = []
    with watched_events(told.append, sent=True), pytest.raises(EndpointConnectionError):
        client("events").put_events(Entries=[ENTRY])
    assert told == []


def test_other_calls_are_made() -> None:
    told: list[Entry] = []
    with watched_events(told.append, sent=False), pytest.raises(EndpointConnectionError):
        client("events").list_rules()
    assert told == []
