"""LocalStack with its slow paths mended, and without: repairs are made in both."""

from collections.abc import Iterator

import pytest

from bootstrap.settings import load_settings
from emulator.options import options_of
from emulator.server import Server
from testkit.ports import free_port


@pytest.fixture(scope="session")
def unpatched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    options = options_of(load_settings({"SANDBOX_PATCHES": "0"}))
    with Server(tmp_path_factory.mktemp("unpatched"), free_port()).running(options) as server:
        yield server


# Each file comes back to the first: a server that this fixture itself started would end then, and start in the next.
@pytest.fixture(scope="session", params=["localstack", "unpatched"], ids=["patched", "unpatched"])
def endpoint_url(request: pytest.FixtureRequest) -> str:
    server: Server = request.getfixturevalue(request.param)
    return server.endpoint_url
