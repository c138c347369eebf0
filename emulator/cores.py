"""The cores that LocalStack and what it starts run on."""

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

THREADS = Path("/proc/self/task")
# Of a processor with cores of two kinds, those of the fast kind differ by less than this.
FAST_SHARE = 0.9

_all_cores = os.sched_getaffinity(0)


def stay_on_one() -> None:
    """Let all threads run on one core, as long as there is another one for everything else.

    They share one lock. Between two cores, handing it on takes longer than most of what is done with it.
    """
    if len(_all_cores) > 1:
        fast = _fast(_all_cores)
        # Any of them, so that several sandboxes seldom share one.
        core = fast[os.urandom(1)[0] % len(fast)]
        for thread in THREADS.iterdir():
            os.sched_setaffinity(int(thread.name), {core})


@contextmanager
def all_cores() -> Iterator[None]:
    """Let the processes that this thread starts meanwhile run on all cores that LocalStack was given."""
    own = os.sched_getaffinity(0)
    os.sched_setaffinity(0, _all_cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, own)


def _fast(cores: Collection[int]) -> list[int]:
    speeds = {core: _speed(core) for core in cores}
    return [core for core, speed in speeds.items() if speed >= FAST_SHARE * max(speeds.values())]


def _speed(core: int) -> int:
    """The highest frequency in kHz; 0 where the kernel does not tell, as in most virtual machines."""
    try:
        return int(Path(f"/sys/devices/system/cpu/cpu{core}/cpufreq/cpuinfo_max_freq").read_text())
    except (OSError, ValueError):
        return 0
