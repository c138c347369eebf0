"""A LocalStack without Docker, shared by all tests that need one."""

import socket
from collections.abc import Iterator

import pytest

from bootstrap.settings import load_settings
from emulator.server import Server
from scripts.sandbox import emulator_options


def free_port() -> int:
    """A port of loopback that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def localstack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    options = emulator_options(load_settings())
    with Server(tmp_path_factory.mktemp("localstack"), free_port()).running(options) as server:
        yield server
