"""Start Lambda environments by forking a process that has already imported what they all need.

A program of its own: ``python -S -P -m emulator.environments.fork_server SOCKET FOLDER MODE``, which sees nothing of
site-packages. One message on the socket, with a channel and a log file attached, and the way by which debuggers come if
any may, starts one environment. Its process says that it started on the channel; its exit code (negative for a signal)
and the most memory that it had, in KiB, are the last. Closing the channel's other end kills it, and so does the use of
more memory, processes or storage than the order allows. When the socket closes, all environments end.
"""

import contextlib
import json
import os
import selectors
import signal
import socket
import sys

from emulator.environments import isolation, kernel
from emulator.environments.keeper import Keeper, Kind, Order, run_to_exit
from emulator.environments.preloading import preload
from emulator.environments.process_tree import usage

MODE_FORK = "fork"
MODE_SPAWN = "spawn"

# Lambda's limit: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
THREADS_LIMIT = 1024

# The kernel would kill at once, but only in a control group, and to make one needs root.
CHECK_SECONDS = 0.1
MESSAGE_BYTES = 256 * 1024


class Environment:
    """An environment that was started: its first process, the channel to who asked for it, and what was seen of it.

    Args:
        keeper: The id of its first process.
        channel: Where its end is said.
        order: What it may use.
        isolated: Whether its first process takes all others along when it is killed.
    """

    def __init__(self, keeper: int, channel: socket.socket, order: Order, *, isolated: bool) -> None:
        self.channel = channel
        self._keeper = keeper
        self._order = order
        self._isolated = isolated
        self.memory_seen = 0

    def check(self) -> None:
        """Kill it if it uses more than it may."""
        memory, threads = usage(self._keeper)
        # One that was killed may still be there at the next look, with less.
        self.memory_seen = max(self.memory_seen, memory)
        stored = 0 if self._isolated else _size(self._order["temporary_folder"])
        if (
            self.memory_seen > self._order["memory_bytes"]
            or threads > THREADS_LIMIT
            or stored > self._order["storage_bytes"]
        ):
            self.kill()

    def kill(self) -> None:
        """End all of it."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._keeper, signal.SIGKILL if self._isolated else signal.SIGTERM)


class ForkServer:
    """The loop that starts environments, reaps them and says how they exited.

    Args:
        orders: Where they come from.
        kind: How they are started; where they are isolated, this process is in the view that they have in common.
    """

    def __init__(self, orders: socket.socket, kind: Kind) -> None:
        self._orders = orders
        self._kind = kind
        self._environments: dict[int, Environment] = {}
        self._wakeup, wakeup_write = socket.socketpair()
        self._wakeup_write = wakeup_write
        self._wakeup.setblocking(False)
        self._wakeup_write.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._orders, selectors.EVENT_READ)
        self._selector.register(self._wakeup, selectors.EVENT_READ)

    def serve(self) -> None:
        """Start environments until the other end closes the socket, then end them all."""
        signal.signal(signal.SIGCHLD, lambda _signal, _frame: None)
        signal.set_wakeup_fd(self._wakeup_write.fileno(), warn_on_full_buffer=False)
        while True:
            for key, _events in self._selector.select(CHECK_SECONDS if self._environments else None):
                if key.fileobj is self._orders:
                    if not self._take_order():
                        self._end_all()
                        return
                elif key.fileobj is self._wakeup:
                    self._reap()
                else:
                    self._end(key.data)
            for environment in self._environments.values():
                environment.check()

    def _take_order(self) -> bool:
        message, descriptors, _flags, _address = socket.recv_fds(self._orders, MESSAGE_BYTES, 3)
        if not message:
            return False
        channel = socket.socket(fileno=descriptors[0])
        log, *debugger = descriptors[1:]
        order: Order = json.loads(message)
        keeper = kernel.fork_into(isolation.NAMESPACES) if self._kind.isolated else os.fork()
        if keeper == 0:
            run_to_exit(lambda: self._keep(order, channel, log, *debugger))
        for descriptor in (log, *debugger):
            os.close(descriptor)
        self._environments[keeper] = Environment(keeper, channel, order, isolated=self._kind.isolated)
        self._selector.register(channel, selectors.EVENT_READ, keeper)
        return True

    def _keep(self, order: Order, channel: socket.socket, log: int, debugger: int | None = None) -> None:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._selector.close()
        for inherited in (self._orders, self._wakeup, self._wakeup_write):
            inherited.close()
        for environment in self._environments.values():
            environment.channel.close()
        Keeper(order, self._kind, channel, log, debugger).keep()

    def _reap(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while self._wakeup.recv(4096):
                pass
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG)[0]) != 0:
                self._forget(ended)

    def _forget(self, keeper: int) -> None:
        environment = self._environments.pop(keeper)
        channel = environment.channel
        if channel in self._selector.get_map():
            self._selector.unregister(channel)
        # Only the first such message counts, and one that ended by itself has said more; nobody may be left to hear it.
        with contextlib.suppress(OSError):
            channel.send(f"{-signal.SIGKILL} {environment.memory_seen // 1024}".encode())
        channel.close()

    def _end(self, keeper: int) -> None:
        """The other end closed the channel: kill the environment, unless it just exited; reaping does the rest."""
        if environment := self._environments.get(keeper):
            self._selector.unregister(environment.channel)
            environment.kill()

    def _end_all(self) -> None:
        for environment in self._environments.values():
            environment.kill()
        with contextlib.suppress(ChildProcessError):
            while True:
                os.wait()


def _size(folder: str) -> int:
    """The bytes of all files in a folder."""
    size = 0
    for path, _folders, files in os.walk(folder):
        for file in files:
            with contextlib.suppress(OSError):
                size += os.lstat(f"{path}/{file}").st_size
    return size


def _isolate(root: str, runtime_folder: str) -> bool:
    """Enter the view that environments have in common, if the kernel lets it."""
    if reason := isolation.reason_against(root, runtime_folder):
        print(isolation.describe(reason), file=sys.stderr, flush=True)  # noqa: T201  # LocalStack's log
        return False
    isolation.enter_common_view(root, runtime_folder)
    return True


def main(arguments: list[str]) -> None:
    """Serve until the socket closes."""
    descriptor, folder, mode = arguments
    runtime_folder = f"{folder}/python"
    isolated = _isolate(f"{folder}/root", runtime_folder)
    runtime_folder = isolation.RUNTIME_FOLDER if isolated else runtime_folder
    # What was needed to find this file is no function's business.
    sys.path[:] = [entry for entry in sys.path if entry != os.environ.get("PYTHONPATH")]
    sys.path.append(runtime_folder)
    if mode == MODE_FORK:
        preload()
    kind = Kind(runtime_folder, isolated=isolated, forked=mode == MODE_FORK)
    ForkServer(socket.socket(fileno=int(descriptor)), kind).serve()


if __name__ == "__main__":
    main(sys.argv[1:])
