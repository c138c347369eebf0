"""The page on one's own workflow, followed word for word: its files are made, its edits and its commands are done."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bootstrap.clients import Clients
from bootstrap.settings import PROJECT, load_settings
from emulator.options import options_of
from emulator.server import Server
from testkit.ports import free_port
from testkit.waiting import wait_for

PAGE = (PROJECT / "docs" / "your-own-workflow.md").read_text()
STEP, SIDE_EFFECT = PAGE.split("\n## ")[1:3]
NEW_FILE = re.compile(r'```python title="(?P<file>.+?)"\n(?P<text>.*?)```', re.DOTALL)
EDIT = re.compile(r"```diff\n--- a/(?P<file>.+?)\n\+\+\+ b/.+?\n@@\n(?P<lines>.*?)```", re.DOTALL)
COMMAND = re.compile(r"^\$ python (.+)$", re.MULTILINE)
COPIED = ("bootstrap", "examples", "handlers", "observatory", "scripts")


@dataclass(frozen=True)
class Checkout:
    """A copy of the project that somebody edits by the page, and a sandbox for it."""

    folder: Path
    clients: Clients

    def follow(self, part: str) -> str:
        """Do what a part of the page says, and return what its commands print."""
        for found in NEW_FILE.finditer(part):
            (self.folder / found["file"]).write_text(found["text"])
        for found in EDIT.finditer(part):
            edit(self.folder / found["file"], found["lines"].splitlines(keepends=True))
        return "".join(self.run(command) for command in COMMAND.findall(part))

    def run(self, command: str) -> str:
        """Run a command of the page in the copy."""
        there = {"AWS_ENDPOINT_URL": str(self.clients.settings.endpoint_url), "PYTHONPATH": str(self.folder)}
        done = subprocess.run(
            [sys.executable, *shlex.split(command)],
            cwd=self.folder,
            env=os.environ | there,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def edit(file: Path, hunk: list[str]) -> None:
    """Replace what a hunk shows as it was by what it shows as it is to be."""
    before = "".join(line[1:] for line in hunk if line[0] in " -")
    after = "".join(line[1:] for line in hunk if line[0] in " +")
    text = file.read_text()
    assert text.count(before) == 1, f"{file.name} has {before!r} {text.count(before)} times"
    file.write_text(text.replace(before, after))


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    folder = tmp_path_factory.mktemp("checkout")
    for name in COPIED:
        shutil.copytree(PROJECT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    options = options_of(load_settings())
    with Server(tmp_path_factory.mktemp("own-workflow"), free_port()).running(options) as server:
        yield Checkout(folder, Clients(load_settings({"AWS_ENDPOINT_URL": server.endpoint_url})))


def test_the_step_of_the_page_runs(checkout: Checkout) -> None:
    printed = checkout.follow(STEP)
    assert "bootstrap.stack: nothing is wrong" in printed
    assert re.search(r"^ThankEveryone +SUCCEEDED", printed, re.MULTILINE), printed
    assert re.search(r"^CheckAllergies +SUCCEEDED", printed, re.MULTILINE), printed
    assert '"numberOfPeople": 3' in printed


def test_the_side_effect_of_the_page_hears_of_everyone(checkout: Checkout) -> None:
    assert "created function countCities" in checkout.follow(SIDE_EFFECT)

    def heard() -> bool:
        lines = checkout.clients.logs.filter_log_events(logGroupName="/aws/lambda/countCities")["events"]
        return sum("somebody eats" in line["message"] for line in lines) == 3

    wait_for("all three to be heard of", heard)
