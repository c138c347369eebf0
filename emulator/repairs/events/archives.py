"""Archives, the rules that fill them, and replays.

LocalStack 4.14.0 makes an archive's rule in the name of EventBridge, to which no policy could allow it. On AWS the rule
is EventBridge's own: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-archive-event.html. A replay of an
archive that holds events is answered with status 500: their times are text there.
"""

import functools
from datetime import datetime
from typing import Any

from localstack.aws.connect import connect_to
from localstack.services.events.archive import ArchiveService


def make_rules_of_archives() -> None:
    """Make them in nobody's name."""
    ArchiveService._initialize_client = _client


def replay_what_is_archived() -> None:
    """Archive events with a time that can be compared, and replay them with it."""
    put_events = ArchiveService.put_events

    @functools.wraps(put_events)
    def put_with_times(service: Any, events: list[Any]) -> None:
        put_events(service, [{**event, "time": datetime.fromisoformat(event["time"])} for event in events])

    ArchiveService.put_events = put_with_times


def _client(service: Any) -> Any:
    archive = service.archive
    return connect_to(aws_access_key_id=archive.account_id, region_name=archive.region).events
