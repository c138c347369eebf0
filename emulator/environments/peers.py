"""Whose connection it is: which processes hold the other end of one on loopback."""

import contextlib
import socket
import struct
from pathlib import Path

from emulator.environments.process_tree import descendants

INODE_FIELD = 9  # of a line of /proc/net/tcp: https://docs.kernel.org/networking/proc_net_tcp.html


def is_held_by(connection: socket.socket, process: int) -> bool:
    """Whether a process, or one that it started, holds the other end of a connection.

    Args:
        connection: Accepted on an IPv4 address of this machine.
        process: Its id.
    """
    inode = _other_end(connection)
    return inode is not None and any(
        f"socket:[{inode}]" in _open_files(pid) for pid in (process, *descendants(process))
    )


def _other_end(connection: socket.socket) -> str | None:
    """The inode of the socket at the other end."""
    try:
        ends = f" {_as_the_kernel_writes(connection.getpeername())} {_as_the_kernel_writes(connection.getsockname())} "
    except OSError:  # it is gone already
        return None
    before, found, after = Path("/proc/net/tcp").read_text().partition(ends)
    line = before.rpartition("\n")[2] + found + after.partition("\n")[0]
    return line.split()[INODE_FIELD] if found else None


def _as_the_kernel_writes(address: tuple[str, int]) -> str:
    (number,) = struct.unpack("=I", socket.inet_aton(address[0]))
    return f"{number:08X}:{address[1]:04X}"


def _open_files(process: int) -> set[str]:
    files = set()
    with contextlib.suppress(OSError):  # it is gone, or it is another user's
        for descriptor in Path(f"/proc/{process}/fd").iterdir():
            with contextlib.suppress(OSError):
                files.add(str(descriptor.readlink()))
    return files
