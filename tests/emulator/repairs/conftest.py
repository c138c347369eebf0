"""LocalStack with its slow paths mended, and without: repairs are made in both."""

from collections.abc import Iterator

import pytest

from bootstrap.settings import load_settings
from emulator.options import options_of
from emulator.server import Server
from testkit.ports import free_port


@pytest.fixture(scope="session", params=["patched", "unpatched"])
def endpoint_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if request.param == "patched":
        yield request.getfixturevalue("localstack").endpoint_url
        return
    options = options_of(load_settings({"SANDBOX_PATCHES": "0"}))
    with Server(tmp_path_factory.mktemp("unpatched"), free_port()).running(options) as server:
        yield server.endpoint_url
