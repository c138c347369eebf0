"""`python -m observatory.web`: serve the application until it is stopped."""

import argparse
import os
import sys
from pathlib import Path

import uvicorn

from bootstrap.checkout import require_own_sandbox
from bootstrap.clients import Clients
from bootstrap.settings import SettingsError, load_settings
from observatory.saved.answering import open_clients
from observatory.web.app import application

# In a container it is all of them: what reaches it is published on this machine's loopback only.
HOST_VARIABLE = "OBSERVATORY_HOST"
LOOPBACK = "127.0.0.1"
EXIT_USAGE = 2


def main() -> int:
    """Serve, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m observatory.web", description="Serve the pages until Ctrl-C.")
    parser.add_argument("--from", metavar="FILE", type=Path, dest="file", help="of what `sandbox.py save` wrote")
    file = parser.parse_args().file
    try:
        settings = load_settings()
        clients = open_clients(file) if file else Clients(require_own_sandbox(settings))
    except SettingsError as error:
        sys.stderr.write(f"observatory: {error}\n")
        return EXIT_USAGE
    host = os.environ.get(HOST_VARIABLE, LOOPBACK)
    if file:
        sys.stderr.write(f"look at {file} on http://localhost:{settings.observatory_port}\n")
    uvicorn.run(
        application(clients),
        host=host,
        port=settings.observatory_port,
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        # Streams never end by themselves.
        timeout_graceful_shutdown=1,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
