"""LocalStack's list of threads keeps those that go on."""

import threading
from concurrent.futures import ThreadPoolExecutor

from emulator.repairs.ended_threads import forget


def test_only_threads_that_have_ended_are_forgotten() -> None:
    going_on = threading.Event()
    ended, running, not_started = (threading.Thread(target=work) for work in (int, going_on.wait, int))
    ended.start()
    running.start()
    ended.join()
    pool = ThreadPoolExecutor()
    started: list[object] = [not_started, ended, pool, running, ended]
    forget(started)
    assert started == [not_started, pool, running]
    going_on.set()
    running.join()
