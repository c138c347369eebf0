"""Ask the fork server for processes; start it, and start it again if it died."""

import hashlib
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from emulator.cores import all_cores
from emulator.environments.fork_server import MODE_FORK
from emulator.environments.keeper import STARTED, Order
from emulator.environments.runtime_folder import make_runtime_folder

PROJECT_FOLDER = Path(__file__).parents[2]
PROGRAM = "emulator.environments.fork_server"
# Not that of a virtual environment, which functions do not see.
PYTHON = str(Path(sys.executable).resolve())
CREDENTIALS = struct.Struct("3i")  # process, user, group: https://man7.org/linux/man-pages/man7/unix.7.html


class LaunchError(Exception):
    """The fork server did not start a process."""


class EnvironmentProcess:
    """One process of the fork server; lives until it exits or :meth:`kill` is called."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        # The kernel says who sends it: the process itself may have another id in a namespace of its own.
        message, ancillary, _flags, _address = channel.recvmsg(64, socket.CMSG_SPACE(CREDENTIALS.size))
        if message != STARTED:
            raise ValueError(f"instead of a process came {message!r}")
        self.pid: int = CREDENTIALS.unpack(ancillary[0][2])[0]

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
        with_debugger: Whether functions may take a debugger.
    """

    def __init__(self, mode: str = MODE_FORK, *, with_debugger: bool = False) -> None:
        self._mode = mode
        self._lock = threading.Lock()
        self._server: subprocess.Popen[bytes] | None = None
        self._orders: socket.socket | None = None
        self._folder = tempfile.TemporaryDirectory(prefix="lambda-runtime-")
        folder = Path(self._folder.name)
        make_runtime_folder(folder / "python", with_debugger=with_debugger)
        (folder / "root").mkdir()
        self._bytecode = folder / "bytecode"

    def bytecode_folder(self, task_root: Path) -> Path:
        """Where Python may keep what it compiles of the code in a folder; the same for all who run that code."""
        folder = self._bytecode / hashlib.sha256(str(task_root).encode()).hexdigest()
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def start(self) -> None:
        """Start the fork server, unless it runs; it imports what is common while others go on."""
        with self._lock:
            self._running_server()

    def launch(self, order: Order, log: int, debugger: socket.socket | None = None) -> EnvironmentProcess:
        """Start one environment.

        Args:
            order: The handler, its code and its environment variables.
            log: An open file descriptor that its output goes to.
            debugger: Where it gets the connections of those who look into it, if it takes any.

        Raises:
            LaunchError: The fork server died twice in a row.
        """
        message = json.dumps(order).encode()
        more = [debugger.fileno()] if debugger else []
        for _attempt in range(2):
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
            with theirs, self._lock:
                try:
                    socket.send_fds(self._running_server(), [message], [theirs.fileno(), log, *more])
                except OSError:
                    self._stop_server()
                    ours.close()
                    continue
            try:
                return EnvironmentProcess(ours)
            except (ValueError, IndexError):  # the server died with the order unread, or the kernel refused something
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
        with theirs, all_cores():
            descriptor = theirs.fileno()
            self._server = subprocess.Popen(
                [PYTHON, "-S", "-P", "-m", PROGRAM, str(descriptor), self._folder.name, self._mode],
                stdin=subprocess.DEVNULL,
                env={"PATH": os.defpath, "LANG": "C.UTF-8", "PYTHONPATH": str(PROJECT_FOLDER)},
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
