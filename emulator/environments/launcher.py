"""Ask the fork server for processes; start it, and start it again if it died."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from emulator.environments import fork_server
from emulator.environments.runtime_folder import make_runtime_folder


class LaunchError(Exception):
    """The fork server did not start a process."""


class EnvironmentProcess:
    """One process of the fork server; lives until it exits or :meth:`kill` is called."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self.pid = int(channel.recv(64))

    def fileno(self) -> int:
        """The descriptor that becomes readable when the process has exited."""
        return self._channel.fileno()

    def exit(self) -> tuple[int, int]:
        """Wait for the exit; return its code, negative for a signal, and the most memory there was, in KiB."""
        # Nothing at all arrives when the fork server itself was killed.
        code, memory_used = (self._channel.recv(64) or b"-9 0").split()
        return int(code), int(memory_used)

    def kill(self) -> None:
        """Kill the process and all that it started; return when it is gone."""
        self._channel.shutdown(socket.SHUT_WR)
        self._channel.recv(64)
        self._channel.close()


class Launcher:
    """A fork server and the way to it; safe to use from several threads.

    Args:
        mode: ``fork`` for processes that start with the common modules imported, ``spawn`` for fresh interpreters.
    """

    def __init__(self, mode: str = fork_server.MODE_FORK) -> None:
        self._mode = mode
        self._lock = threading.Lock()
        self._server: subprocess.Popen[bytes] | None = None
        self._orders: socket.socket | None = None
        self._folder = tempfile.TemporaryDirectory(prefix="lambda-runtime-")
        self.runtime_folder = make_runtime_folder(Path(self._folder.name) / "python")

    def start(self) -> None:
        """Start the fork server, unless it runs; it imports what is common while others go on."""
        with self._lock:
            self._running_server()

    def launch(self, order: fork_server.Order, log: int) -> EnvironmentProcess:
        """Start one environment.

        Args:
            order: The handler, its code and its environment variables.
            log: An open file descriptor that its output goes to.

        Raises:
            LaunchError: The fork server died twice in a row.
        """
        message = json.dumps(order).encode()
        for _attempt in range(2):
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            with theirs, self._lock:
                try:
                    socket.send_fds(self._running_server(), [message], [theirs.fileno(), log])
                except OSError:
                    self._stop_server()
                    ours.close()
                    continue
            try:
                return EnvironmentProcess(ours)
            except ValueError:  # the server died with the order unread
                ours.close()
        raise LaunchError("The fork server does not start processes; its error is in LocalStack's log.")

    def stop(self) -> None:
        """End the fork server, and with it every environment."""
        with self._lock:
            self._stop_server()
        self._folder.cleanup()

    def _running_server(self) -> socket.socket:
        if self._orders is not None and self._server is not None and self._server.poll() is None:
            return self._orders
        self._stop_server()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            descriptor = theirs.fileno()
            self._server = subprocess.Popen(
                [
                    sys.executable,
                    "-I",
                    "-S",
                    fork_server.__file__,
                    "serve",
                    str(descriptor),
                    str(self.runtime_folder),
                    self._mode,
                ],
                stdin=subprocess.DEVNULL,
                env={"PATH": os.defpath, "LANG": "C.UTF-8"},
                pass_fds=[descriptor],
                process_group=0,
            )
        self._orders = ours
        return ours

    def _stop_server(self) -> None:
        if self._orders is not None:
            self._orders.close()
            self._orders = None
        if self._server is not None:
            self._server.wait()
            self._server = None
