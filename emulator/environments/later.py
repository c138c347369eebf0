"""Do something in a moment, in a thread that all environments share."""

import logging
import queue
import threading
import time
from collections.abc import Callable
from functools import cached_property

LOG = logging.getLogger(__name__)

Action = Callable[[], None]


class Later:
    """What is done in a moment, one after the other; whoever is called finds out itself whether that is still right.

    Args:
        name: What its thread is called.
        seconds: How long a moment is.
    """

    def __init__(self, name: str, seconds: float) -> None:
        self._name = name
        self._seconds = seconds
        self._starting = threading.Lock()

    def call(self, action: Action) -> None:
        """Call *action* in a moment."""
        self._waiting.put((time.monotonic() + self._seconds, action))

    @property
    def _waiting(self) -> "queue.SimpleQueue[tuple[float, Action]]":
        with self._starting:
            return self._started

    @cached_property
    def _started(self) -> "queue.SimpleQueue[tuple[float, Action]]":
        waiting: queue.SimpleQueue[tuple[float, Action]] = queue.SimpleQueue()
        threading.Thread(target=_work, args=(waiting,), name=self._name, daemon=True).start()
        return waiting


def _work(waiting: "queue.SimpleQueue[tuple[float, Action]]") -> None:
    while True:
        due, action = waiting.get()
        time.sleep(max(0.0, due - time.monotonic()))
        try:
            action()
        except Exception:
            LOG.exception("what an environment wanted to be done failed")
