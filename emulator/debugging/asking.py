"""Ask a sandbox which of its functions take a debugger, and who is attached."""

import json
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException

from emulator.ports import HOST

# As emulator/debugging/opening.py answers it.
STATE_PATH = "/_sandbox/debuggers"
ANSWER_TIMEOUT_SECONDS = 2


@dataclass(frozen=True)
class Debugged:
    """A function that takes a debugger.

    Args:
        function: Its name.
        port: Where.
        attached: Whether one is attached.
        waiting: How many invocations wait until the one before them has ended.
    """

    function: str
    port: int
    attached: bool
    waiting: int

    def __str__(self) -> str:
        attached = "one is attached, nothing times out" if self.attached else "none is attached"
        queue = f", invocations that wait for their turn: {self.waiting}" if self.waiting else ""
        return f"{self.function} takes a debugger on {HOST}:{self.port}: {attached}{queue}"


def debuggers(port: int) -> list[Debugged]:
    """The functions of the sandbox on a port of loopback that take a debugger."""
    connection = HTTPConnection(HOST, port, timeout=ANSWER_TIMEOUT_SECONDS)
    try:
        connection.request("GET", STATE_PATH)
        answer = connection.getresponse()
        return [Debugged(**each) for each in json.load(answer)] if answer.status == HTTPStatus.OK else []
    except (OSError, HTTPException):
        return []
    finally:
        connection.close()
