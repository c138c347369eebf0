"""Let a process read and write some folders only, where it cannot have a view of its own.

https://docs.kernel.org/userspace-api/landlock.html. Needs no privilege, and works in containers, where namespaces are
not allowed. What is bounded so can neither look into nor end processes that are not.
"""

import os
import struct
from collections.abc import Iterable
from pathlib import Path

from emulator.environments import kernel

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION_FLAG = 1
_PATH_BENEATH = 1

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR, _TRUNCATE = 1 << 0, 1 << 1, 1 << 2, 1 << 3, 1 << 14
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE
READ = _EXECUTE | _READ_FILE | _READ_DIR
USE = _WRITE_FILE | _READ_FILE
# How many of the bits a version of Landlock knows; those that follow are not about files that functions have.
_KNOWN_BITS = {1: 13, 2: 14}
_MOST_KNOWN_BITS = 15
ALL = (1 << _MOST_KNOWN_BITS) - 1
# From version 6 on: no signals to processes outside, no connection to their abstract sockets.
_SCOPES = 0b11
_SCOPES_SINCE = 6


def version() -> int:
    """Which version of Landlock the kernel has; 0 if none is in use."""
    try:
        return kernel.system_call(_CREATE_RULESET, "landlock_create_ruleset", None, 0, _VERSION_FLAG)
    except OSError:
        return 0


def restrict(allowed: Iterable[tuple[Path, int]]) -> None:
    """Allow this process, and what it starts, nothing but what is listed; without Landlock, all stays allowed.

    Args:
        allowed: Files and folders, and what may be done there: READ, USE, ALL. What does not exist is left out.
    """
    has = version()
    if not has:
        return
    known = (1 << _KNOWN_BITS.get(has, _MOST_KNOWN_BITS)) - 1
    attributes = struct.pack("QQQ", known, 0, _SCOPES) if has >= _SCOPES_SINCE else struct.pack("Q", known)
    rules = kernel.system_call(_CREATE_RULESET, "landlock_create_ruleset", attributes, len(attributes), 0)
    for path, access in allowed:
        if path.exists():
            _allow(rules, path, access & known)
    kernel.system_call(_RESTRICT_SELF, "landlock_restrict_self", rules, 0)
    os.close(rules)


def _allow(rules: int, path: Path, access: int) -> None:
    descriptor = os.open(path, os.O_PATH)
    rule = struct.pack("=Qi", access if path.is_dir() else access & _OF_FILES, descriptor)
    kernel.system_call(_ADD_RULE, "landlock_add_rule", rules, _PATH_BENEATH, rule, 0)
    os.close(descriptor)
