"""A small client of the Debug Adapter Protocol, as an editor has one.

https://microsoft.github.io/debug-adapter-protocol/specification
"""

import itertools
import json
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ANSWER_SECONDS = 30
Message = dict[str, Any]


class DetachedError(Exception):
    """The other end has closed the connection."""


class DebugAdapter:
    """A debugger that is attached.

    Args:
        port: Of loopback.
    """

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=ANSWER_SECONDS)
        self._file = self._socket.makefile("rb")
        self._numbers = itertools.count(1)
        self._seen: list[Message] = []

    def close(self) -> None:
        """Close the connection, without a word."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._file.close()
        self._socket.close()

    def request(self, command: str, **arguments: Any) -> Message:
        """Ask for something and return the body of the answer."""
        number = self._send(command, arguments)
        answer = self._wait(lambda message: message.get("request_seq") == number)
        assert answer["success"], answer
        body: Message = answer.get("body") or {}
        return body

    def event(self, name: str) -> Message:
        """Wait for an event and return its body."""
        body: Message = self._wait(lambda message: message.get("event") == name).get("body") or {}
        return body

    def attach(self, folder: Path, breakpoints: dict[str, Sequence[int]] | None = None, **exceptions: Any) -> None:
        """Attach as `.vscode/launch.json` says, with breakpoints by the files below the project's folder."""
        self.request("initialize", adapterID="debugpy", pathFormat="path")
        mappings = [{"localRoot": str(folder), "remoteRoot": "."}]
        self._send("attach", {"pathMappings": mappings, "justMyCode": True})
        self.event("initialized")
        for file, lines in (breakpoints or {}).items():
            set_there = self.request(
                "setBreakpoints", source={"path": str(folder / file)}, breakpoints=[{"line": line} for line in lines]
            )
            assert all(each["verified"] for each in set_there["breakpoints"]), set_there
        self.request("setExceptionBreakpoints", **{"filters": ["uncaught"], **exceptions})
        self.request("configurationDone")

    def frame(self, thread: int) -> Message:
        """Where a thread stands."""
        frame: Message = self.request("stackTrace", threadId=thread)["stackFrames"][0]
        return frame

    def variables(self, frame: int) -> dict[str, str]:
        """The local variables of a frame, as they are shown."""
        scopes = self.request("scopes", frameId=frame)["scopes"]
        reference = next(scope["variablesReference"] for scope in scopes if scope["name"] == "Locals")
        shown = self.request("variables", variablesReference=reference)["variables"]
        return {variable["name"]: variable["value"] for variable in shown}

    def _send(self, command: str, arguments: Message) -> int:
        number = next(self._numbers)
        body = json.dumps({"seq": number, "type": "request", "command": command, "arguments": arguments}).encode()
        self._socket.sendall(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        return number

    def _wait(self, is_it: Any) -> Message:
        for number, message in enumerate(self._seen):
            if is_it(message):
                return self._seen.pop(number)
        while not is_it(message := self._read()):
            self._seen.append(message)
        return message

    def _read(self) -> Message:
        length = 0
        while (line := self._file.readline()).strip():
            name, _colon, value = line.partition(b":")
            length = int(value) if name == b"Content-Length" else length
        if not line:
            raise DetachedError
        message: Message = json.loads(self._file.read(length))
        return message


@contextmanager
def attached(port: int, folder: Path, breakpoints: dict[str, Sequence[int]] | None = None) -> Iterator[DebugAdapter]:
    """A debugger that is attached to the function of a port, and is detached in the end as an editor does it."""
    adapter = DebugAdapter(port)
    try:
        adapter.attach(folder, breakpoints)
        yield adapter
        adapter.request("disconnect", terminateDebuggee=False)
    finally:
        adapter.close()


def line_of(file: Path, text: str) -> int:
    """The number of the line that has a text."""
    (number,) = [number for number, line in enumerate(file.read_text().splitlines(), 1) if text in line]
    return number
