"""Where the end-to-end tests run: without Docker and in compose, or what `AWS_ENDPOINT_URL` names, if it is set."""

import os
from collections.abc import Iterator

import pytest

from bootstrap import deploy
from bootstrap.clients import Clients
from bootstrap.settings import load_settings
from emulator.server import Server
from scripts.viewer import Viewer
from testkit.ports import free_port
from tests.e2e.bus import Bus, open_bus
from tests.e2e.compose import Stack, running_compose
from tests.e2e.runs import Runs

# Where the observatory of a compose sandbox is, by the sandbox's endpoint.
OBSERVATORIES: dict[str | None, str] = {}
GIVEN = [os.environ["AWS_ENDPOINT_URL"]] if os.environ.get("AWS_ENDPOINT_URL") else []
WITHOUT_DOCKER = "without-docker"
COMPOSE = "compose"


def clients_of(endpoint_url: str) -> Clients:
    """Clients for an endpoint, with every other setting at its default."""
    return Clients(load_settings({"AWS_ENDPOINT_URL": endpoint_url}))


@pytest.fixture(scope="session")
def compose_stack() -> Iterator[Stack]:
    """A compose project that is up."""
    with running_compose() as stack:
        yield stack


@pytest.fixture(scope="session", params=GIVEN or [WITHOUT_DOCKER, COMPOSE])
def sandbox(request: pytest.FixtureRequest) -> Iterator[Clients]:
    """A bootstrapped account."""
    if request.param == COMPOSE:
        stack: Stack = request.getfixturevalue("compose_stack")
        OBSERVATORIES[stack.endpoint_url] = stack.observatory_url
        yield clients_of(stack.endpoint_url)
        return
    if request.param == WITHOUT_DOCKER:
        localstack: Server = request.getfixturevalue("localstack")
        clients = clients_of(localstack.endpoint_url)
    else:
        clients = clients_of(request.param)
    deploy.up(clients, on_change=lambda *_: None)
    yield clients


@pytest.fixture(scope="session")
def observatory(sandbox: Clients, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of the web application of the sandbox; that of compose came up with it."""
    endpoint_url = str(sandbox.settings.endpoint_url)
    if endpoint_url in OBSERVATORIES:
        yield OBSERVATORIES[endpoint_url]
        return
    viewer = Viewer(tmp_path_factory.mktemp("observatory"), free_port())
    viewer.start(endpoint_url)
    viewer.wait_until_ready()
    yield f"http://127.0.0.1:{viewer.port}"
    viewer.stop()


@pytest.fixture
def functions_endpoint(request: pytest.FixtureRequest, sandbox: Clients) -> str:
    """Where the functions find AWS; those of compose are in the container, where LocalStack has its own port."""
    in_container = request.node.callspec.params["sandbox"] == COMPOSE
    return "http://127.0.0.1:4566" if in_container else str(sandbox.settings.endpoint_url)


@pytest.fixture
def bus(sandbox: Clients) -> Iterator[Bus]:
    """Every event of the project, from now on."""
    with open_bus(sandbox) as bus:
        yield bus


@pytest.fixture
def runs(sandbox: Clients) -> Runs:
    """Starts runs and finds what they left."""
    return Runs(sandbox)
