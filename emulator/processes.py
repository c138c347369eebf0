"""Processes in the background that another command finds again."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

STOP_TIMEOUT_SECONDS = 15
LOG_TAIL_LINES = 5


@dataclass(frozen=True)
class _Record:
    """What is remembered of a process, so that another command finds it."""

    pid: int
    created: float
    port: int


class RecordedProcess:
    """A process and the file that remembers it.

    Args:
        record: The file; there is none while nothing is remembered.
    """

    def __init__(self, record: Path) -> None:
        self._path = record

    @property
    def port(self) -> int | None:
        """Where the process that is remembered listens."""
        record = self._read()
        return record.port if record else None

    def remember(self, pid: int, port: int) -> None:
        """Remember a process that has just been started."""
        created = psutil.Process(pid).create_time()
        self._path.write_text(json.dumps(asdict(_Record(pid, created, port))))

    def find(self) -> psutil.Process | None:
        """The process, if it runs."""
        record = self._read()
        if record is None:
            return None
        try:
            process = psutil.Process(record.pid)
            # The same id may meanwhile belong to another process.
            same = process.create_time() == record.created and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return None
        return process if same else None

    def kill(self) -> None:
        """End it at once, if it runs, with every process that it started, and forget it."""
        if process := self.find():
            processes = [process, *process.children(recursive=True)]
            process.kill()
            _gone, alive = psutil.wait_procs(processes, timeout=STOP_TIMEOUT_SECONDS)
            for survivor in alive:
                survivor.kill()
            psutil.wait_procs(alive)
        self._path.unlink(missing_ok=True)

    def _read(self) -> _Record | None:
        """What was remembered, if anything that can be read."""
        try:
            return _Record(**json.loads(self._path.read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return None


def end_of(log: Path) -> str:
    """Quote the last lines of a process's log, for a message that says what went wrong."""
    last = log.read_text(errors="replace").strip().splitlines()[-LOG_TAIL_LINES:]
    return f"The end of {log}:\n" + "\n".join(last)
