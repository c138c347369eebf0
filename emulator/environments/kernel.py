"""What Linux offers beyond Python's `os`: mounts, namespaces that a new process starts in, fewer privileges.

Imports nothing that is not in every interpreter: the process that uses it has no site-packages.
"""

import ctypes
import os
import platform
import signal
import struct

MS_BIND = 0x1000
MS_REC = 0x4000
MS_PRIVATE = 0x40000
MS_NOSUID, MS_NODEV, MS_NOEXEC = 2, 4, 8
MNT_DETACH = 2
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38

_SYS_CLONE3 = 435
_SYS_MOUNT_SETATTR = 442
_SYS_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
_AT_FDCWD = -100
_AT_RECURSIVE = 0x8000
_MOUNT_ATTR_RDONLY = 1
_LINUX_CAPABILITY_VERSION_3 = 0x20080522
_CLONE_ARGUMENTS = 11  # unsigned numbers of 64 bits, most of them 0: the flags come first, the exit signal fifth

# The interpreter's lock is kept during the calls: one of them returns twice.
_libc = ctypes.PyDLL(None, use_errno=True)


def mount(source: str, target: str, kind: str | None, flags: int, options: str | None = None) -> None:
    """Mount something, see https://man7.org/linux/man-pages/man2/mount.2.html."""
    encoded = [text.encode() if text is not None else None for text in (source, target, kind, options)]
    _check(_libc.mount(*encoded[:3], ctypes.c_ulong(flags), encoded[3]), target)


def bind(source: str, target: str) -> None:
    """Show a file, or a folder with all that is mounted in it, at another place."""
    mount(source, target, None, MS_BIND | MS_REC)


def make_read_only(target: str, *, recursive: bool = True) -> None:
    """Let nobody write through what is mounted at *target*."""
    attributes = struct.pack("QQQQ", _MOUNT_ATTR_RDONLY, 0, 0, 0)
    flags = _AT_RECURSIVE if recursive else 0
    system_call(_SYS_MOUNT_SETATTR, target, _AT_FDCWD, target.encode(), flags, attributes, len(attributes))


def detach(target: str) -> None:
    """Take what is mounted at *target* out of sight, with all that is mounted in it."""
    _check(_libc.umount2(target.encode(), MNT_DETACH), target)


def pivot_root(new_root: str, old_root: str) -> None:
    """Make a folder the root, see https://man7.org/linux/man-pages/man2/pivot_root.2.html.

    Raises:
        OSError: The kernel refuses it, or this machine is of a kind whose number for it is not known here.
    """
    number = _SYS_PIVOT_ROOT.get(platform.machine())
    if number is None:
        raise OSError(f"pivot_root is not known for {platform.machine()}")
    system_call(number, new_root, new_root.encode(), old_root.encode())


def fork_into(namespaces: int) -> int:
    """Fork, the child in new namespaces.

    Args:
        namespaces: ``os.CLONE_NEW…`` flags.

    Returns:
        As os.fork() does. The caller has one thread only.
    """
    arguments = [0] * _CLONE_ARGUMENTS
    arguments[0], arguments[4] = namespaces, signal.SIGCHLD
    packed = struct.pack(f"{_CLONE_ARGUMENTS}Q", *arguments)
    return system_call(_SYS_CLONE3, "clone3", packed, len(packed))


def system_call(number: int, what: str, *arguments: int | bytes | None) -> int:
    """Make a system call that the C library has no function for.

    Args:
        number: The same on all machines, for those that Linux has got since 2018.
        what: Its name, for the error.
        arguments: Numbers, and what the kernel reads.

    Raises:
        OSError: The kernel refuses it, or does not know it.
    """
    result: int = _libc.syscall(number, *arguments)
    _check(result, what)
    return result


def control_process(option: int, value: int) -> None:
    """Set what the kernel does with this process, see https://man7.org/linux/man-pages/man2/prctl.2.html."""
    _check(_libc.prctl(option, value, 0, 0, 0), f"prctl {option}")


def drop_privileges() -> None:
    """Give up every capability, for good: no program that is started gets any back."""
    control_process(PR_SET_NO_NEW_PRIVS, 1)
    header = struct.pack("Ii", _LINUX_CAPABILITY_VERSION_3, 0)
    _check(_libc.capset(header, bytes(24)), "capset")


def _check(result: int, what: str) -> None:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), what)
