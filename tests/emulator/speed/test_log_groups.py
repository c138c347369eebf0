"""Log groups are listed without a look at their events."""

import copy
from typing import Any

import pytest
from localstack.services.logs import provider
from moto.logs.models import LogEvent, LogGroup

from emulator.speed.log_groups import list_groups_without_their_events


def test_a_group_is_described_with_its_size_and_no_event_of_it_is_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provider, "copy", copy)
    list_groups_without_their_events()

    def refuse(_event: Any, _memo: Any) -> None:
        raise AssertionError("an event is copied")

    monkeypatch.setattr(LogEvent, "__deepcopy__", refuse, raising=False)
    group = LogGroup("000000000000", "us-east-1", "group")
    group.create_log_stream("stream")
    group.put_log_events("stream", [{"timestamp": 1, "message": "four"}] * 3)
    assert group.to_describe_dict()["storedBytes"] == 12
