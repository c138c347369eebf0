"""What the check passes runs to its end: a sample of small changes of both examples, each deployed and run."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bootstrap import deploy
from bootstrap.clients import Clients
from bootstrap.description import Stack
from bootstrap.settings import Settings, load_settings
from emulator.server import Server
from testkit.sandbox import running_server
from testkit.workflow import Workflow as Running
from tests.mutants import Workflow, mutant

SEED, OF_EACH = 1492, 4
STARTS: dict[str, dict[str, Any]] = {
    "bootstrap.stack": {"people": 2, "seed": "mutants"},
    "examples.orders.stack": {"id": "A-1", "card": "visa", "lines": [{"sku": "tea", "quantity": 2}, {"sku": "mug"}]},
}


class ClientsOf(Clients):
    """The clients of an account in which a stack is to be that is in no module."""

    def __init__(self, settings: Settings, stack: Stack) -> None:
        super().__init__(settings)
        self._stack = stack

    @property
    def stack(self) -> Stack:
        """That stack."""
        return self._stack


def passing(module: str, folder: Path) -> Iterator[Workflow]:
    """Changed workflows that the check passes, each otherwise, and the same ones each time."""
    choose, original = random.Random(SEED).choice, Workflow.load(module)  # noqa: S311 - for no secrets
    seen = {original.changed}
    while len(seen) <= OF_EACH:
        changed = mutant(original, choose)
        if changed.changed not in seen and "Comment" not in changed.changed and not changed.check(folder).errors:
            seen.add(changed.changed)
            yield changed


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A sandbox in which stacks may be changed."""
    with running_server(tmp_path_factory.mktemp("mutants"), load_settings()) as server:
        yield server


@pytest.mark.parametrize("module", STARTS)
def test_what_the_check_passes_runs_to_its_end(server: Server, module: str, tmp_path: Path) -> None:
    settings = load_settings({"AWS_ENDPOINT_URL": server.endpoint_url, "STACK": module})
    for changed in passing(module, tmp_path):
        clients = ClientsOf(settings, changed.written(tmp_path))
        deploy.up(clients, on_change=lambda _change: None, prune=True)
        run = Running(clients).run(STARTS[module])
        assert run.status in {"SUCCEEDED", "FAILED"}, changed.changed
        pages = clients.states.get_paginator("get_execution_history").paginate(executionArn=run.arn)
        kinds = {event["type"] for page in pages for event in page["events"]}
        assert "TaskTimedOut" not in kinds, changed.changed
