"""How tests wait: for a condition, up to a deadline."""

from collections.abc import Callable

from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_fixed

DEADLINE_SECONDS = 60
POLL_SECONDS = 0.05


def wait_for[T](what: str, look: Callable[[], T], deadline_seconds: float = DEADLINE_SECONDS) -> T:
    """Call *look* until it returns something true, and return that.

    Raises:
        AssertionError: It did not within the deadline; *what* says what was waited for.
    """
    polling = Retrying(
        retry=retry_if_result(lambda found: not found),
        stop=stop_after_delay(deadline_seconds),
        wait=wait_fixed(POLL_SECONDS),
    )
    try:
        return polling(look)
    except RetryError as error:
        raise AssertionError(f"{what}: not within {deadline_seconds:g} s") from error
