"""Subscription filters: each hands over the log events that fit it, and does not hold up who writes them.

LocalStack 4.14.0 hands over all events whatever the pattern, gives the second filter of a group what the first one
left, and lets PutLogEvents wait until the function has ended. It asks for the function in the name of CloudWatch Logs,
to which no policy could allow that, and not whether that may invoke it.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html#LambdaFunctionExample
"""

import base64
import gzip
import json
import logging
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from localstack.aws.connect import connect_to
from localstack.services.logs.provider import LogEvent, MotoLogStream
from localstack.utils.aws.arns import log_group_arn, parse_arn
from localstack.utils.aws.client_types import ServicePrincipal
from moto.core.utils import unix_time_millis
from moto.logs.exceptions import InvalidParameterException, ResourceNotFoundException
from moto.logs.models import LogsBackend

from emulator.repairs.logs.filter_patterns import filter_of

LOG = logging.getLogger(__name__)


def hand_over_what_fits() -> None:
    """Let streams hand over events as CloudWatch Logs does."""
    MotoLogStream.put_log_events = _put_log_events
    LogsBackend.put_subscription_filter = _put_subscription_filter


def _put_subscription_filter(store: Any, *arguments: str) -> None:
    group, name, pattern, destination, role = arguments
    if group not in store.groups:
        raise ResourceNotFoundException
    if ":lambda:" not in destination:
        raise InvalidParameterException("The sandbox hands log events to functions only: name one as destinationArn.")
    if role:
        raise InvalidParameterException("destinationArn for vendor lambda cannot be used with roleArn")
    try:
        _client(store, group, destination).invoke(FunctionName=destination, InvocationType="DryRun")
    except ClientError as error:
        raise InvalidParameterException(
            "Could not execute the lambda function. Make sure you have given CloudWatch Logs permission to execute your"
            " function."
        ) from error
    store.groups[group].put_subscription_filter(name, pattern, destination, role)


def _client(store: Any, group: str, destination: str) -> Any:
    """A client for the function that log events are handed to, in the name of CloudWatch Logs.

    Args:
        store: What knows whose the group is: the store of all groups, or one of the group's streams.
        group: The group's name.
        destination: The function's ARN.
    """
    where = parse_arn(destination)
    region = store.region_name if isinstance(store, LogsBackend) else store.region
    return connect_to(aws_access_key_id=where["account"], region_name=where["region"]).lambda_.request_metadata(
        source_arn=log_group_arn(group, store.account_id, region), service_principal=ServicePrincipal.logs
    )


def _put_log_events(stream: Any, log_events: list[Any]) -> str:
    stream.last_ingestion_time = int(unix_time_millis())
    stream.stored_bytes += sum(len(event["message"]) for event in log_events)
    events = [LogEvent(stream.last_ingestion_time, event) for event in log_events]
    stream.events += events
    stream.upload_sequence_token += 1
    for subscription in list(stream.log_group.subscription_filters.values()):
        fits = filter_of(subscription.filter_pattern or "")
        if fitting := [event for event in events if fits(event.message)]:
            _hand_over(stream, subscription, fitting)
    return f"{stream.upload_sequence_token:056d}"


def _hand_over(stream: Any, subscription: Any, events: list[Any]) -> None:
    """Invoke the function of a subscription: there is no other kind of destination among the services."""
    record = {
        "messageType": "DATA_MESSAGE",
        "owner": stream.account_id,
        "logGroup": stream.log_group.name,
        "logStream": stream.log_stream_name,
        "subscriptionFilters": [subscription.name],
        "logEvents": [
            {"id": str(event.event_id), "timestamp": event.timestamp, "message": event.message} for event in events
        ],
    }
    data = base64.b64encode(gzip.compress(json.dumps(record, separators=(",", ":")).encode())).decode()
    client = _client(stream, stream.log_group.name, subscription.destination_arn)
    payload = json.dumps({"awslogs": {"data": data}})
    try:
        client.invoke(FunctionName=subscription.destination_arn, InvocationType="Event", Payload=payload)
    except (ClientError, BotoCoreError):
        LOG.exception("%d log events were not handed over by %s", len(events), subscription.name)
