"""`python -m observatory.web`: serve the application until it is stopped."""

import os
import sys

import uvicorn

from bootstrap.checkout import require_own_sandbox
from bootstrap.clients import Clients
from bootstrap.settings import SettingsError, load_settings
from observatory.web.app import application

# In a container it is all of them: what reaches it is published on this machine's loopback only.
HOST_VARIABLE = "OBSERVATORY_HOST"
LOOPBACK = "127.0.0.1"
EXIT_USAGE = 2


def main() -> int:
    """Serve, and return the exit status."""
    try:
        settings = require_own_sandbox(load_settings())
    except SettingsError as error:
        sys.stderr.write(f"observatory: {error}\n")
        return EXIT_USAGE
    host = os.environ.get(HOST_VARIABLE, LOOPBACK)
    uvicorn.run(
        application(Clients(settings)),
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
