"""The pytest plugin: a sandbox for the tests that ask for one, and the workflow in it.

Whoever asks for neither has nothing loaded, and nothing started.
"""

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from bootstrap.clients import Clients
    from testkit.workflow import Workflow

CLIENTS: "pytest.StashKey[Clients]" = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let what a failed test saw be kept."""
    parser.getgroup("workflow").addoption(
        "--save-sandbox", metavar="FOLDER", help="when a test of a workflow fails, keep its sandbox as a file in FOLDER"
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep the sandbox as it is when a test fails; the next one empties it."""
    report = yield
    folder, clients = item.config.getoption("save_sandbox"), item.stash.get(CLIENTS, None)
    if folder and clients and call.when == "call" and report.failed:
        from testkit.sandbox import save

        report.sections.append(("sandbox", save(clients, Path(folder), item.name)))
    return report


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Clients]":
    """A bootstrapped account with the stack that `STACK` names: the clients of its services.

    It is where `AWS_ENDPOINT_URL` says; without that, a sandbox is started for the test run, without Docker, and
    stopped in the end. Each process of pytest-xdist has one of its own.
    """
    from testkit.sandbox import running_sandbox

    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as clients:
        yield clients


@pytest.fixture
def workflow(request: pytest.FixtureRequest, sandbox: "Clients") -> "Iterator[Workflow]":
    """The workflow in the sandbox, for one test, which begins without runs, events and objects.

    Nothing is emptied where `AWS_ENDPOINT_URL` says: what is there may be somebody's. Functions that the test breaks
    or freezes are mended in the end.
    """
    from testkit.sandbox import is_for_tests
    from testkit.workflow import Workflow

    request.node.stash[CLIENTS] = sandbox
    found = Workflow(sandbox)
    if is_for_tests():
        found.fresh()
    yield found
    found.mend()
