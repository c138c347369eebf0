"""LocalStack runs on one core, and what it starts on all."""

import os
import subprocess
import sys
from contextlib import suppress

import pytest

from bootstrap.settings import load_settings
from emulator.server import Server
from testkit.waiting import wait_for

CORES = os.sched_getaffinity(0)
STARTS = """
import os, subprocess, sys, threading
from emulator.cores import all_cores, stay_on_one

SAYS = "import os; print(len(os.sched_getaffinity(0)))"
def start():
    with all_cores():
        starting.set()
        moved.wait()
        subprocess.run([sys.executable, "-c", SAYS], check=True)
    print(len(os.sched_getaffinity(0)), flush=True)

starting, moved, more = threading.Event(), threading.Event(), threading.Event()
thread, starter = threading.Thread(target=more.wait), threading.Thread(target=start)
thread.start()
starter.start()
starting.wait()
stay_on_one()
print(*{len(os.sched_getaffinity(one)) for one in (0, thread.native_id)}, flush=True)
moved.set()
starter.join()
with all_cores():
    subprocess.run([sys.executable, "-c", SAYS], check=True)
print(len(os.sched_getaffinity(0)))
more.set()
"""

pytestmark = pytest.mark.skipif(len(CORES) == 1, reason="this machine has one core")


def test_all_threads_move_to_one_and_a_process_is_started_on_all() -> None:
    done = subprocess.run([sys.executable, "-c", STARTS], stdout=subprocess.PIPE, text=True, check=True)
    every = str(len(CORES))
    assert done.stdout.split() == ["1", every, "1", every, "1"]


@pytest.mark.skipif(not load_settings().patches, reason="LocalStack as it comes runs on all cores")
def test_those_of_a_sandbox_do_once_its_services_are_loaded(localstack: Server) -> None:
    process = localstack.process()
    assert process

    def found() -> set[frozenset[int]]:
        cores = set()
        for thread in process.threads():
            with suppress(ProcessLookupError):
                cores.add(frozenset(os.sched_getaffinity(thread.id)))
        return cores

    wait_for("one core", lambda: [len(cores) for cores in found()] == [1])
