"""The cores that LocalStack and what it starts run on."""

import os
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

THREADS = Path("/proc/self/task")
# Of a processor with cores of two kinds, those of the fast kind differ by less than this.
FAST_SHARE = 0.9

_all_cores = _own_cores = os.sched_getaffinity(0)
_starting: set[int] = set()
_lock = threading.Lock()


def given_cores() -> int:
    """How many cores LocalStack was given."""
    return len(_all_cores)


def stay_on_one() -> None:
    """Let all threads run on one core, as long as there is another one for everything else.

    They share one lock. Between two cores, handing it on takes longer than most of what is done with it.
    """
    global _own_cores
    if len(_all_cores) > 1:
        fast = _fast(_all_cores)
        # Any of them, so that several sandboxes seldom share one.
        _own_cores = {fast[os.urandom(1)[0] % len(fast)]}
        # A thread that had not moved yet may have started another one meanwhile.
        while _moved():
            pass


@contextmanager
def all_cores() -> Iterator[None]:
    """Let the processes that this thread starts meanwhile run on all cores that LocalStack was given."""
    thread = threading.get_native_id()
    with _lock:
        _starting.add(thread)
        os.sched_setaffinity(thread, _all_cores)
    try:
        yield
    finally:
        with _lock:
            _starting.remove(thread)
            os.sched_setaffinity(thread, _own_cores)


def _moved() -> bool:
    """Move the threads that do not start a process right now; whether there was one to move."""
    moved = False
    for thread in (int(folder.name) for folder in THREADS.iterdir()):
        # It may have ended.
        with _lock, suppress(ProcessLookupError):
            if thread not in _starting and os.sched_getaffinity(thread) != _own_cores:
                os.sched_setaffinity(thread, _own_cores)
                moved = True
    return moved


def _fast(cores: Collection[int]) -> list[int]:
    speeds = {core: _speed(core) for core in cores}
    return [core for core, speed in speeds.items() if speed >= FAST_SHARE * max(speeds.values())]


def _speed(core: int) -> int:
    """The highest frequency in kHz; 0 where the kernel does not tell, as in most virtual machines."""
    try:
        return int(Path(f"/sys/devices/system/cpu/cpu{core}/cpufreq/cpuinfo_max_freq").read_text())
    except (OSError, ValueError):
        return 0
