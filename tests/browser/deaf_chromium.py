#!/usr/bin/env python3
"""Run the Chromium that `CHROMIUM` names so that it hears nothing of what becomes of the machine's networks.

It breaks off each request that still waits for a connection when an address comes or goes, as with every container of
Docker's, and has no option against that. Linux tells of addresses by netlink sockets; seccomp refuses them here.
https://www.kernel.org/doc/html/latest/userspace-api/seccomp_filter.html
"""

import ctypes
import errno
import os
import socket
import struct
import sys

SET_SECCOMP, SET_NO_NEW_PRIVILEGES = 22, 38
FILTER = 2
SOCKET_CALLS = {"x86_64": 41, "aarch64": 198}
# The steps of a filter: load a word of the call, go on so many steps further if it is not this one, answer.
LOAD, UNLESS, ANSWER = 0x20, 0x15, 0x06
CALL, FIRST_ARGUMENT = 0, 16
REFUSED, ALLOWED = 0x00050000 | errno.EAFNOSUPPORT, 0x7FFF0000


class Program(ctypes.Structure):
    """A filter, as the kernel takes it."""

    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_char_p))


def refuse_netlink() -> None:
    """Refuse netlink sockets to this process, and to all that it becomes and starts."""
    steps = [
        (LOAD, 0, CALL),
        (UNLESS, 3, SOCKET_CALLS[os.uname().machine]),
        (LOAD, 0, FIRST_ARGUMENT),
        (UNLESS, 1, socket.AF_NETLINK),
        (ANSWER, 0, REFUSED),
        (ANSWER, 0, ALLOWED),
    ]
    packed = b"".join(struct.pack("HBBI", what, 0, further, value) for what, further, value in steps)
    program = ctypes.byref(Program(len(steps), packed))
    libc = ctypes.CDLL(None, use_errno=True)
    for option in ((SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0), (SET_SECCOMP, FILTER, program)):
        if libc.prctl(*option):
            raise OSError(ctypes.get_errno(), f"prctl({option[0]})")


if __name__ == "__main__":
    if sys.platform == "linux":
        refuse_netlink()
    os.execv(os.environ["CHROMIUM"], ["chromium", *sys.argv[1:]])  # noqa: S606  # never a shell
