"""Ports for what tests start."""

import os
import socket

PROCESSES_AT_MOST = 8
_given: set[int] = set()


def free_port() -> int:
    """A port of loopback that nothing listens on and that no other test gets, in whatever process it runs."""
    while True:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port: int = listener.getsockname()[1]
        # The system likes to give odd ones.
        if port // 2 % PROCESSES_AT_MOST == process_number() % PROCESSES_AT_MOST and port not in _given:
            _given.add(port)
            return port


def process_number() -> int:
    """Which of the processes of pytest-xdist this one is, from 0."""
    return int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
