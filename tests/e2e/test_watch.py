"""`python -m bootstrap watch`, on a copy of the handlers and the stack."""

import json
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
DEFINITION = "bootstrap/machines/eventdriven_machine.asl.json"
COMMENT = "Every step emits an event that carries a task token, and waits until StepFinisher hands the token back."
RECORDED = "from handlers.shared.invocation import recorded"


class Watch:
    """The command, which watches the handlers beside the copy of the bootstrap that runs."""

    def __init__(self, project: Path, endpoint_url: str) -> None:
        self.project = project
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
        self.edit(f"handlers/{module}.py", old, new)

    def edit(self, name: str, old: str, new: str) -> None:
        """Edit a file."""
        file = self.project / name
        source = file.read_text()
        assert old in source
        file.write_text(source.replace(old, new))


@contextmanager
def running_watch(project: Path, endpoint_url: str) -> Iterator[Watch]:
    """The command, once it watches; it is ended in the end."""
    watch = Watch(project, endpoint_url)
    try:
        watch.wait_for("watching bootstrap/, handlers/")
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
    deploy.up(clients, on_change=lambda _change: None, prune=True)


@pytest.fixture
def watch(account: Clients, tmp_path: Path) -> Iterator[Watch]:
    copy_project(tmp_path)
    with running_watch(tmp_path, str(account.settings.endpoint_url)) as watch:
        yield watch


def copy_project(folder: Path) -> None:
    """Copy what is watched, to be edited."""
    for name in FOLDERS:
        shutil.copytree(PROJECT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))


def test_the_next_run_uses_what_was_saved(watch: Watch, account: Clients) -> None:
    Runs(account).run(people=1)
    watch.save("post_process_single", "MAX_COOKIES = 9", "MAX_COOKIES = 0")
    watch.wait_for("updated function postProcessSingle")
    assert Runs(account).run(people=5).report["totalCookiesConsumed"] == 0
    assert [line.split()[2] for line in watch.lines() if line.startswith("updated function")] == ["postProcessSingle"]


def test_what_was_saved_is_brought_about_within_a_second(watch: Watch) -> None:
    def seconds() -> float:
        said, saved = len(watch.lines()), time.monotonic()
        watch.save("side_effect", '"""', '""" ')
        watch.wait_for("updated function sideEffect", after=said)
        return time.monotonic() - saved

    wait_for("a moment when nothing else keeps the machine busy", lambda: seconds() < 1, 10 * DEADLINE_SECONDS)


def test_a_shared_module_redeploys_those_that_import_it(watch: Watch) -> None:
    watch.save("people", '"""', '""" ')
    watch.wait_for("updated function getMultiple")
    watch.wait_for("updated function processSingle")
    watch.save("side_effect", '"""', '""" ')
    watch.wait_for("updated function sideEffect")
    updated = {line.split()[2] for line in watch.lines() if line.startswith("updated function")}
    assert updated == {"getMultiple", "processSingle", "sideEffect"}


def test_an_error_in_the_code_is_shown_and_the_watch_goes_on(watch: Watch) -> None:
    watch.save("side_effect", "def lambda_handler", "def lambda handler")
    line = watch.wait_for("side_effect.py:")
    assert "not Python: invalid syntax" in line
    watch.save("side_effect", "def lambda handler", "def lambda_handler ")
    watch.wait_for("updated function sideEffect")


def test_a_definition_that_was_saved_is_the_machines_unless_it_is_wrong(watch: Watch, account: Clients) -> None:
    watch.edit(DEFINITION, '"StartAt": "GetMultiple"', '"StartAt": "GetMultiples"')
    line = watch.wait_for("there is no state GetMultiples: did you mean GetMultiple?")
    assert line.startswith(f"{DEFINITION}:3:3: error: ")
    watch.wait_for("nothing is deployed: 1 error")
    assert comment_of_machine(account) == COMMENT
    watch.edit(DEFINITION, '"StartAt": "GetMultiples"', '"StartAt": "GetMultiple"')
    watch.edit(DEFINITION, COMMENT, "It was saved.")
    watch.wait_for("updated state machine EventdrivenMachine in ")
    assert comment_of_machine(account) == "It was saved."


def test_a_function_that_is_new_in_the_stack_is_made_with_all_that_it_needs(watch: Watch, account: Clients) -> None:
    handler = 'def lambda_handler(event, context):\n    print("heard", event["detail-type"])\n'
    (watch.project / "handlers" / "listen.py").write_text(f"{RECORDED}\n\n\n@recorded\n{handler}")
    row = 'FunctionSpec("handlers.listen", DetailType.DONE, waited_for=False),'
    watch.edit("bootstrap/stack.py", "FUNCTIONS = (", f"FUNCTIONS = (\n    {row}")
    watch.wait_for("created rule listenRule")
    Runs(account).run(people=1)
    pages = account.logs.get_paginator("filter_log_events").paginate(logGroupName="/aws/lambda/listen")
    wait_for("its log", lambda: any("heard done" in one["message"] for page in pages for one in page["events"]))
    watch.edit("bootstrap/stack.py", row, "")
    watch.wait_for("rule listenRule is no longer wanted: `python -m bootstrap up --prune` removes it")


def comment_of_machine(account: Clients) -> str:
    """What the machine that is deployed says of itself."""
    found = account.states.describe_state_machine(stateMachineArn=account.arns.machine("EventdrivenMachine"))
    comment: str = json.loads(found["definition"])["Comment"]
    return comment


def test_ctrl_c_ends_it_without_a_word(watch: Watch) -> None:
    said = len(watch.lines())
    watch.process.send_signal(signal.SIGINT)
    assert watch.process.wait(DEADLINE_SECONDS) == 0
    assert watch.lines()[said:] == []


def test_what_does_not_exist_is_made_first(account: Clients, tmp_path: Path) -> None:
    deploy.down(account, on_change=lambda _change: None)
    copy_project(tmp_path)
    with running_watch(tmp_path, str(account.settings.endpoint_url)) as watch:
        assert any(line.startswith("created state machine EventdrivenMachine in ") for line in watch.lines())
    assert Runs(account).run(people=1).report
