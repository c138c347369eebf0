"""The machine and the versions that results come from."""

import os
import platform
import re
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import psutil

from benchmarks.ministack import LOCK, NAME

GIGABYTE = 1024**3


def describe_machine() -> dict[str, str]:
    """Say what the results depend on, in the order in which it is shown."""
    locked = re.search(r"^ministack==(\S+)", LOCK.read_text(), re.MULTILINE)
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "CPU": _cpu_model(),
        "cores": str(os.cpu_count()),
        "memory": f"{psutil.virtual_memory().total / GIGABYTE:.1f} GiB",
        "kernel": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
        "LocalStack": version("localstack-core"),
        NAME: locked[1] if locked else "unknown",
    }


def _cpu_model() -> str:
    names = re.findall(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return names[0] if names else platform.machine()
