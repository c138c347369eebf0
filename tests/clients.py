"""Clients of the tests' sandboxes, each made once: that takes longer than most tests."""

from functools import cache
from typing import Any

import boto3
from botocore.config import Config


@cache
def client_at(endpoint_url: str, service: Any, account: str = "test", **settings: Any) -> Any:
    """A client that gives what the service answers at first; botocore would ask again after a status 500.

    Args:
        endpoint_url: Where.
        service: The service's name.
        account: Whose it is: 12 digits, or `test`.
        settings: More of botocore's `Config`.
    """
    once = Config(retries={"total_max_attempts": 1}, **settings)
    return boto3.Session(account, "test", region_name="us-east-1").client(
        service, endpoint_url=endpoint_url, config=once
    )
