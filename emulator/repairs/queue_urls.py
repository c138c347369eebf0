"""Queue URLs that are looked for in as much text as a queue URL has.

LocalStack 4.14.0 looks for them in the path of each request that names no service, and in each `QueueUrl`, by
expressions whose work grows with the square of the length: 40,000 characters kept all of it from working for 9 s.
"""

import re

from localstack.services.sqs import utils

# Host, region, account and a queue's name of 80 characters, which is the most that SQS allows:
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html
MAX_URL_CHARACTERS = 512
EXPRESSIONS = ("STANDARD_ENDPOINT", "DOMAIN_ENDPOINT", "PATH_ENDPOINT", "LEGACY_ENDPOINT")


class _Expression:
    """As a compiled expression that only a URL with a port matches."""

    def __init__(self, expression: re.Pattern[str]) -> None:
        self._expression = expression

    def search(self, text: str) -> re.Match[str] | None:
        return self._expression.search(text) if ":" in text and len(text) <= MAX_URL_CHARACTERS else None


def look_for_short_queue_urls_only() -> None:
    """Find none in what is too long to be one."""
    for name in EXPRESSIONS:
        setattr(utils, name, _Expression(getattr(utils, name)))
