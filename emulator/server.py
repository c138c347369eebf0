"""LocalStack without Docker: start it, find it again, stop it."""

import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import psutil
from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_fixed

from bootstrap.checkout import ask
from bootstrap.settings import PROJECT
from emulator.ports import HOST, ServerError, loopback_hosts, require_free_port
from emulator.processes import RecordedProcess, end_of

# They are loaded in the order in which the bootstrap asks for them.
SERVICES = "sts,iam,s3,logs,sqs,lambda,stepfunctions,events"
START_TIMEOUT_SECONDS = 60
ANSWER_TIMEOUT_SECONDS = 2
# A process that answers nothing for so long is about to end, or hangs.
LONGEST_SILENCE_SECONDS = 10
READY_POLL_SECONDS = 0.05
RECORD_NAME = "localstack.json"


def require_linux() -> None:
    """Make sure that LocalStack can be started without Docker.

    Raises:
        ServerError: This is another system.
    """
    if platform.system() != "Linux":
        raise ServerError(
            f"the sandbox without Docker runs on Linux only (AWS publishes its Lambda runtime client for no"
            f" {platform.system()}): use `docker compose up`"
        )


class Server:
    """A LocalStack process on loopback and the folder that holds all it writes.

    Args:
        folder: For its log, its record and its files; made when it is started.
        port: Where it listens.
    """

    def __init__(self, folder: Path, port: int) -> None:
        self._folder = folder
        self._files = folder / "files"
        self._process = RecordedProcess(folder / RECORD_NAME)
        self._launched: subprocess.Popen[bytes] | None = None
        self.port = port
        self.log = folder / "localstack.log"

    @classmethod
    def find(cls, folder: Path) -> "Server | None":
        """The server that was started with *folder* and still runs."""
        port = RecordedProcess(folder / RECORD_NAME).port
        server = cls(folder, port) if port else None
        return server if server and server.process() else None

    @property
    def endpoint_url(self) -> str:
        """What `AWS_ENDPOINT_URL` must be to use it."""
        return f"http://{HOST}:{self.port}"

    @contextmanager
    def running(self, options: Mapping[str, str] | None = None) -> Iterator[Self]:
        """Start it as :meth:`start` does, with this process as its parent, and stop it in the end."""
        self.start(with_parent=True, options=options)
        try:
            yield self
        finally:
            self.stop()

    def start(self, *, with_parent: bool, options: Mapping[str, str] | None = None) -> None:
        """Start LocalStack as :meth:`launch` does, and return when it answers.

        Raises:
            ServerError: It runs already, the port is taken, this is not Linux, or it did not come up.
        """
        self.wait_until_ready(self.launch(with_parent=with_parent, options=options))

    def launch(self, *, with_parent: bool, options: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
        """Start LocalStack and return its process at once.

        Args:
            with_parent: Let it stop when this process ends, however that happens; else it goes on in the background.
            options: LocalStack's own variables, over those that are set here.

        Raises:
            ServerError: It runs already, the port is taken, or this is not Linux.
        """
        self.require_start()
        shutil.rmtree(self._files, ignore_errors=True)
        self._files.mkdir(parents=True)
        with self.log.open("wb") as log:
            launched = self._launched = subprocess.Popen(
                [sys.executable, "-m", "localstack.runtime.main"],
                cwd=self._files,
                env=self._environment(with_parent=with_parent) | dict(options or {}),
                stdin=subprocess.PIPE if with_parent else subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._process.remember(launched.pid, self.port, with_parent=with_parent)
        return launched

    def require_start(self) -> None:
        """Make sure that it can be started.

        Raises:
            ServerError: It runs already, the port is taken, or this is not Linux.
        """
        require_linux()
        if self.process():
            raise ServerError(f"LocalStack already runs with {self._folder}: see `python scripts/sandbox.py status`")
        require_free_port(self.port, "SANDBOX_PORT")

    def wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        """Wait until it answers.

        Args:
            process: What :meth:`launch` returned.

        Raises:
            ServerError: It did not come up; says who took its port, or shows the end of its log.
        """
        started = time.monotonic()
        waiting = Retrying(
            retry=retry_if_result(lambda done: not done),
            stop=stop_after_delay(START_TIMEOUT_SECONDS),
            wait=wait_fixed(READY_POLL_SECONDS),
        )
        try:
            waiting(lambda: self.is_ready() or process.poll() is not None)
        except RetryError as error:
            self.stop()
            seconds = time.monotonic() - started
            raise ServerError(f"LocalStack did not answer within {seconds:.0f} s. {end_of(self.log)}") from error
        if process.poll() is not None:
            self.stop()
            # Another sandbox may have come first.
            require_free_port(self.port, "SANDBOX_PORT")
            raise ServerError(f"LocalStack ended with status {process.returncode} while starting. {end_of(self.log)}")

    def process(self) -> psutil.Process | None:
        """The running process."""
        return self._process.find()

    def parent(self) -> psutil.Process | None:
        """The process that it stops with, if there is one and it runs."""
        return self._process.find_parent()

    def is_ready(self) -> bool:
        """Whether it answers; what another process answers at its port does not count."""
        process, sandbox = self.process(), ask(self.port, ANSWER_TIMEOUT_SECONDS)
        return bool(process and sandbox and sandbox.pid == process.pid)

    def is_ending(self) -> bool:
        """Whether it is about to end, or hangs; returns when that is known."""
        if self._process.is_orphan():
            return True
        waiting = Retrying(
            retry=retry_if_result(lambda done: not done),
            stop=stop_after_delay(LONGEST_SILENCE_SECONDS),
            wait=wait_fixed(READY_POLL_SECONDS),
            retry_error_callback=lambda _state: None,
        )
        waiting(lambda: self.is_ready() or self.process() is None)
        return not self.is_ready()

    def stop(self) -> None:
        """Stop it, if it runs, with every process that it started, and remove its files; the log stays."""
        # It keeps nothing that an orderly end, of two seconds and more, would save; its fork server ends with it.
        self._process.kill()
        if self._launched:
            self._launched.communicate()
        shutil.rmtree(self._files, ignore_errors=True)

    def _environment(self, *, with_parent: bool) -> dict[str, str]:
        """All that LocalStack sees of this machine: every file it writes goes below the folder."""
        return {
            "PATH": f"{Path(sys.executable).parent}:{os.defpath}",
            "LANG": "C.UTF-8",
            "HOME": str(self._files),
            "TMPDIR": str(self._files),
            "FILESYSTEM_ROOT": str(self._files),
            "XDG_CACHE_HOME": str(self._files),
            "GATEWAY_LISTEN": ",".join(f"{host}:{self.port}" for host in loopback_hosts(self.port)),
            "GATEWAY_SERVER": "threads",
            "ALLOW_OTHER_USERS": "0",
            "LAMBDA_RUNTIME_EXECUTOR": "process",
            "LAMBDA_RETRY_BASE_DELAY": "1",
            "SERVICES": SERVICES,
            "STRICT_SERVICE_LOADING": "1",
            "S3_SKIP_SIGNATURE_VALIDATION": "0",
            "DNS_ADDRESS": "0",
            # A line a request is a tenth of the work of a run.
            "LS_LOG": "error",
            # LocalStack's services call each other without HTTP.
            "IN_MEMORY_CLIENT": "1",
            "SKIP_SSL_CERT_DOWNLOAD": "1",
            "DISABLE_EVENTS": "1",
            "SANDBOX_CHECKOUT": str(PROJECT),
            "SANDBOX_STOP_WITH_PARENT": "1" if with_parent else "0",
        }
