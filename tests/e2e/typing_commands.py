"""The commands of `scripts/`, as they are typed."""

import os
import subprocess
import sys

from bootstrap.clients import Clients
from bootstrap.settings import PROJECT


def type_command(
    clients: Clients | None, script: str, *arguments: str, typed: str = ""
) -> subprocess.CompletedProcess[str]:
    """Type `python scripts/SCRIPT`.

    Args:
        clients: Where the sandbox is; nothing listens, if None.
        script: The script's name.
        arguments: What follows it.
        typed: What is typed while it runs.
    """
    endpoint_url = str(clients.settings.endpoint_url) if clients else "http://127.0.0.1:9"
    return subprocess.run(
        [sys.executable, f"scripts/{script}", *arguments],
        cwd=PROJECT,
        env=os.environ | {"AWS_ENDPOINT_URL": endpoint_url},
        input=typed,
        capture_output=True,
        text=True,
        check=False,
    )
