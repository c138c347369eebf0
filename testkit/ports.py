"""Ports for what tests start."""

import itertools
import os
import socket
from contextlib import suppress

# Below what any system gives to connections that go out, which would take a port between its finding and its use.
FIRST_PORT, PAST_LAST_PORT = 16_384, 32_768
PROCESSES_AT_MOST = 8
# Two suites on one machine begin at different ones.
_numbers = itertools.count(os.getpid())


def free_port() -> int:
    """A port of loopback that nothing listens on and that no other test gets, in whatever process it runs."""
    ports = (PAST_LAST_PORT - FIRST_PORT) // PROCESSES_AT_MOST
    first = FIRST_PORT + process_number() % PROCESSES_AT_MOST * ports
    for number in itertools.islice(_numbers, ports):
        port = first + number % ports
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise OSError(f"no port is free from {first} to {first + ports - 1}")


def process_number() -> int:
    """Which of the processes of pytest-xdist this one is, from 0."""
    return int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
