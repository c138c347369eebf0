"""Whether a function could be invoked now."""

from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from botocore.exceptions import ClientError

from bootstrap.clients import Clients

PARALLEL_REQUESTS = 8


@dataclass(frozen=True)
class Readiness:
    """How a function is.

    Args:
        exists: Whether there is one of that name.
        concurrency: How many invocations it may handle at once, if that is reserved.
    """

    exists: bool = True
    concurrency: int | None = None


def fetch_readiness(clients: Clients, functions: Collection[str]) -> Mapping[str, Readiness]:
    """Ask how some functions of this account are, by their names."""
    if not functions:
        return {}
    with ThreadPoolExecutor(PARALLEL_REQUESTS) as pool:
        return dict(zip(functions, pool.map(lambda name: _fetch(clients, name), functions), strict=True))


def _fetch(clients: Clients, function: str) -> Readiness:
    try:
        said = clients.lambda_.get_function_concurrency(FunctionName=function)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        return Readiness(exists=False)
    return Readiness(concurrency=said.get("ReservedConcurrentExecutions"))
