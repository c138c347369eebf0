"""Archives, and the rules that fill them.

LocalStack 4.14.0 makes an archive's rule in the name of EventBridge, to which no policy could allow it. On AWS the rule
is EventBridge's own: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-archive-event.html.
"""

from typing import Any

from localstack.aws.connect import connect_to
from localstack.services.events.archive import ArchiveService


def make_rules_of_archives() -> None:
    """Make them in nobody's name."""
    ArchiveService._initialize_client = _client


def _client(service: Any) -> Any:
    archive = service.archive
    return connect_to(aws_access_key_id=archive.account_id, region_name=archive.region).events
