"""No thread is started for nothing."""

import pytest
from localstack.services.lambda_.invocation import version_manager

from emulator.speed import threads


@pytest.mark.parametrize(
    ("has_cloudwatch", "expected"), [(True, ["record-cloudwatch-metric-f", "other"]), (False, ["other"])]
)
def test_a_metric_is_recorded_where_there_is_a_cloudwatch(
    monkeypatch: pytest.MonkeyPatch, has_cloudwatch: bool, expected: list[str]
) -> None:
    started: list[str | None] = []
    monkeypatch.setattr(version_manager, "start_thread", lambda _method, name=None: started.append(name))
    monkeypatch.setattr(threads, "is_api_enabled", lambda _service: has_cloudwatch)
    threads.record_no_metrics()
    version_manager.start_thread(print, name="record-cloudwatch-metric-f")
    version_manager.start_thread(print, name="other")
    assert started == expected
