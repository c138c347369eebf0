"""Sum up the cookies that everyone ate."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http import HTTPStatus
from typing import Any

from handlers.detail_types import DetailType
from handlers.keys import failure_key, final_key, report_key
from handlers.shared.emit import emit
from handlers.shared.errors import PermanentError
from handlers.shared.events import DetailError, EventBridgeEvent, read, read_texts
from handlers.shared.failure import answers_failure
from handlers.shared.fetching import FetchError
from handlers.shared.invocation import Context, recorded
from handlers.shared.storage import PARALLEL_READS, read_json, write_json

# Without s3:ListBucket, which this function does not need, S3 denies access to an object that is not there.
MISSING_STATUSES = {HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN}
# What a person's branch of the state machine comes to when it fails.
FAILED = "failed"


class MissingPersonError(PermanentError):
    """A person of the run has no stored result."""


class TooManyFailuresError(PermanentError):
    """More people have failed than the run tolerates."""


@recorded
@answers_failure
def lambda_handler(event: EventBridgeEvent, _context: Context) -> None:
    """Read what everyone ate, store the report, and pass its key and totals on."""
    execution = read(event, "execution", str)
    names, failed = divide(event)
    with ThreadPoolExecutor(PARALLEL_READS) as pool:
        missing = list(pool.map(partial(read_failure, execution), failed))
        refuse_if_too_many(event, missing, len(names) + len(missing))
        cookies = sum(pool.map(partial(read_cookies, execution), names))
    totals = {"numberOfPeople": len(names), "totalCookiesConsumed": cookies}
    write_json(report_key(execution), {"names": names, **totals, **({"missing": missing} if missing else {})})
    emit(event, DetailType.DONE, {"report": report_key(execution), **totals})


def divide(event: EventBridgeEvent) -> tuple[list[str], list[int]]:
    """Divide the people into the names of those who have a result, and the numbers of those whose branch failed."""
    names, outcomes = read_texts(event, "names"), read_texts(event, "outcomes")
    if len(names) != len(outcomes):
        raise DetailError(
            f"the {event['detail-type']} event {event['id']} has {len(outcomes)} outcomes, {len(names)} names"
        )
    present = [name for name, outcome in zip(names, outcomes, strict=True) if outcome != FAILED]
    return present, [number for number, outcome in enumerate(outcomes) if outcome == FAILED]


def read_failure(execution: str, number: int) -> dict[str, Any]:
    """Read who failed, and why."""
    return read_json(failure_key(execution, number))


def refuse_if_too_many(event: EventBridgeEvent, missing: list[dict[str, Any]], people: int) -> None:
    """Let the run fail, with the first person's failure as an example, if too large a share of them failed."""
    tolerated = read(event, "toleratedFailures", int)
    if missing and 100 * len(missing) > tolerated * people:
        first = missing[0]
        raise TooManyFailuresError(
            f"{len(missing)} of {people} people failed, {tolerated} % are tolerated; the first was "
            f"{first['name']!r:.100}: {first['error']}: {first['cause']}"
        )


def read_cookies(execution: str, name: str) -> int:
    """Read how many cookies one person ate."""
    key = final_key(execution, name)
    try:
        return int(read_json(key)["numberOfCookiesConsumed"])
    except FetchError as error:
        if error.status not in MISSING_STATUSES:
            raise
        raise MissingPersonError(
            f"{name!r:.100} has no result at {key}: see why postProcessSingle stored none"
        ) from error
