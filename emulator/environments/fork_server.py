"""Start Lambda environments by forking a process that has already imported what they all need.

A program of its own, run as ``python -I -S fork_server.py serve SOCKET RUNTIME_FOLDER MODE``: it imports nothing of
this project, so that a function sees a plain interpreter. One message on the socket, with a channel and a log file
attached, starts one environment. Its process id is the first thing sent on the channel; its exit code (negative for a
signal) and the most memory that it had, in KiB, are the last. Closing the channel's other end kills it, and so does the
use of more memory than the order allows. When the socket closes, all environments end.
"""

import contextlib
import ctypes
import gc
import importlib
import json
import os
import resource
import selectors
import signal
import socket
import sys
from collections.abc import Callable
from typing import NoReturn, TypedDict

MODE_FORK = "fork"
MODE_SPAWN = "spawn"

# What nearly every function imports; awslambdaric itself reads its settings while it is imported, so it comes later.
PRELOADED_MODULES = (
    "boto3",
    "boto3.s3.inject",
    "botocore.client",
    "botocore.endpoint",
    "botocore.handlers",
    "botocore.httpsession",
    "botocore.regions",
    "botocore.retries.standard",
    "botocore.session",
    "botocore.signers",
    "concurrent.futures.thread",
    "json",
    "logging",
    "simplejson",
    "snapshot_restore_py",
    "urllib.request",
)
# Lambda's limits: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
OPEN_FILES_LIMIT = 1024
TEMPORARY_STORAGE_BYTES = 512 * 1024 * 1024

# The kernel would kill at once, but only in a control group, and to make one needs root.
MEMORY_CHECK_SECONDS = 0.1
PAGE_BYTES = resource.getpagesize()

MESSAGE_BYTES = 256 * 1024
PR_SET_PDEATHSIG = 1  # of linux/prctl.h


class Order(TypedDict):
    """What to start: the handler, where its code is and the environment variables."""

    handler: str
    task_root: str
    variables: dict[str, str]
    memory_bytes: int


class Environment:
    """A process that was started: the channel to who asked for it, and the most memory seen of it, in bytes."""

    def __init__(self, process: int, channel: socket.socket, memory_allowed: int) -> None:
        self.process = process
        self.channel = channel
        self.memory_allowed = memory_allowed
        self.memory_seen = 0

    def check_memory(self) -> None:
        """Kill it if it uses too much, with its children."""
        # One that was killed may still be there at the next look, with less.
        self.memory_seen = max(self.memory_seen, memory_used(self.process))
        if self.memory_seen > self.memory_allowed:
            _kill_group(self.process)


