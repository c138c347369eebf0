"""An account in memory, and time that passes at once."""

import pytest

from bootstrap.packages import Package
from tests.unit.bootstrap.fake_account import FakeAccount
from tests.unit.bootstrap.fake_lambda import digest


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> FakeAccount:
    """An account in which nothing was made yet, and zip files that are made at once."""
    monkeypatch.setattr("bootstrap.resources.function.build_package", small_package)
    return FakeAccount()


def small_package(module: str, packages: object = (), packed: object = None) -> Package:
    """A package that tells modules apart, and no more."""
    del packages, packed
    return Package(module.encode(), digest(module.encode()))


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long tenacity was to wait, each time; it does not."""
    seconds: list[float] = []
    monkeypatch.setattr("tenacity.nap.time.sleep", seconds.append)
    return seconds
