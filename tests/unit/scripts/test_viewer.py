"""The web application in the background."""

import pytest

from scripts.viewer import environment


def test_the_observatory_gets_the_settings_and_nothing_else_of_its_users_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BUCKET", "mine")
    monkeypatch.setenv("MAP_CONCURRENCY", "7")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("GITHUB_TOKEN", "secret")
    seen = environment("http://127.0.0.1:1", 2)
    assert seen["BUCKET"] == "mine"
    assert seen["MAP_CONCURRENCY"] == "7"
    assert seen["AWS_ENDPOINT_URL"] == "http://127.0.0.1:1"
    assert seen["OBSERVATORY_PORT"] == "2"
    assert "secret" not in seen.values()
