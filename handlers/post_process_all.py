"""Sum up the cookies that everyone ate."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

from botocore.exceptions import ClientError

from handlers.detail_types import DetailType
from handlers.emit import emit
from handlers.events import EventBridgeEvent, read
from handlers.invocation import Context, recorded
from handlers.keys import final_key, report_key
from handlers.storage import PARALLEL_READS, read_json, write_json

# Without s3:ListBucket, which this function does not need, S3 denies access to an object that is not there.
MISSING_CODES = {"NoSuchKey", "AccessDenied"}


class MissingPersonError(Exception):
    """A person of the run has no stored result."""


@recorded
def lambda_handler(event: EventBridgeEvent, _context: Context) -> None:
    """Read what everyone ate, store the report, and pass its key and totals on."""
    execution, names = read(event, "execution", str), read(event, "names", list)
    with ThreadPoolExecutor(PARALLEL_READS) as pool:
        cookies = sum(pool.map(partial(read_cookies, execution), names))
    totals = {"numberOfPeople": len(names), "totalCookiesConsumed": cookies}
    write_json(report_key(execution), {"names": names, **totals})
    emit(event, DetailType.DONE, {"report": report_key(execution), **totals})


def read_cookies(execution: str, name: str) -> int:
    """Read how many cookies one person ate."""
    key = final_key(execution, name)
    try:
        return int(read_json(key)["numberOfCookiesConsumed"])
    except ClientError as error:
        if error.response["Error"]["Code"] not in MISSING_CODES:
            raise
        raise MissingPersonError(
            f"{name!r:.100} has no result at {key}: see why postProcessSingle stored none"
        ) from error
