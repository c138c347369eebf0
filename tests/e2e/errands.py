"""Copies of the errands example in which something is wrong, in a sandbox of their own."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from bootstrap.clients import Clients
from bootstrap.settings import PROJECT, load_settings

EXAMPLE = PROJECT / "tests" / "stack_examples" / "errands"
PACKAGE = "errands"
STACK_FILE, DEFINITION, HANDLER = "stack.py", "errand.asl.json", "handlers/run_errand.py"


@dataclass(frozen=True)
class Errands:
    """A copy of the example, and where it is deployed."""

    folder: Path
    endpoint_url: str

    @property
    def clients(self) -> Clients:
        """Clients for the sandbox, with the example's stack."""
        return Clients(load_settings(self._variables))

    @property
    def _variables(self) -> dict[str, str]:
        return {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "STACK": f"{PACKAGE}.stack",
            "PYTHONPATH": os.pathsep.join((str(self.folder), str(PROJECT))),
        }

    def edit(self, file: str, old: str, new: str) -> None:
        """Replace a text that is there."""
        path = self.folder / PACKAGE / file
        text = path.read_text()
        assert old in text, f"{file} has no {old!r}"
        path.write_text(text.replace(old, new))

    def type(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Type a command of the project's."""
        return subprocess.run(
            [sys.executable, *command],
            cwd=PROJECT,
            env=os.environ | self._variables,
            capture_output=True,
            text=True,
            check=False,
        )

    def deploy(self) -> None:
        """Make it as it is, in spite of what is wrong."""
        done = self.type("-m", "bootstrap", "up", "--force", "--prune")
        assert done.returncode == 0, done.stdout + done.stderr

    def run(self, errand: str, *, timeout: float = 60) -> str:
        """Start a run, and return what is shown of it, while it goes on and in the end."""
        detail = f'{{"errand": "{errand}"}}'
        done = self.type("scripts/start_run.py", "--detail", detail, "--timeout", str(timeout))
        return done.stdout + done.stderr

    def explain(self) -> str:
        """What is shown of the latest run."""
        return self.type("scripts/explain.py").stdout


def copy(folder: Path, endpoint_url: str) -> Errands:
    """Copy the example, under a name of its own."""
    target = folder / PACKAGE
    shutil.copytree(EXAMPLE, target, ignore=shutil.ignore_patterns("__pycache__"))
    for file in target.rglob("*.py"):
        file.write_text(file.read_text().replace("tests.stack_examples.errands", PACKAGE))
    return Errands(folder, endpoint_url)
