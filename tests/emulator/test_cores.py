"""LocalStack runs on one core, and what it starts on all."""

import os
import subprocess
import sys
from contextlib import suppress

import pytest

from emulator.server import Server

CORES = os.sched_getaffinity(0)
STARTS = """
import os, subprocess, sys, threading
from emulator.cores import all_cores, stay_on_one

SAYS = "import os; print(len(os.sched_getaffinity(0)))"
more = threading.Event()
thread = threading.Thread(target=more.wait)
thread.start()
stay_on_one()
print(*{len(os.sched_getaffinity(one)) for one in (0, thread.native_id)}, flush=True)
with all_cores():
    subprocess.run([sys.executable, "-c", SAYS], check=True)
print(len(os.sched_getaffinity(0)))
more.set()
"""

pytestmark = pytest.mark.skipif(len(CORES) == 1, reason="this machine has one core")


def test_all_threads_stay_on_one_and_a_process_is_started_on_all() -> None:
    done = subprocess.run([sys.executable, "-c", STARTS], stdout=subprocess.PIPE, text=True, check=True)
    assert done.stdout.split() == ["1", str(len(CORES)), "1"]


def test_so_do_those_of_a_sandbox(localstack: Server) -> None:
    process = localstack.process()
    assert process
    found = set()
    for thread in process.threads():
        with suppress(ProcessLookupError):
            found.add(frozenset(os.sched_getaffinity(thread.id)))
    (cores,) = found
    assert len(cores) == 1
