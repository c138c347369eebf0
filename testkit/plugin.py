"""The pytest plugin: a sandbox for the tests that ask for one, and the workflow in it.

Whoever asks for neither has nothing loaded, and nothing started.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from bootstrap.clients import Clients
    from testkit.workflow import Workflow


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
def workflow(sandbox: "Clients") -> "Iterator[Workflow]":
    """The workflow in the sandbox, for one test, which begins without runs, events and objects.

    Nothing is emptied where `AWS_ENDPOINT_URL` says: what is there may be somebody's. Functions that the test breaks
    or freezes are mended in the end.
    """
    from testkit.sandbox import is_for_tests
    from testkit.workflow import Workflow

    found = Workflow(sandbox)
    if is_for_tests():
        found.fresh()
    yield found
    found.mend()
