"""A Lambda execution environment: one invocation after the other, in a runtime that is renewed when it dies."""

import functools
import os
import shutil
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from emulator.environments.later import Later
from emulator.environments.launcher import Launcher
from emulator.environments.output import Log, events_of, whole
from emulator.environments.runtime import (
    MEGABYTE,
    Answer,
    FunctionSettings,
    InitializationFailedError,
    Invocation,
    ResponseTooLargeError,
    Runtime,
    RuntimeExitedError,
)
from emulator.environments.wording import (
    Failure,
    Usage,
    beginning,
    exited,
    invocation_log,
    not_initialized,
    response_too_large,
    timed_out,
)

# https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html: an initialization that takes longer is
# ended, and done again by the first invocation, within the function's own timeout.
INIT_TIMEOUT_SECONDS = 10.0
LOG_KEPT_BYTES = 16 * 1024 * 1024

# AWS freezes at once what has nothing to do. Here it waits for a moment, so that an environment which is invoked again
# right away is not stopped and continued each time.
FREEZING = Later("freeze-environments", 0.05)
# What is over sooner has its log written in one go.
WRITING = Later("write-logs", 0.1)

Write = Callable[[Log], None]


@dataclass(frozen=True)
class Outcome:
    """What came of an invocation: the response, whether it is an error, and the log."""

    payload: bytes
    is_error: bool
    log: Log


