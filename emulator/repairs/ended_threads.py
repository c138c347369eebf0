"""Threads that are forgotten once they have ended.

LocalStack 4.14.0 keeps each thread that it ever started in a list, to stop it in the end: a run leaves forty.
"""

import threading
import time

from localstack.utils.threads import TMP_THREADS

PAUSE_SECONDS = 10


def forget_ended_threads() -> None:
    """Look through the list now and then."""
    threading.Thread(target=_forget_again_and_again, name="forget-ended-threads", daemon=True).start()


def _forget_again_and_again() -> None:
    while True:
        time.sleep(PAUSE_SECONDS)
        forget(TMP_THREADS)


def forget(started: list[object]) -> None:
    """Take out those that have ended, while others may put in more.

    Args:
        started: Threads that were started, or will be, and whatever else is to be stopped.
    """
    for thread in list(started):
        # There are other things in LocalStack's list, which know themselves how to stop.
        if isinstance(thread, threading.Thread) and thread.ident is not None and not thread.is_alive():
            started.remove(thread)
