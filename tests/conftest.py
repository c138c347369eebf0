"""A LocalStack without Docker, shared by all tests of a process that need one."""

from collections.abc import Iterator

import pytest

from bootstrap.settings import load_settings
from emulator.server import Server
from testkit.sandbox import running_server
from tests.scheduling import GroupScheduling, turn_of


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> GroupScheduling:
    """Keep together what belongs together when several processes run tests."""
    return GroupScheduling(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest."""
    items.sort(key=lambda item: turn_of(item.nodeid))


@pytest.fixture(scope="session")
def localstack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("localstack"), load_settings()) as server:
        yield server
