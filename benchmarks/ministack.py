"""MiniStack, in an environment of its own."""

import os
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path

import psutil
from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_fixed

from benchmarks.errors import BenchmarkError

NAME = "MiniStack"
HOST = "127.0.0.1"
LOCK = Path(__file__).with_name("ministack.lock")
INSTALL_TIMEOUT_SECONDS = 300
START_TIMEOUT_SECONDS = 60
STOP_TIMEOUT_SECONDS = 15
HEALTH_TIMEOUT_SECONDS = 2
READY_POLL_SECONDS = 0.05


class MiniStack:
    """A MiniStack process on loopback.

    Args:
        folder: For its environment, its log and all that it writes.
        port: Where it listens.
    """

    def __init__(self, folder: Path, port: int) -> None:
        self.name = NAME
        self.endpoint_url = f"http://{HOST}:{port}"
        self._port = port
        self._environment = folder / "environment"
        self._files = folder / "files"
        self._log = folder / "ministack.log"
        self._process: psutil.Popen | None = None

    def install(self) -> None:
        """Make its environment from the lock; takes no time when that has not changed."""
        installed = self._environment / "installed.lock"
        if installed.is_file() and installed.read_bytes() == LOCK.read_bytes():
            return
        python = self._environment / "bin" / "python"
        self._uv("venv", "--clear", "--python", sys.executable, str(self._environment))
        self._uv("pip", "sync", "--python", str(python), "--require-hashes", "--compile-bytecode", str(LOCK))
        shutil.copy(LOCK, installed)

    def start(self) -> None:
        """Start it and return when it answers.

        Raises:
            BenchmarkError: It does not.
        """
        shutil.rmtree(self._files, ignore_errors=True)
        self._files.mkdir(parents=True)
        with self._log.open("wb") as log:
            self._process = process = psutil.Popen(
                [self._environment / "bin" / "ministack"],
                cwd=self._files,
                env=self._variables(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        waiting = Retrying(
            retry=retry_if_result(lambda done: not done),
            stop=stop_after_delay(START_TIMEOUT_SECONDS),
            wait=wait_fixed(READY_POLL_SECONDS),
        )
        try:
            waiting(lambda: self._is_ready() or process.poll() is not None)
        except RetryError as error:
            raise BenchmarkError(f"{NAME} did not answer within {START_TIMEOUT_SECONDS} s: see {self._log}") from error
        if process.poll() is not None:
            raise BenchmarkError(f"{NAME} ended with status {process.returncode} while starting: see {self._log}")

    def process(self) -> psutil.Process | None:
        """The running process."""
        return self._process if self._process and self._process.is_running() else None

    def stop(self) -> None:
        """Stop it with every process that it started, and remove its files; the log stays."""
        if self._process:
            # Not its children: when it died, they are nobody's.
            psutil.process_iter.cache_clear()  # it would name those that had the same number before
            processes = [process for process in psutil.process_iter() if _session(process.pid) == self._process.pid]
            for process in processes:
                with suppress(psutil.NoSuchProcess):
                    process.terminate()
            _gone, alive = psutil.wait_procs(processes, timeout=STOP_TIMEOUT_SECONDS)
            for survivor in alive:
                with suppress(psutil.NoSuchProcess):
                    survivor.kill()
            psutil.wait_procs(alive)
        self._process = None
        shutil.rmtree(self._files, ignore_errors=True)

    def _variables(self) -> dict[str, str]:
        """All that it sees of this machine."""
        return {
            "PATH": f"{self._environment / 'bin'}:{os.defpath}",
            "LANG": "C.UTF-8",
            "HOME": str(self._files),
            "TMPDIR": str(self._files),
            "BIND_HOST": HOST,
            "GATEWAY_PORT": str(self._port),
            "LAMBDA_EXECUTOR": "local",
        }

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(  # noqa: S310  # our own http URL
                f"{self.endpoint_url}/_ministack/health", timeout=HEALTH_TIMEOUT_SECONDS
            ):
                return True
        except (urllib.error.URLError, OSError):
            return False

    def _uv(self, *arguments: str) -> None:
        command = ["uv", "--quiet", "--no-config", *arguments]
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
        try:
            subprocess.run(
                command,
                env=os.environ | {"PATH": path},
                check=True,
                timeout=INSTALL_TIMEOUT_SECONDS,
                capture_output=True,
                text=True,
            )
        except (OSError, subprocess.SubprocessError) as error:
            said = getattr(error, "stderr", None) or error
            raise BenchmarkError(f"MiniStack cannot be installed: `{' '.join(command)}`: {said}") from error


def _session(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except ProcessLookupError:
        return None
