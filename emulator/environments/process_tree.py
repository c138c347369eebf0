"""What a process and all that it started have: memory, threads; and how to end them."""

import contextlib
import os
import resource
import signal

PAGE_BYTES = resource.getpagesize()
READ_BYTES = 64 * 1024
# Of /proc/PID/stat, counted from the one after the name: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
PARENT_FIELD = 1
THREADS_FIELD = 17
RESIDENT_PAGES_FIELD = 21


def usage(keeper: int) -> tuple[int, int]:
    """What the descendants of a process use.

    Returns:
        Bytes of memory, of all but the first child only what they share with no other process; and how many threads.
    """
    memory = threads = 0
    for place, process in enumerate(descendants(keeper)):
        resident, own_threads = _memory_and_threads(process)
        memory += _private_memory(process) if place else resident
        threads += own_threads
    return memory, threads


def children(process: int) -> list[int]:
    """The processes that a process started, or that it got from others that ended, oldest first."""
    return [int(child) for child in _read(f"/proc/{process}/task/{process}/children").split()]


def descendants(process: int) -> list[int]:
    """The children, theirs, and so on."""
    found = []
    for child in children(process):
        found += [child, *descendants(child)]
    return found


def family(process: int) -> list[int]:
    """A process, what it started, and what else has the same parent: what of that lost its own."""
    fields = _fields(process)
    return descendants(int(fields[PARENT_FIELD])) if fields else []


def send_signal(processes: list[int], number: int) -> None:
    """Send a signal to those processes that still are."""
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, number)


def kill_descendants() -> None:
    """End all that this process started, and return when they are gone; it must get those that lose their parent."""
    with contextlib.suppress(ChildProcessError):
        while True:
            send_signal(descendants(os.getpid()), signal.SIGKILL)
            os.wait()


def _memory_and_threads(process: int) -> tuple[int, int]:
    fields = _fields(process)
    if not fields:
        return 0, 0
    return int(fields[RESIDENT_PAGES_FIELD]) * PAGE_BYTES, int(fields[THREADS_FIELD])


def _fields(process: int) -> list[bytes]:
    """Of /proc/PID/stat, those after the process's name, which is in brackets."""
    return _read(f"/proc/{process}/stat").rpartition(b")")[2].split()


def _private_memory(process: int) -> int:
    """What a process shares with no other; a child that was forked shares most."""
    lines = _read(f"/proc/{process}/smaps_rollup").splitlines()
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(b"Private_"))


def _read(file: str) -> bytes:
    """What the kernel says of a process; nothing when it is gone."""
    try:
        descriptor = os.open(file, os.O_RDONLY)
        try:
            return os.read(descriptor, READ_BYTES)
        finally:
            os.close(descriptor)
    except OSError:
        return b""
