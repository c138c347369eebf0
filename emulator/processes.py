"""Processes in the background that another command finds again."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

STOP_TIMEOUT_SECONDS = 15
LOG_TAIL_LINES = 5
LOCK_NAME = "lock"


@contextmanager
def alone(folder: Path, tell: Callable[[str], object]) -> Iterator[None]:
    """Let no other command start or stop the processes whose records are in a folder meanwhile.

    Args:
        folder: That of the records; made if need be.
        tell: Gets a line when another command has to end first.
    """
    # Not above: Windows has none, where no sandbox starts.
    import fcntl

    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK_NAME).open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            tell(f"waiting for process {lock.read() or '?'}, which starts or stops the sandbox")
            fcntl.flock(lock, fcntl.LOCK_EX)
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


@dataclass(frozen=True)
class _Identity:
    """A process; its id alone may meanwhile be another's."""

    pid: int
    created: float

    def find(self) -> psutil.Process | None:
        """The process, if it runs."""
        try:
            process = psutil.Process(self.pid)
            # Its first thread may be gone while others, which end as well, still hold its port.
            has_ended = process.status() == psutil.STATUS_ZOMBIE and process.num_threads() <= 1
            same = process.create_time() == self.created and not has_ended
        except psutil.NoSuchProcess:
            return None
        return process if same else None


@dataclass(frozen=True)
class _Record:
    """What is remembered of a process: where it listens, and whose end is to be its own."""

    process: _Identity
    port: int
    parent: _Identity | None = None


class RecordedProcess:
    """A process and the file that remembers it.

    Args:
        path: The file; there is none while nothing is remembered.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._started: _Record | None = None

    @property
    def port(self) -> int | None:
        """Where the process that is remembered listens."""
        record = self._record()
        return record.port if record else None

    def remember(self, pid: int, port: int, *, with_parent: bool = False) -> None:
        """Remember a process that has just been started.

        Args:
            pid: Its id.
            port: Where it listens.
            with_parent: Whether it ends when this process does.
        """
        parent = _identity(os.getpid()) if with_parent else None
        self._started = _Record(_identity(pid), port, parent)
        self._path.write_text(json.dumps(asdict(self._started)))

    def find(self) -> psutil.Process | None:
        """The process, if it runs."""
        record = self._record()
        return record.process.find() if record else None

    def find_parent(self) -> psutil.Process | None:
        """The process that it ends with, if there is one and it runs."""
        record = self._record()
        return record.parent.find() if record and record.parent else None

    def is_orphan(self) -> bool:
        """Whether it is about to end, since the process that it ends with has ended."""
        record = self._record()
        return bool(record and record.parent and not record.parent.find())

    def kill(self) -> None:
        """End it at once, if it runs, with every process that it started, and forget it."""
        if process := self.find():
            processes = [process, *process.children(recursive=True)]
            with suppress(psutil.NoSuchProcess):
                process.kill()
            _gone, alive = psutil.wait_procs(processes, timeout=STOP_TIMEOUT_SECONDS)
            for survivor in alive:
                with suppress(psutil.NoSuchProcess):
                    survivor.kill()
            psutil.wait_procs(alive)
        # Meanwhile, another command may have started and remembered another.
        if self._started in (None, self._read()):
            self._path.unlink(missing_ok=True)
        self._started = None

    def _record(self) -> _Record | None:
        """What was started here, or else by another command."""
        return self._started or self._read()

    def _read(self) -> _Record | None:
        """What the file remembers, if anything that can be read."""
        try:
            found = json.loads(self._path.read_text())
            parent = _Identity(**found["parent"]) if found["parent"] else None
            return _Record(_Identity(**found["process"]), found["port"], parent)
        except (FileNotFoundError, ValueError, TypeError, KeyError):
            return None


def _identity(pid: int) -> _Identity:
    return _Identity(pid, psutil.Process(pid).create_time())


def end_of(log: Path) -> str:
    """Quote the last lines of a process's log, for a message that says what went wrong."""
    last = log.read_text(errors="replace").strip().splitlines()[-LOG_TAIL_LINES:]
    return f"The end of {log}:\n" + "\n".join(last)
