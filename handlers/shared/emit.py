"""The one place that puts events on the bus."""

import json
import os
from collections import Counter
from typing import TYPE_CHECKING, Any

import boto3
from tenacity import RetryCallState, retry, retry_if_exception, stop_after_attempt, wait_exponential_jitter

from handlers.shared.client_config import CLIENT_CONFIG
from handlers.shared.detail_types import DONE, FAILED
from handlers.shared.errors import PermanentError
from handlers.shared.events import EventBridgeEvent
from handlers.shared.invocation import CURRENT, OBJECTS, now
from handlers.shared.log import log

if TYPE_CHECKING:
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
MAX_ENTRY_BYTES = 1024 * 1024
# An answer to a state is the input of a machine, with the rest of its event around it.
# https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
MAX_ANSWER_BYTES = 256 * 1024 - 1024
ANSWERS = {DONE, FAILED}
# What EventBridge's documentation calls retryable; any other entry would fail again.
RETRYABLE_CODES = {"InternalFailure", "ThrottlingException"}

EVENTS = boto3.client("events", config=CLIENT_CONFIG)


class EventSizeError(PermanentError):
    """An event is larger than EventBridge takes."""


class PutEventError(Exception):
    """EventBridge took the request, but not the event in it."""

    def __init__(self, detail_type: str, code: str, message: str) -> None:
        super().__init__(f"EventBridge did not take the {detail_type} event: {code}: {message}")
        self.code = code


def emit(event: EventBridgeEvent, detail_type: str, added: dict[str, Any]) -> None:
    """Put an event on the bus that carries on the detail of the one being handled, with something added."""
    detail = {**event["detail"], **added, "meta": describe(event, detail_type)}
    entry: PutEventsRequestEntryTypeDef = {
        "EventBusName": os.environ["EVENT_BUS"],
        "Source": os.environ["EVENT_SOURCE"],
        "DetailType": detail_type,
        "Detail": json.dumps(detail),
    }
    refuse_if_too_big(entry, detail)
    event_id = put(event, entry)
    log(event, f"emitted {detail_type}", eventId=event_id)


def describe(event: EventBridgeEvent, detail_type: str) -> dict[str, Any]:
    """Say what came in, what goes out, who made the one of the other, when and with how many objects, in which run."""
    invocation = CURRENT.get()
    return {
        "incoming": {"account": event["account"], "source": event["source"], "detailType": event["detail-type"]},
        "outgoing": {"source": os.environ["EVENT_SOURCE"], "detailType": detail_type},
        "fn": os.environ["AWS_LAMBDA_FUNCTION_NAME"],
        "stateMachine": event["detail"].get("stateMachine"),
        "job": event["detail"].get("job"),
        "causationId": event["id"],
        "requestId": invocation.request_id,
        "logStream": invocation.log_stream,
        "startedAt": invocation.started_at,
        "emittedAt": now(),
        **({"objects": dict(Counter(OBJECTS))} if OBJECTS else {}),
    }


def refuse_if_too_big(entry: "PutEventsRequestEntryTypeDef", detail: dict[str, Any]) -> None:
    """Measure an entry as EventBridge does: the bytes of its source, its detail type and its detail."""
    size = sum(len(text.encode()) for text in (entry["Source"], entry["DetailType"], entry["Detail"]))
    allowed = MAX_ANSWER_BYTES if entry["DetailType"] in ANSWERS else MAX_ENTRY_BYTES
    if size > allowed:
        sizes = {key: len(json.dumps(value)) for key, value in detail.items()}
        largest = max(sizes, key=sizes.__getitem__)
        raise EventSizeError(
            f"the {entry['DetailType']} event has {size:,} bytes, {allowed:,} are allowed; detail.{largest} "
            f"alone has {sizes[largest]:,}: store it in the bucket and pass its key"
        )


def is_retryable(error: BaseException) -> bool:
    """Tell whether the same entry may be taken later."""
    return isinstance(error, PutEventError) and error.code in RETRYABLE_CODES


def log_retry(state: RetryCallState) -> None:
    """Log that an entry failed and will be put again."""
    error = state.outcome and state.outcome.exception()
    log(state.args[0], "putting the event again", level="WARNING", error=str(error), attempt=state.attempt_number)


# Five waits, four seconds in all; a request that fails as a whole is botocore's to retry. The event is for log_retry.
@retry(
    retry=retry_if_exception(is_retryable),
    wait=wait_exponential_jitter(multiplier=0.1, jitter=0.2),
    stop=stop_after_attempt(6),
    before_sleep=log_retry,
    reraise=True,
)
def put(_event: EventBridgeEvent, entry: "PutEventsRequestEntryTypeDef") -> str:
    """Put one entry and return the id of the event it became."""
    response = EVENTS.put_events(Entries=[entry])
    result = response["Entries"][0]
    if response["FailedEntryCount"]:
        raise PutEventError(entry["DetailType"], result["ErrorCode"], result.get("ErrorMessage", "no message"))
    return result["EventId"]
