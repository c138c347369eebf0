"""Events that reach their targets, also when a target fails at first, as EventBridge delivers them.

LocalStack 4.14.0 only logs that a target failed, and the event is lost.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html
"""

import copy
import functools
import logging
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from botocore.exceptions import ClientError
from localstack.aws.connect import connect_to
from localstack.services.events.target import TargetSender
from localstack.services.events.utils import to_json_str
from localstack.utils.aws.arns import parse_arn, sqs_queue_url_for_arn
from localstack.utils.aws.client_types import ServicePrincipal
from localstack.utils.scheduler import Scheduler
from tenacity import RetryCallState, Retrying, wait_random_exponential

LOG = logging.getLogger(__name__)

MAXIMUM_RETRY_ATTEMPTS = 185
MAXIMUM_EVENT_AGE_SECONDS = 24 * 60 * 60
# AWS does not say how long it waits; so, its 185 attempts take a day, and a passing fault is over in a moment.
RETRYING = Retrying(wait=wait_random_exponential(multiplier=0.5, max=900))
WORKER_THREADS = 8

# No retry can mend what is wrong with the event or the target, or what LocalStack does not have.
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
FINAL_ERRORS = {"InputError", "NotImplementedError"}
# Of a service's answers that blame the request, those that mean that it comes too early, or too often.
PASSING_STATUS = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS}
PASSING_CODE = re.compile("Throttl|TooManyRequests|LimitExceeded|SlowDown|Timeout|Conflict|OperationAborted")
# How EventBridge words why an event is in a dead-letter queue, where it has a word of its own.
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
CODES = {
    "AccessDenied": "NO_PERMISSIONS",
    "AccessDeniedException": "NO_PERMISSIONS",
    "AWS.SimpleQueueService.NonExistentQueue": "NO_RESOURCE",
    "QueueDoesNotExist": "NO_RESOURCE",
    "ResourceNotFoundException": "NO_RESOURCE",
    "StateMachineDoesNotExist": "NO_RESOURCE",
}
ASSUME_ROLE = "AssumeRole"
# LocalStack's, of events that are on their way to a target.
OWN_FIELD = "event-bus-name"


class InputError(Exception):
    """What a target makes of an event is nothing that could be sent."""


def without_own_field(event: Any) -> Any:
    """An event as its target is to see it."""
    return {name: value for name, value in event.items() if name != OWN_FIELD} if isinstance(event, dict) else event


def retry_deliveries() -> None:
    """Deliver again what a target did not take, and at last put it into the target's dead-letter queue."""
    TargetSender.process_event = Deliveries(TargetSender.process_event).method()


@dataclass
class _Delivery:
    """An event on its way to a target; its state counts the attempts, and the seconds since the first."""

    sender: Any
    event: Any
    trace_header: Any
    state: RetryCallState


class Deliveries:
    """What is still to be delivered.

    Args:
        send: Sends an event to the target of a sender, or raises.
    """

    def __init__(self, send: Any) -> None:
        self._send = send
        self._scheduler = Scheduler(ThreadPoolExecutor(WORKER_THREADS, thread_name_prefix="event-delivery"))
        threading.Thread(target=self._scheduler.run, name="event-deliveries", daemon=True).start()

    def method(self) -> Any:
        """The first attempt, as a method of a target's sender; what failed is raised, and tried again later."""

        @functools.wraps(self._send)
        def process_event(sender: Any, event: Any, trace_header: Any) -> None:
            state = RetryCallState(RETRYING, None, (), {})
            # Sending changes the event.
            delivery = _Delivery(sender, copy.copy(event), trace_header, state)
            try:
                self._send(sender, event, trace_header)
            except Exception as error:
                self._failed(delivery, error)
                raise

        return process_event

    def try_again(self, delivery: _Delivery) -> None:
        """Send an event that its target refused, once more."""
        delivery.state.prepare_for_next_attempt()
        try:
            self._send(delivery.sender, copy.copy(delivery.event), delivery.trace_header)
        except Exception as error:  # noqa: BLE001  # whatever a target raises
            self._failed(delivery, error)

    def _failed(self, delivery: _Delivery, error: Exception) -> None:
        if exhausted := _exhausted(delivery):
            _bury(delivery, error, {"EXHAUSTED_RETRY_CONDITION": exhausted})
        elif _is_final(error):
            _bury(delivery, error, {})
        else:
            if delivery.state.attempt_number == 1:
                LOG.error("%s; it is tried again", _said(delivery, error))
            start = time.time() + RETRYING.wait(delivery.state)
            self._scheduler.schedule(self.try_again, start=start, args=(delivery,))


def _is_final(error: Exception) -> bool:
    """Whether no retry can mend it."""
    code = error_code(error)
    if not isinstance(error, ClientError):
        return code in FINAL_ERRORS
    status = HTTPStatus(error.response["ResponseMetadata"]["HTTPStatusCode"])
    return status.is_client_error and status not in PASSING_STATUS and not PASSING_CODE.search(code)


def error_code(error: Exception) -> str:
    """What a service answered, or the kind of error that LocalStack itself met."""
    return error.response["Error"]["Code"] if isinstance(error, ClientError) else type(error).__name__


def _said_code(error: Exception) -> str:
    """What EventBridge says about it."""
    if isinstance(error, ClientError) and error.operation_name == ASSUME_ROLE:
        return "FAILED_TO_ASSUME_ROLE"
    return CODES.get(error_code(error), error_code(error))


def _exhausted(delivery: _Delivery) -> str | None:
    """Which part of the target's retry policy allows no more attempt."""
    policy = delivery.sender.target.get("RetryPolicy") or {}
    if delivery.state.attempt_number > policy.get("MaximumRetryAttempts", MAXIMUM_RETRY_ATTEMPTS):
        return "MaximumRetryAttempts"
    age_seconds = time.monotonic() - delivery.state.start_time
    if age_seconds >= policy.get("MaximumEventAgeInSeconds", MAXIMUM_EVENT_AGE_SECONDS):
        return "MaximumEventAgeInSeconds"
    return None


def _said(delivery: _Delivery, error: Exception) -> str:
    sender = delivery.sender
    said = str(error) or error_code(error)
    return f"rule {sender.rule_name}, target {sender.target['Arn']}: an event was not delivered: {said}"


def _bury(delivery: _Delivery, error: Exception, more: dict[str, str]) -> None:
    """Put an event into the target's dead-letter queue, or say that it is lost."""
    target = delivery.sender.target
    LOG.error(_said(delivery, error))
    queue = (target.get("DeadLetterConfig") or {}).get("Arn")
    if not queue:
        return
    said = more | {
        "RULE_ARN": delivery.sender.rule_arn,
        "TARGET_ARN": target["Arn"],
        "ERROR_CODE": _said_code(error),
        "ERROR_MESSAGE": str(error) or error_code(error),
        "RETRY_ATTEMPTS": str(delivery.state.attempt_number - 1),
    }
    where = parse_arn(queue)
    clients = connect_to(aws_access_key_id=where["account"], region_name=where["region"])
    sqs = clients.sqs.request_metadata(source_arn=delivery.sender.rule_arn, service_principal=ServicePrincipal.events)
    try:
        sqs.send_message(
            QueueUrl=sqs_queue_url_for_arn(queue),
            MessageBody=to_json_str(without_own_field(delivery.event)),
            MessageAttributes={name: {"DataType": "String", "StringValue": value} for name, value in said.items()},
        )
    except ClientError:
        LOG.exception("the dead-letter queue %s did not take the event", queue)
