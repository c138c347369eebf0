"""Copies of the orders example, under a name of their own, in which something can be broken."""

import itertools
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from bootstrap.arns import Arns
from bootstrap.check.report import Report, check
from bootstrap.loading import folder_of, load_stack
from bootstrap.settings import PROJECT, load_settings
from bootstrap.system import System

ORDERS = PROJECT / "examples" / "orders"
NUMBERS = itertools.count()


@dataclass(frozen=True)
class Copy:
    """A copy: its package's name, and its folder."""

    package: str
    folder: Path

    def edit(self, file: str, old: str, new: str, *, everywhere: bool = False) -> None:
        """Replace a text that is there, the first time or everywhere."""
        path = self.folder / file
        text = path.read_text()
        assert old in text, f"{file} has no {old!r}"
        path.write_text(text.replace(old, new) if everywhere else text.replace(old, new, 1))

    def check(self) -> Report:
        """What the check finds."""
        module = f"{self.package}.stack"
        arns = Arns("123456789012", "eu-west-1")
        system = System(load_stack(module), folder_of(module), arns, "orders", load_settings({}))
        return check(system, self.folder / "stack.py")


def make_copy(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Copy:
    """Copy the orders into a folder, from which it can be imported."""
    package = f"orders_{next(NUMBERS)}"
    target = folder / package
    shutil.copytree(ORDERS, target, ignore=shutil.ignore_patterns("__pycache__"))
    for file in target.rglob("*.py"):
        file.write_text(file.read_text().replace("examples.orders", package))
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    return Copy(package, target)