class ForkServer:
    """The loop that starts environments, reaps them and says how they exited."""

    def __init__(self, orders: socket.socket, runtime_folder: str, mode: str) -> None:
        self._orders = orders
        self._runtime_folder = runtime_folder
        self._mode = mode
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
            for key, _events in self._selector.select(MEMORY_CHECK_SECONDS if self._environments else None):
                if key.fileobj is self._orders:
                    if not self._take_order():
                        self._end_all()
                        return
                elif key.fileobj is self._wakeup:
                    self._reap()
                else:
                    self._end(key.data)
            for environment in self._environments.values():
                environment.check_memory()

    def _take_order(self) -> bool:
        message, descriptors, _flags, _address = socket.recv_fds(self._orders, MESSAGE_BYTES, 2)
        if not message:
            return False
        channel = socket.socket(fileno=descriptors[0])
        log = descriptors[1]
        order: Order = json.loads(message)
        process = os.fork()
        if process == 0:
            channel.close()
            _run_to_exit(lambda: self._become_environment(order, log))
        os.close(log)
        channel.send(str(process).encode())
        self._environments[process] = Environment(process, channel, order["memory_bytes"])
        self._selector.register(channel, selectors.EVENT_READ, process)
        return True

    def _reap(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while self._wakeup.recv(4096):
                pass
        with contextlib.suppress(ChildProcessError):
            # The exited process keeps its id until its group, what it left running, is killed as well.
            while exited := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                _kill_group(exited.si_pid)
                _process, status, usage = os.wait4(exited.si_pid, 0)
                self._forget(exited.si_pid, os.waitstatus_to_exitcode(status), usage.ru_maxrss)

    def _forget(self, process: int, exit_code: int, most_kibibytes: int) -> None:
        environment = self._environments.pop(process)
        channel = environment.channel
        if channel in self._selector.get_map():
            self._selector.unregister(channel)
        with contextlib.suppress(OSError):  # nobody may be left to hear it
            channel.send(f"{exit_code} {max(most_kibibytes, environment.memory_seen // 1024)}".encode())
        channel.close()

    def _end(self, process: int) -> None:
        """The other end closed the channel: kill the environment, unless it just exited; reaping does the rest."""
        if environment := self._environments.get(process):
            self._selector.unregister(environment.channel)
            _kill_group(process)

    def _end_all(self) -> None:
        for process in self._environments:
            _kill_group(process)
        with contextlib.suppress(ChildProcessError):
            while True:
                os.wait()

    def _become_environment(self, order: Order, log: int) -> None:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._selector.close()
        for inherited in (self._orders, self._wakeup, self._wakeup_write):
            inherited.close()
        for environment in self._environments.values():
            environment.channel.close()
        _enter_environment(order, log)
        arguments = [order["task_root"], self._runtime_folder, order["handler"]]
        if self._mode == MODE_SPAWN:
            python = [sys.executable, "-I", "-S", __file__, "environment", *arguments]
            os.execve(python[0], python, order["variables"])  # noqa: S606  # a list, no shell
        run_environment(*arguments)


def run_environment(task_root: str, runtime_folder: str, handler: str) -> None:
    """Run *handler* with AWS's runtime client, as Lambda does, until the process is ended.

    Args:
        task_root: The folder of the function's code; the working directory is already there.
        runtime_folder: The folder of what AWS's runtime brings, boto3 among it.
        handler: As in the function's configuration, for example ``app.lambda_handler``.
    """
    standard_library = [folder for folder in sys.path if folder != runtime_folder]
    sys.path[:] = [task_root, runtime_folder, *standard_library]
    sys.argv = ["bootstrap", handler]
    importlib.import_module("awslambdaric.__main__").main(sys.argv)


def _run_to_exit(work: Callable[[], None]) -> NoReturn:
    """Do *work* and exit as the interpreter would; a forked process must never return into the server's loop."""
    status: object = 1
    try:
        work()
        status = 0
    except SystemExit as end:
        status = 0 if end.code is None else end.code
    except BaseException:  # noqa: BLE001  # printed as the interpreter prints what nobody caught
        sys.excepthook(*sys.exc_info())
    finally:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status if isinstance(status, int) else 1)


def _enter_environment(order: Order, log: int) -> None:
    os.setsid()
    # Not even a fork server that is killed leaves its environments behind.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES_LIMIT, OPEN_FILES_LIMIT))
    resource.setrlimit(resource.RLIMIT_FSIZE, (TEMPORARY_STORAGE_BYTES, TEMPORARY_STORAGE_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    nothing = os.open(os.devnull, os.O_RDONLY)
    for descriptor, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(descriptor, target)
    os.close(nothing)
    os.close(log)
    os.environ.clear()
    os.environ.update(order["variables"])
    os.chdir(order["task_root"])


def memory_used(process: int) -> int:
    """The memory of a process, and what its children have of their own, in bytes; 0 when it is gone."""
    pages = _read(f"/proc/{process}/statm").split()
    resident = int(pages[1]) * PAGE_BYTES if pages else 0
    return resident + sum(_private_memory(child) for child in _children(process))


def _private_memory(process: int) -> int:
    """What a process shares with no other, its children's included; a child that was forked shares most."""
    lines = _read(f"/proc/{process}/smaps_rollup").splitlines()
    private = sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(b"Private_"))
    return private + sum(_private_memory(child) for child in _children(process))


def _children(process: int) -> list[int]:
    return [int(child) for child in _read(f"/proc/{process}/task/{process}/children").split()]


def _read(file: str) -> bytes:
    """What the kernel says of a process; nothing when it is gone."""
    try:
        descriptor = os.open(file, os.O_RDONLY)
        try:
            return os.read(descriptor, MESSAGE_BYTES)
        finally:
            os.close(descriptor)
    except OSError:
        return b""


def _kill_group(process: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process, signal.SIGKILL)
    # A process that has not yet become the leader of its group is killed by its own id.
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)


def main(arguments: list[str]) -> None:
    """Serve, or be the one environment of MODE_SPAWN."""
    role, *rest = arguments
    if role == "environment":
        os.environ.pop("LC_CTYPE", None)  # the interpreter's own addition, where the machine lacks the locale of LANG
        run_environment(*rest)
        return
    descriptor, runtime_folder, mode = rest
    sys.path.append(runtime_folder)
    if mode == MODE_FORK:
        gc.disable()
        for module in PRELOADED_MODULES:
            importlib.import_module(module)
        # Environments share what is loaded here, as long as they do not look for garbage in it, which writes to it.
        gc.freeze()
        gc.enable()
    ForkServer(socket.socket(fileno=int(descriptor)), runtime_folder, mode).serve()


if __name__ == "__main__":
    main(sys.argv[1:])
