"""The web application in the background, beside a sandbox without Docker."""

import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from http import HTTPStatus
from pathlib import Path

import psutil
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from bootstrap.settings import given_values
from emulator.ports import HOST, ServerError, require_free_port
from emulator.processes import RecordedProcess, end_of

PROJECT_FOLDER = Path(__file__).resolve().parents[1]
# It names them all; those that have no default are commented out.
EXAMPLE_SETTINGS = PROJECT_FOLDER / ".env.example"
SETTING = re.compile(r"^(?:# )?([A-Z_]+)=", re.MULTILINE)
RECORD_NAME = "observatory.json"
START_TIMEOUT_SECONDS = 30
ANSWER_TIMEOUT_SECONDS = 2
POLL_SECONDS = 0.05


def environment(endpoint_url: str, port: int) -> dict[str, str]:
    """What the application sees of the environment of whoever starts it: the settings, and nothing else."""
    names, given = SETTING.findall(EXAMPLE_SETTINGS.read_text()), given_values()
    settings = {name: given[name] for name in names if name in given}
    own = {"PATH": os.defpath, "LANG": "C.UTF-8", "AWS_ENDPOINT_URL": endpoint_url, "OBSERVATORY_PORT": str(port)}
    return settings | own


class Viewer:
    """The application's process, on loopback.

    Args:
        folder: For its log and its record.
        port: Where it listens; where one runs already, that is where it does.
    """

    def __init__(self, folder: Path, port: int) -> None:
        self._process = RecordedProcess(folder / RECORD_NAME)
        self.port = (self._process.port if self._process.find() else None) or port
        self.log = folder / "observatory.log"

    @property
    def url(self) -> str:
        """Where to look at it."""
        return f"http://localhost:{self.port}"

    def process(self) -> psutil.Process | None:
        """The running process."""
        return self._process.find()

    def require_port(self) -> None:
        """Make sure that it can be started.

        Raises:
            ServerError: Something else listens on its port.
        """
        if not self.process():
            require_free_port(self.port, "OBSERVATORY_PORT")

    def start(self, endpoint_url: str) -> None:
        """Start it, unless it runs with the settings and in the folder of now, and return at once.

        Args:
            endpoint_url: What it shows the runs of; nothing need listen there yet.
        """
        variables, folder = environment(endpoint_url, self.port), Path.cwd()
        if running := self.process():
            if running.environ() == variables and Path(running.cwd()) == folder:
                return
            self.stop()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as log:
            process = subprocess.Popen(
                # Where the stack may be; nothing else there is to be imported.
                [sys.executable, "-P", "-m", "observatory.web"],
                cwd=folder,
                env=variables,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._process.remember(process.pid, self.port)

    def is_ready(self) -> bool:
        """Whether it answers."""
        try:
            with urllib.request.urlopen(
                f"http://{HOST}:{self.port}/", timeout=ANSWER_TIMEOUT_SECONDS
            ) as response:  # our own http URL
                return bool(response.status == HTTPStatus.OK)
        except (urllib.error.URLError, OSError):
            return False

    def wait_until_ready(self) -> None:
        """Wait until it answers.

        Raises:
            ServerError: It ended, or does not answer; shows the end of its log.
        """
        waiting = Retrying(
            retry=retry_if_result(lambda done: not done),
            stop=stop_after_delay(START_TIMEOUT_SECONDS),
            wait=wait_fixed(POLL_SECONDS),
            retry_error_callback=lambda _state: False,
        )
        waiting(lambda: self.is_ready() or self.process() is None)
        if not self.is_ready():
            self.stop()
            raise ServerError(f"the observatory did not start. {end_of(self.log)}")

    def stop(self) -> None:
        """Stop it, if it runs; it keeps nothing."""
        self._process.kill()
