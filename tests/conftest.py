"""A LocalStack without Docker, shared by all tests of a process that need one."""

import socket
from collections.abc import Iterator

import pytest

from bootstrap.settings import load_settings
from emulator.server import Server
from scripts.sandbox import emulator_options
from tests.scheduling import GroupScheduling, process_number, turn_of

PROCESSES_AT_MOST = 8
given_ports: set[int] = set()


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> GroupScheduling:
    """Keep together what belongs together when several processes run tests."""
    return GroupScheduling(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest."""
    items.sort(key=lambda item: turn_of(item.nodeid))


def free_port() -> int:
    """A port of loopback that nothing listens on and that no other test gets, in whatever process it runs."""
    while True:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port: int = listener.getsockname()[1]
        # The system likes to give odd ones.
        if port // 2 % PROCESSES_AT_MOST == process_number() and port not in given_ports:
            given_ports.add(port)
            return port


@pytest.fixture(scope="session")
def localstack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    options = emulator_options(load_settings())
    with Server(tmp_path_factory.mktemp("localstack"), free_port()).running(options) as server:
        yield server
