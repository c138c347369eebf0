"""Many runs, at once and one after another; `make soak` does more of the same."""

import psutil
import pytest

from benchmarks.account import Account
from benchmarks.soak import measure, run_at_once, run_in_turn
from emulator.server import Server

RUNS = 16
# A pool may take one thread more at any time; a thread or a file that every run leaves is seen.
TOLERATED_GROWTH = RUNS // 3
KEPT_MEBIBYTES_PER_RUN = 2


@pytest.fixture(scope="module")
def account(localstack: Server) -> Account:
    account = Account(localstack.endpoint_url, pause_seconds=0.1)
    account.bootstrap(at_a_time=2)
    run_at_once(account, runs=10, people=4)
    return account


@pytest.fixture(scope="module")
def process(localstack: Server) -> psutil.Process:
    process = localstack.process()
    assert process
    return process


def test_runs_in_turn_are_right_and_leave_no_thread_no_open_file_and_little_memory(
    account: Account, process: psutil.Process
) -> None:
    before = measure(process, "no runs")
    (after,) = run_in_turn(account, process, range(1, RUNS + 1), every=RUNS)
    assert after.threads - before.threads <= TOLERATED_GROWTH
    assert after.open_files - before.open_files <= TOLERATED_GROWTH
    assert after.mebibytes - before.mebibytes <= RUNS * KEPT_MEBIBYTES_PER_RUN
