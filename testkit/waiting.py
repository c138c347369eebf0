"""How tests wait: for a condition, up to a deadline."""

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from tenacity import RetryCallState, RetryError, Retrying, retry_if_result, stop_after_delay

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

DEADLINE_SECONDS = 60
# To look is to be load: the longer it takes, the rarer, so that what is there is found at most a tenth too late.
SHORTEST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 0.5
PAUSE_PER_SECOND = 0.1


def wait_for[T](what: str, look: Callable[[], T | None], deadline_seconds: float = DEADLINE_SECONDS) -> T:
    """Call *look* until it returns something true, and return that.

    Raises:
        AssertionError: It did not within the deadline; *what* says what was waited for.
    """
    polling = Retrying(
        retry=retry_if_result(lambda found: not found),
        stop=stop_after_delay(deadline_seconds),
        wait=_pause,
    )
    try:
        return cast("T", polling(look))
    except RetryError as error:
        raise AssertionError(f"{what}: not within {deadline_seconds:g} s") from error


def _pause(state: RetryCallState) -> float:
    waited = state.seconds_since_start or 0.0
    return min(max(SHORTEST_PAUSE_SECONDS, PAUSE_PER_SECOND * waited), LONGEST_PAUSE_SECONDS)


def wait_until_in_use(functions: "LambdaClient", name: str) -> None:
    """Wait until a function that was made or changed is so; boto3's own waiters look only once in a second.

    Raises:
        AssertionError: It failed, or is not so within the deadline.
    """

    def is_in_use() -> bool:
        found = functions.get_function_configuration(FunctionName=name)
        states = (found["State"], found.get("LastUpdateStatus"))
        assert "Failed" not in states, found
        return states == ("Active", "Successful")

    wait_for(f"function {name}", is_in_use)
