"""Rules and TestEventPattern, and all else that has a pattern."""

import json
from typing import Any

import pytest

from tests.emulator.repairs.events.conftest import Account, refused, unique

ENVELOPE = {"id": "1", "account": "0", "source": "my.app", "time": "2026-01-01T00:00:00Z", "region": "us-east-1"}
EVENT = json.dumps({**ENVELOPE, "resources": [], "detail-type": "kind", "detail": {"state": "ok"}})
INVALID = ("{nope", '{"source": "text"}', '{"detail": {"a": [{"nope": 1}]}}', "{}")


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ({"source": ["my.app"], "detail": {"state": ["ok"]}}, True),
        ({"source": ["my.app"]}, True),
        ({"source": ["other"]}, False),
        ({"detail-type": ["kind"]}, True),
        ({"detail": {"state": [{"prefix": "o"}]}}, True),
    ],
)
def test_a_pattern_is_tested_on_an_event_given_as_text(account: Account, pattern: Any, expected: bool) -> None:
    answer = account.events.test_event_pattern(EventPattern=json.dumps(pattern), Event=EVENT)
    assert answer["Result"] is expected


@pytest.mark.parametrize("pattern", INVALID)
def test_an_invalid_pattern_is_refused_wherever_it_is_given(account: Account, pattern: str) -> None:
    bus_arn = f"arn:aws:events:us-east-1:000000000000:event-bus/{account.bus}"
    calls: list[tuple[Any, dict[str, Any]]] = [
        (account.events.test_event_pattern, {"Event": EVENT}),
        (account.events.put_rule, {"Name": unique("rule"), "EventBusName": account.bus}),
        (account.events.create_archive, {"ArchiveName": unique("archive"), "EventSourceArn": bus_arn}),
    ]
    for call, parameters in calls:
        code, message = refused(call, EventPattern=pattern, **parameters)
        assert code == "InvalidEventPatternException"
        assert message.startswith("Event pattern is not valid. Reason: ")
    assert account.events.list_rules(EventBusName=account.bus)["Rules"] == []


def test_a_rule_keeps_its_pattern_when_a_new_one_is_refused(account: Account) -> None:
    name = account.rule(account.queue_arn, {"source": ["my.app"]})
    refused(account.events.put_rule, Name=name, EventBusName=account.bus, EventPattern="{nope")
    account.put(account.entry())
    assert account.heard()["source"] == "my.app"


def test_a_disabled_rule_delivers_nothing_and_an_enabled_one_does_again(account: Account) -> None:
    name = account.rule(account.queue_arn, {"detail-type": ["kind"]})
    account.rule(account.queue_arn, {"detail-type": ["last"]})
    account.events.disable_rule(Name=name, EventBusName=account.bus)
    account.put(account.entry(Detail='{"number": 1}'))
    account.put(account.entry(DetailType="last"))
    assert account.heard()["detail-type"] == "last"
    account.events.enable_rule(Name=name, EventBusName=account.bus)
    account.put(account.entry(Detail='{"number": 2}'))
    assert account.heard()["detail"] == {"number": 2}


def test_an_archive_of_all_events_is_made_without_a_pattern(account: Account) -> None:
    bus_arn = f"arn:aws:events:us-east-1:000000000000:event-bus/{account.bus}"
    account.events.create_archive(ArchiveName=unique("archive"), EventSourceArn=bus_arn)
    account.put(account.entry())
