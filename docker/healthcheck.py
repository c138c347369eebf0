"""Wait until LocalStack's ready hooks have ended; exit with 0 when all of them, the bootstrap among them, succeeded."""

import json
import sys
import time
import urllib.request

READY_URL = "http://127.0.0.1:4566/_localstack/init/ready"
WAIT_SECONDS = 110
POLL_SECONDS = 0.2


def ready_stage() -> dict:
    """What LocalStack says of its ready hooks; not completed while it does not answer yet."""
    try:
        with urllib.request.urlopen(READY_URL, timeout=2) as response:  # a constant, http
            return json.load(response)
    except OSError:
        return {"completed": False}


deadline = time.monotonic() + WAIT_SECONDS
while not (stage := ready_stage())["completed"] and time.monotonic() < deadline:
    time.sleep(POLL_SECONDS)
succeeded = stage["completed"] and all(script["state"] == "SUCCESSFUL" for script in stage["scripts"])
sys.exit(0 if succeeded else 1)
