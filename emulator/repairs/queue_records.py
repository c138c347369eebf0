"""Records of an SQS queue, which a function is given as they were sent.

LocalStack 4.14.0 reads each body as JSON, to hold it against filters, and writes it anew: `{"a":1}` becomes
`{"a": 1}`, and of `"text"` the quotes are gone. https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
"""

import functools
from typing import Any

from localstack.services.lambda_.event_source_mapping.pollers import sqs_poller
from localstack.services.lambda_.event_source_mapping.pollers.sqs_poller import SqsPoller


class _Record(dict[str, Any]):
    """A record that knows its body as it was sent."""

    sent: str


def hand_over_bodies_as_sent() -> None:
    """Filter what is read of a body, and hand over the body."""
    transform, add = sqs_poller.transform_into_events, SqsPoller.add_source_metadata

    @functools.wraps(transform)
    def transform_and_keep(messages: list[Any]) -> list[_Record]:
        records = [_Record(event) for event in transform(messages)]
        for record in records:
            record.sent = record["body"]
        return records

    @functools.wraps(add)
    def add_and_restore(poller: Any, events: list[_Record], *more: Any) -> Any:
        for event in events:
            event["body"] = event.sent
        return add(poller, events, *more)

    sqs_poller.transform_into_events = transform_and_keep
    SqsPoller.add_source_metadata = add_and_restore
