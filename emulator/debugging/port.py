"""A port for each function that takes a debugger: whoever attaches there looks into the environment that it runs in.

The debugger itself is in the function's process and speaks the Debug Adapter Protocol. It listens nowhere: what comes
to the port is passed on to it, so that the port outlives environments, and is nobody's but the sandbox's user's.
https://microsoft.github.io/debug-adapter-protocol/
"""

import json
import os
import selectors
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from emulator.debugging.clock import CLOCK, LOOK_SECONDS
from emulator.gateway.peers import Peers

READ_BYTES = 64 * 1024
# How every message of the protocol begins, and nothing that a browser sends.
BEGINNING = b"Content-Length: "
# One debugger is let in after the other; who comes back at once need not know that.
LEAVING_SECONDS = 2.0
# Within what time of the debugger's own end that of its process shows.
ENDING_SECONDS = 1.0


class DebugPort:
    """Where a debugger finds a function.

    Args:
        function: Its name.
        address: Host and port.
        peers: Tells whose a connection is; None lets in every user of this machine.
    """

    def __init__(self, function: str, address: tuple[str, int], peers: Peers | None = None) -> None:
        self.function = function
        self._peers = peers
        self._listener = socket.create_server(address)
        self._runtime: socket.socket | None = None
        self._runtime_changed = threading.Condition()
        self._visiting = threading.Lock()
        self._turn = threading.Lock()
        self._waiting = 0
        threading.Thread(target=self._accept, name=f"debug-{function}", daemon=True).start()

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self._listener.getsockname()[1])

    def state(self) -> dict[str, object]:
        """What there is to say of it: who is attached, and how many invocations wait for their turn."""
        attached = self._visiting.locked()
        return {"function": self.function, "port": self.port, "attached": attached, "waiting": self._waiting}

    def lead_to_new_runtime(self) -> socket.socket:
        """Let whoever attaches from now on look into a new process.

        Returns:
            What the process is to be given; it gets a connection by it for each who attaches.
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with self._runtime_changed:
            self._runtime = ours
            self._runtime_changed.notify_all()
        return theirs

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait until no other invocation of the function runs: there is one environment that a debugger looks into."""
        if not self._turn.acquire(blocking=False):
            _say(f"{self.function} takes a debugger: an invocation waits until the one before it has ended")
            self._waiting += 1
            self._turn.acquire()
            self._waiting -= 1
        try:
            yield
        finally:
            self._turn.release()

    def _accept(self) -> None:
        while True:
            client, peer = self._listener.accept()
            own = client.getsockname()
            if self._peers and self._peers.uid(client.family, peer, own) != os.getuid():
                _say(f"{self.function}: another user of this machine may not attach: see ALLOW_OTHER_USERS")
                client.close()
            else:
                threading.Thread(target=self._visit, args=(client,), name="debugger", daemon=True).start()

    def _visit(self, client: socket.socket) -> None:
        with client, suppress(ConnectionError):
            if not client.recv(len(BEGINNING), socket.MSG_PEEK | socket.MSG_WAITALL).startswith(BEGINNING):
                return
            if not self._visiting.acquire(timeout=LEAVING_SECONDS):
                _say(f"{self.function}: a debugger is attached already: detach it first")
                return
            try:
                self._look_into_runtime(client)
            finally:
                self._visiting.release()

    def _look_into_runtime(self, client: socket.socket) -> None:
        entered = self._enter(client)
        if entered is None:
            return
        runtime, inside = entered
        with inside, CLOCK.stopped():
            _say(f"{self.function}: a debugger is attached, nothing times out")
            client_left = _pass_on(client, inside)
            with suppress(ConnectionError):  # it may have said so itself
                inside.sendall(_message("request", command="disconnect", arguments={}))
        _say(f"{self.function}: the debugger is detached, timeouts count again")
        if not client_left and _has_closed(runtime, ENDING_SECONDS):
            # What was looked into has ended; the next is to be found at the same place.
            client.sendall(_message("event", event="terminated", body={"restart": True}))

    def _enter(self, client: socket.socket) -> tuple[socket.socket, socket.socket] | None:
        """The runtime, once there is one, and this end of a connection to its debugger; None if the client left."""
        while not _has_closed(client, 0):
            with self._runtime_changed:
                self._runtime_changed.wait_for(lambda: self._runtime, LOOK_SECONDS)
                runtime = self._runtime
            if runtime is None:
                continue
            ours, theirs = socket.socketpair()
            with theirs:
                try:
                    socket.send_fds(runtime, [b"debugger"], [theirs.fileno()])
                except OSError:  # it has ended
                    ours.close()
                    self._forget(runtime)
                    continue
            return runtime, ours
        return None

    def _forget(self, runtime: socket.socket) -> None:
        with self._runtime_changed:
            if self._runtime is runtime:
                self._runtime = None


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)  # noqa: T201  # LocalStack's log, whatever level it has


def _pass_on(client: socket.socket, inside: socket.socket) -> bool:
    """Pass on what each side says, until one of them closes; whether it was the client."""
    others = {client: inside, inside: client}
    with selectors.DefaultSelector() as selector:
        for side in others:
            selector.register(side, selectors.EVENT_READ, side)
        while True:
            for key, _events in selector.select():
                speaker: socket.socket = key.data
                try:
                    said = speaker.recv(READ_BYTES)
                    others[speaker].sendall(said)
                except ConnectionError:
                    said = b""
                if not said:
                    return speaker is client


def _has_closed(side: socket.socket, seconds: float) -> bool:
    """Whether the other end has closed a connection, or does so within some seconds."""
    with selectors.DefaultSelector() as selector:
        selector.register(side, selectors.EVENT_READ)
        if not selector.select(seconds):
            return False
    try:
        return not side.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except ConnectionError:
        return True


def _message(kind: str, **said: object) -> bytes:
    """A message that neither side has sent, but the sandbox for the one that has left."""
    body = json.dumps({"seq": 2**31 - 1, "type": kind, **said}).encode()
    return BEGINNING + str(len(body)).encode() + b"\r\n\r\n" + body


# Those of the functions that take a debugger, by their names.
PORTS: dict[str, DebugPort] = {}
