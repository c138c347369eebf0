"""What reaches a function's own dead-letter queue of an event that Lambda gives up.

LocalStack 4.14.0 sends no event whose function gave no answer, and none whose error has no text; it makes up the id of
the request, and nobody is told what was not sent.
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html#invocation-dlq
"""

import json
import logging
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from localstack.aws.connect import connect_to
from localstack.services.lambda_.invocation.event_manager import Poller
from localstack.utils.aws.arns import parse_arn, sqs_queue_url_for_arn
from localstack.utils.aws.client_types import ServicePrincipal

LOG = logging.getLogger(__name__)

ERROR_BYTES = 1024
STATUS, THROTTLED_STATUS = "200", "429"


def send_all_dead_letters() -> None:
    """Send each event as it is, with what AWS says of it."""
    Poller.process_dead_letter_queue = _send


def _send(poller: Any, queued: Any, result: Any) -> None:
    version = poller.version_manager.function_version
    target = version.config.dead_letter_arn
    if not target:
        return
    said = {"RequestID": queued.invocation.request_id, **_failure(result.payload)}
    kinds = {"ErrorCode": "Number"}
    attributes = {name: {"DataType": kinds.get(name, "String"), "StringValue": text} for name, text in said.items()}
    clients = connect_to.with_assumed_role(
        role_arn=version.config.role,
        service_principal=ServicePrincipal.lambda_,
        region_name=parse_arn(target)["region"],
    )
    caller = {"source_arn": poller.version_manager.function_arn, "service_principal": ServicePrincipal.lambda_}
    body = queued.invocation.payload.decode()
    try:
        if ":sqs:" in target:
            queue = clients.sqs.request_metadata(**caller)
            queue.send_message(QueueUrl=sqs_queue_url_for_arn(target), MessageBody=body, MessageAttributes=attributes)
        else:
            topic = clients.sns.request_metadata(**caller)
            topic.publish(TopicArn=target, Message=body, MessageAttributes=attributes)
    except (BotoCoreError, ClientError):
        LOG.exception("%s: an event did not reach %s", version.id.function_name, target)


def _failure(answer: bytes | None) -> dict[str, str]:
    """What is said of a failure; the function of an event that was only ever throttled gave no answer."""
    if answer is None:
        return {"ErrorCode": THROTTLED_STATUS}
    try:
        text = json.loads(answer)["errorMessage"]
    except (ValueError, KeyError, TypeError):
        text = ""
    # An attribute is not empty.
    first = text.encode()[:ERROR_BYTES].decode(errors="ignore") if isinstance(text, str) else ""
    return {"ErrorCode": STATUS} | ({"ErrorMessage": first} if first else {})