class Environment:
    """Where one function's invocations run.

    Args:
        settings: The function.
        launcher: Starts the runtimes.
        folder: For temporary files and the log; made here, removed by :meth:`stop`.
        write: Writes what an invocation that still runs has logged; what is left is in its outcome.
    """

    def __init__(
        self, settings: FunctionSettings, launcher: Launcher, folder: Path, write: Write = lambda _log: None
    ) -> None:
        self._settings = settings
        self._launcher = launcher
        self._folder = folder
        self._temporary_folder = folder / "tmp"
        self._temporary_folder.mkdir(parents=True)
        self._log = os.open(folder / "output.log", os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        self._log_read = 0
        self._write = write
        # What was written of the log of the invocation that runs.
        self._written: list[str] | None = None
        self._writing = threading.Lock()
        self._busy = threading.Lock()
        self._stopped = False
        self._rests_since = 0.0
        self._runtime: Runtime | None = None
        self._init_milliseconds: float | None = None
        self._init_error: InitializationFailedError | RuntimeExitedError | None = None

    def start(self) -> None:
        """Launch the runtime and let it load the handler; if that fails, the first invocation says so.

        Raises:
            emulator.environments.launcher.LaunchError: No process can be started.
        """
        try:
            self._start_runtime(INIT_TIMEOUT_SECONDS)
        except (InitializationFailedError, RuntimeExitedError) as error:
            self._init_error = error
        except TimeoutError:
            self._end_runtime()
        self._rest()

    @property
    def has_failed_to_start(self) -> bool:
        """Whether the handler could not be loaded, which the next invocation will say."""
        return self._init_error is not None or self._runtime is None

    def forget_initialization(self) -> None:
        """Report no initialization with the next invocation, which did not wait for it."""
        self._init_milliseconds = None

    def invoke(self, invocation: Invocation) -> Outcome:
        """Handle one event.

        Raises:
            emulator.environments.launcher.LaunchError: No process can be started.
        """
        with self._busy:
            if self._runtime:
                self._runtime.thaw()
            written: list[str] = []
            self._written = written
            WRITING.call(functools.partial(self._write_more, invocation.request_id, written))
            started, ended = self._handle(invocation)
            milliseconds = (time.monotonic() - started) * 1000
            allowed, used = self._settings.memory_size_megabytes, self._memory_used_megabytes()
            if used > allowed and isinstance(ended, Answer):
                # It is checked only now and then; Lambda would not have let it come to an answer.
                ended = exited(invocation.request_id, -signal.SIGKILL)
            usage = Usage(milliseconds, allowed, min(used, allowed), self._init_milliseconds)
            self._init_milliseconds = None
            if isinstance(ended, Answer):
                self._rest()
                return Outcome(ended.payload, ended.is_error, self._log_of(invocation, usage))
            self._end_runtime()
            return Outcome(ended.payload(), is_error=True, log=self._log_of(invocation, usage, ended))

    def abort(self) -> None:
        """End the invocation that it handles, if it does, as if the function's process had died."""
        runtime = self._runtime
        if self._written is None or runtime is None:
            return
        runtime.abort()
        with self._busy:
            # The invocation may have come to its end meanwhile; then the next one needs another process.
            if self._runtime is runtime:
                self._end_runtime()

    def output(self) -> str:
        """What the function wrote here, of late if it was much."""
        return Log(events_of(self._read_log(0)))

    def stop(self) -> None:
        """End the runtime, after the invocation that it is handling, and remove what it left; can be repeated."""
        with self._busy:
            self._end_runtime()
            if not self._stopped:
                os.close(self._log)
                shutil.rmtree(self._folder, ignore_errors=True)
            self._stopped = True

    def _rest(self) -> None:
        if self._settings.debug_port:  # a debugger may look in at any time
            return
        self._rests_since = time.monotonic()
        FREEZING.call(functools.partial(self._freeze, self._rests_since))

    def _freeze(self, rests_since: float) -> None:
        """Stop the runtime's processes, unless it was invoked again meanwhile."""
        if not self._busy.acquire(blocking=False):
            return
        try:
            if self._runtime and self._rests_since == rests_since:
                self._runtime.freeze()
        finally:
            self._busy.release()

    def _handle(self, invocation: Invocation) -> tuple[float, Answer | Failure]:
        """The time at which the handler began, and how the invocation ended."""
        timeout_seconds = self._settings.timeout_seconds
        started = time.monotonic()
        try:
            if self._init_error:
                raise self._init_error
            runtime = self._runtime or self._start_runtime(timeout_seconds)
            started = time.monotonic()
            return started, runtime.run(invocation, timeout_seconds)
        except InitializationFailedError as error:
            return started, not_initialized(error.payload)
        except ResponseTooLargeError:
            return started, response_too_large()
        except RuntimeExitedError as error:
            return started, exited(invocation.request_id, error.exit_code)
        except TimeoutError:
            return started, timed_out(invocation.request_id, timeout_seconds)

    def _start_runtime(self, timeout_seconds: float) -> Runtime:
        self._runtime = Runtime(self._settings, self._launcher, self._temporary_folder, self._log)
        self._init_milliseconds = self._runtime.initialize(timeout_seconds)
        return self._runtime

    def _end_runtime(self) -> None:
        self._init_error = None
        if self._runtime:
            self._runtime.kill()
            self._runtime = None

    def _memory_used_megabytes(self) -> int:
        return self._runtime.memory_used() // MEGABYTE if self._runtime else 0

    def _log_of(self, invocation: Invocation, usage: Usage, failure: Failure | None = None) -> Log:
        with self._writing:
            written, self._written = self._written or [], None
        events, style = events_of(self._new_output()), self._settings.log_style
        return invocation_log(invocation.request_id, events, usage, failure, style, written)

    def _write_more(self, request_id: str, written: list[str]) -> None:
        """Write what came since the last time, as long as the invocation runs; AWS writes each line at once."""
        with self._writing:
            if self._written is not written:
                return
            new = self._read_log(self._log_read)
            new = new[: whole(new)]
            self._log_read += len(new)
            if events := [*([] if written else beginning(request_id, self._settings.log_style)), *events_of(new)]:
                self._write(Log(events))
                written += events
        WRITING.call(functools.partial(self._write_more, request_id, written))

    def _new_output(self) -> bytes:
        output = b""
        while new := self._read_log(self._log_read):
            output += new
            self._log_read += len(new)
        # A file of the function must not become larger than its storage, and this one is the function's too.
        if self._log_read > LOG_KEPT_BYTES:
            os.ftruncate(self._log, 0)
            self._log_read = 0
        return output

    def _read_log(self, offset: int) -> bytes:
        return os.pread(self._log, os.fstat(self._log).st_size - offset, offset)
