"""The environment of a function, with fakes for what is outside of it."""

import os
import socket

import boto3
import pytest

from tests.unit.handlers.fakes import FakeBus, FakeS3, FakeWeb
from tests.unit.handlers.samples import INVOCATION

with pytest.MonkeyPatch.context() as environment:
    # The clients are made while the handlers are imported. What they need for that is not left to other tests, and a
    # user's own settings do not get in.
    for variable in [name for name in os.environ if name.startswith("AWS_")]:
        environment.delenv(variable)
    environment.setattr(boto3, "DEFAULT_SESSION", None)
    environment.setenv("AWS_CONFIG_FILE", os.devnull)
    environment.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    environment.setenv("AWS_ACCESS_KEY_ID", "test")
    environment.setenv("AWS_SECRET_ACCESS_KEY", "test")
    # One of those for which boto3 would still choose the old signatures by itself.
    environment.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    from handlers.shared import emit, fetching, storage
    from handlers.shared.invocation import CURRENT


@pytest.fixture(autouse=True)
def function(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variables that a function has, an invocation, and no network."""
    monkeypatch.setenv("EVENT_BUS", "the-bus")
    monkeypatch.setenv("EVENT_SOURCE", "project")
    monkeypatch.setenv("ITEM_KEY", "name")
    monkeypatch.setenv("BUCKET", "the-bucket")
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "theFunction")
    CURRENT.set(INVOCATION)

    def refuse(_socket: socket.socket, address: object) -> None:
        raise AssertionError(f"a unit test connects to {address}")

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> FakeBus:
    bus = FakeBus()
    monkeypatch.setattr(emit, "EVENTS", bus)
    return bus


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch, web: FakeWeb) -> FakeS3:
    bucket = FakeS3("the-bucket")
    monkeypatch.setattr(storage, "S3", bucket)
    web.bucket = bucket
    return bucket


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> FakeWeb:
    web = FakeWeb()
    monkeypatch.setattr(fetching.get.retry, "sleep", web.waits.append)
    monkeypatch.setattr(fetching, "CONNECTIONS", {"http": web.connect, "https": web.connect})
    fetching.KEPT.to.cache_clear()
    return web
