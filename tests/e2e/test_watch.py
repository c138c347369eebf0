"""`python -m bootstrap watch`, on a copy of the handlers."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bootstrap import deploy
from bootstrap.clients import Clients
from bootstrap.settings import PROJECT
from emulator.server import Server
from testkit.waiting import DEADLINE_SECONDS, wait_for
from tests.e2e.breaking import mend
from tests.e2e.conftest import clients_of
from tests.e2e.runs import Runs

FOLDERS = ("bootstrap", "handlers")


class Watch:
    """The command, which watches the handlers beside the copy of the bootstrap that runs."""

    def __init__(self, project: Path, endpoint_url: str) -> None:
        self._project = project
        self._log = project / "watch.log"
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "bootstrap", "watch"],
                cwd=project,
                env=os.environ | {"AWS_ENDPOINT_URL": endpoint_url, "PYTHONDONTWRITEBYTECODE": "1"},
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def lines(self) -> list[str]:
        """What it has said so far."""
        return self._log.read_text().splitlines()

    def wait_for(self, text: str, after: int = 0) -> str:
        """The first line with *text* among those after the first *after*."""
        return wait_for(text, lambda: next((line for line in self.lines()[after:] if text in line), ""))

    def save(self, module: str, old: str, new: str) -> None:
        """Edit a handler."""
        file = self._project / "handlers" / f"{module}.py"
        source = file.read_text()
        assert old in source
        file.write_text(source.replace(old, new))


@contextmanager
def running_watch(project: Path, endpoint_url: str) -> Iterator[Watch]:
    """The command, once it watches; it is ended in the end."""
    watch = Watch(project, endpoint_url)
    try:
        watch.wait_for("watching handlers/")
        yield watch
    finally:
        watch.process.kill()
        watch.process.wait()


@pytest.fixture(scope="module")
def clients(localstack: Server) -> Clients:
    """The system as the project has it."""
    clients = clients_of(localstack.endpoint_url)
    mend(clients)
    return clients


@pytest.fixture
def account(clients: Clients) -> Iterator[Clients]:
    """The same, also afterwards."""
    yield clients
    mend(clients)


@pytest.fixture
def watch(account: Clients, tmp_path: Path) -> Iterator[Watch]:
    for folder in FOLDERS:
        shutil.copytree(PROJECT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    endpoint_url = account.settings.endpoint_url
    assert endpoint_url
    with running_watch(tmp_path, endpoint_url) as watch:
        yield watch


def test_the_next_run_uses_what_was_saved(watch: Watch, account: Clients) -> None:
    Runs(account).run(people=1)
    watch.save("post_process_single", "MAX_COOKIES = 9", "MAX_COOKIES = 0")
    watch.wait_for("redeployed postProcessSingle")
    assert Runs(account).run(people=5).report["totalCookiesConsumed"] == 0
    assert [line.split()[1] for line in watch.lines() if line.startswith("redeployed")] == ["postProcessSingle"]


def test_what_was_saved_is_redeployed_within_a_second(watch: Watch) -> None:
    def seconds() -> float:
        said, saved = len(watch.lines()), time.monotonic()
        watch.save("side_effect", '"""', '""" ')
        watch.wait_for("redeployed sideEffect", after=said)
        return time.monotonic() - saved

    wait_for("a moment when nothing else keeps the machine busy", lambda: seconds() < 1)


def test_a_shared_module_redeploys_those_that_import_it(watch: Watch) -> None:
    watch.save("profiles", '"""Fetch', '"""Get')
    watch.wait_for("redeployed postProcessSingle")
    watch.wait_for("redeployed sideEffect")
    watch.save("get_multiple", '"""', '""" ')
    watch.wait_for("redeployed getMultiple")
    redeployed = {line.split()[1] for line in watch.lines() if line.startswith("redeployed")}
    assert redeployed == {"postProcessSingle", "sideEffect", "getMultiple"}


def test_an_error_in_the_code_is_shown_and_the_watch_goes_on(watch: Watch) -> None:
    watch.save("side_effect", "def lambda_handler", "def lambda handler")
    line = watch.wait_for("side_effect.py:")
    assert "not Python: invalid syntax" in line
    watch.save("side_effect", "def lambda handler", "def lambda_handler ")
    watch.wait_for("redeployed sideEffect")


def test_ctrl_c_ends_it_without_a_word(watch: Watch) -> None:
    said = len(watch.lines())
    watch.process.send_signal(signal.SIGINT)
    assert watch.process.wait(DEADLINE_SECONDS) == 0
    assert watch.lines()[said:] == []


def test_without_functions_it_says_what_to_do(account: Clients, watch: Watch, tmp_path: Path) -> None:
    deploy.down(account, on_change=lambda _change: None)
    endpoint_url = account.settings.endpoint_url
    assert endpoint_url
    second = Watch(tmp_path, endpoint_url)
    assert second.process.wait(timeout=30) == 1
    assert second.lines()[-1].endswith("does not exist: run `python -m bootstrap up` first")
