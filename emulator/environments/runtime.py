"""A runtime: the process of an environment, and the conversation with it."""

import os
import re
import signal
import time
from contextlib import ExitStack
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from emulator.debugging.clock import CLOCK, Clock
from emulator.debugging.port import DebugPort
from emulator.environments.keeper import Order
from emulator.environments.launcher import Launcher
from emulator.environments.process_tree import family, send_signal
from emulator.environments.runtime_api import INIT_ERROR, NEXT, RuntimeApi, RuntimeRequest, error_of, response_to
from emulator.environments.wording import PLAIN, RESPONSE_LIMIT_BYTES, LogStyle

KILOBYTE = 1024  # as Lambda counts
MEGABYTE = 1024 * KILOBYTE
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-ephemeral-storage.html
DEFAULT_STORAGE_MEGABYTES = 512
STATUS_BYTES = 4 * KILOBYTE
PEAK_MEMORY = re.compile(rb"VmHWM:\s+(\d+) kB")


class InitializationFailedError(Exception):
    """The runtime could not load the handler; the argument is what it said, as JSON."""

    def __init__(self, payload: bytes) -> None:
        super().__init__(payload.decode(errors="replace"))
        self.payload = payload


class RuntimeExitedError(Exception):
    """The process ended; *exit_code* is negative for a signal."""

    def __init__(self, exit_code: int) -> None:
        super().__init__(f"exit code {exit_code}")
        self.exit_code = exit_code


class ResponseTooLargeError(Exception):
    """The handler returned more than RESPONSE_LIMIT_BYTES."""


@dataclass(frozen=True)
class FunctionSettings:
    """What a runtime must know of its function."""

    handler: str
    task_root: Path
    variables: dict[str, str]
    timeout_seconds: float
    memory_size_megabytes: int
    storage_megabytes: int = DEFAULT_STORAGE_MEGABYTES
    log_style: LogStyle = PLAIN
    debug_port: DebugPort | None = None


@dataclass(frozen=True)
class Invocation:
    """One event for the function."""

    request_id: str
    payload: bytes
    function_arn: str
    trace: str = ""
    client_context: str | None = None


@dataclass(frozen=True)
class Answer:
    """The runtime's response to an invocation."""

    payload: bytes
    is_error: bool


class Runtime:
    """A process that runs a handler.

    Args:
        settings: The function.
        launcher: Starts the process.
        temporary_folder: Where the function may write.
        log: An open descriptor that the output goes to.

    Raises:
        emulator.environments.launcher.LaunchError: No process can be started.
    """

    def __init__(self, settings: FunctionSettings, launcher: Launcher, temporary_folder: Path, log: int) -> None:
        self._clock = CLOCK if settings.debug_port else Clock()
        self._api = RuntimeApi(self._clock)
        self._launched_at = time.monotonic()
        order: Order = {
            "handler": settings.handler,
            "task_root": str(settings.task_root),
            "temporary_folder": str(temporary_folder),
            "bytecode_folder": str(launcher.bytecode_folder(settings.task_root)),
            "variables": {"AWS_LAMBDA_RUNTIME_API": self._api.address} | settings.variables,
            "memory_bytes": settings.memory_size_megabytes * MEGABYTE,
            "storage_bytes": settings.storage_megabytes * MEGABYTE,
        }
        with ExitStack() as stack:
            debugger = stack.enter_context(settings.debug_port.lead_to_new_runtime()) if settings.debug_port else None
            self._process = launcher.launch(order, log, debugger)
        self._api.watch(self._process)
        self._memory_used_at_exit = 0
        self._next: RuntimeRequest | None = None
        self._frozen: list[int] = []

    def initialize(self, timeout_seconds: float) -> float:
        """Wait until the handler is loaded.

        Returns:
            The milliseconds since the launch.

        Raises:
            InitializationFailedError: The handler cannot be loaded.
            RuntimeExitedError: The process exited.
            TimeoutError: It took longer than *timeout_seconds*.
        """
        request = self._receive(self._clock.now() + timeout_seconds, NEXT, INIT_ERROR)
        if request.what == INIT_ERROR:
            request.answer(HTTPStatus.ACCEPTED)
            raise InitializationFailedError(request.body)
        self._next = request
        return (time.monotonic() - self._launched_at) * 1000

    def run(self, invocation: Invocation, timeout_seconds: float) -> Answer:
        """Let the handler handle one event.

        Raises:
            RuntimeExitedError: The process exited before it answered.
            ResponseTooLargeError: It answered more than Lambda passes on; AWS's client ends with that.
            TimeoutError: It did not answer within *timeout_seconds*.
        """
        deadline = self._clock.now() + timeout_seconds
        next_request = self._next or self._receive(deadline, NEXT)
        self._next = None
        headers = {
            "Content-Type": "application/json",
            "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
            "Lambda-Runtime-Deadline-Ms": str(int((time.time() + timeout_seconds) * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": invocation.function_arn,
            "Lambda-Runtime-Trace-Id": invocation.trace,
        }
        if invocation.client_context:
            headers["Lambda-Runtime-Client-Context"] = invocation.client_context
        next_request.answer(HTTPStatus.OK, headers, invocation.payload)
        failure = error_of(invocation.request_id)
        request = self._receive(deadline, response_to(invocation.request_id), failure)
        if len(request.body) > RESPONSE_LIMIT_BYTES:
            request.answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            raise ResponseTooLargeError
        request.answer(HTTPStatus.ACCEPTED)
        return Answer(request.body, is_error=request.what == failure)

    def memory_used(self) -> int:
        """The most memory that the process has had, in bytes."""
        try:
            # Asked after each invocation; a file object would take three times as long.
            status = os.open(f"/proc/{self._process.pid}/status", os.O_RDONLY)
            try:
                peak = PEAK_MEMORY.search(os.read(status, STATUS_BYTES))
            finally:
                os.close(status)
        except OSError:
            return self._memory_used_at_exit
        return int(peak[1]) * KILOBYTE if peak else 0

    def freeze(self) -> None:
        """Stop the process, and all that it started."""
        self._frozen = family(self._process.pid)
        send_signal(self._frozen, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let what was stopped go on."""
        if self._frozen:
            send_signal(self._frozen, signal.SIGCONT)
            self._frozen = []

    def abort(self) -> None:
        """Let the process die; whoever waits for its answer is told."""
        self.thaw()
        send_signal([self._process.pid], signal.SIGKILL)

    def kill(self) -> None:
        """End the process."""
        self._api.close()
        self._process.kill()

    def _receive(self, deadline: float, *expected: tuple[str, str]) -> RuntimeRequest:
        request = self._api.receive(deadline, *expected)
        if request is None:
            exit_code, kilobytes = self._process.exit()
            self._memory_used_at_exit = kilobytes * KILOBYTE
            raise RuntimeExitedError(exit_code)
        return request
