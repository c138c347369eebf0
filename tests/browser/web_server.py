"""The web application as a user starts it."""

import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from bootstrap.clients import Clients
from testkit.ports import free_port
from testkit.waiting import wait_for

STOP_SECONDS = 10


@contextmanager
def running_web(clients: Clients, port: int | None = None) -> Iterator[str]:
    """Serve the pages of an account, and yield the URL of the first one."""
    port = port or free_port()
    settings = clients.settings
    environment = {
        "AWS_ENDPOINT_URL": str(settings.endpoint_url),
        "OBSERVATORY_PORT": str(port),
        "STACK": settings.stack,
    }
    process = subprocess.Popen([sys.executable, "-m", "observatory.web"], env=os.environ | environment)
    url = f"http://127.0.0.1:{port}/"
    try:
        wait_for("the web application", lambda: process.poll() is not None or _answers(url))
        assert process.poll() is None, f"it ended with status {process.returncode}"
        yield url
    finally:
        process.terminate()
        process.wait(STOP_SECONDS)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url) as response:  # noqa: S310  # our own http URL
            return bool(response.status)
    except urllib.error.URLError:
        return False
