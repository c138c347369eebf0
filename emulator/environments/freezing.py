"""Stop what has nothing to do, as Lambda freezes an environment between invocations.

https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html. AWS does it at once. Here it waits for a
moment, so that an environment which is invoked again right away is not stopped and continued each time.
"""

import queue
import threading
import time
from collections.abc import Callable
from functools import cache

GRACE_SECONDS = 0.05


def freeze_later(freeze: Callable[[], None]) -> None:
    """Call *freeze* in a moment, in a thread that all share; it must find out itself whether that is still right."""
    _waiting().put((time.monotonic() + GRACE_SECONDS, freeze))


@cache
def _waiting() -> "queue.SimpleQueue[tuple[float, Callable[[], None]]]":
    waiting: queue.SimpleQueue[tuple[float, Callable[[], None]]] = queue.SimpleQueue()
    threading.Thread(target=_work, args=(waiting,), name="freeze-environments", daemon=True).start()
    return waiting


def _work(waiting: "queue.SimpleQueue[tuple[float, Callable[[], None]]]") -> None:
    while True:
        due, freeze = waiting.get()
        time.sleep(max(0.0, due - time.monotonic()))
        freeze()
