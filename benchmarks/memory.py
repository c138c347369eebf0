"""The memory of a process and all that it started."""

from contextlib import suppress
from pathlib import Path

import psutil

KIBIBYTES_PER_MEBIBYTE = 1024


def proportional_mebibytes(process: psutil.Process) -> float:
    """The proportional set size (PSS) of a process and its descendants: what they share counts once.

    Args:
        process: The first of them.
    """
    kibibytes = 0
    for member in [process, *process.children(recursive=True)]:
        # Some end meanwhile.
        with suppress(FileNotFoundError, ProcessLookupError):
            kibibytes += read_kibibytes(Path(f"/proc/{member.pid}/smaps_rollup").read_text())
    return kibibytes / KIBIBYTES_PER_MEBIBYTE


def read_kibibytes(rollup: str) -> int:
    """Read the PSS from what `/proc/PID/smaps_rollup` says; of a process that has ended, that is nothing."""
    return next((int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")), 0)
