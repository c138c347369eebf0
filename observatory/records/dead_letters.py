"""What functions could not handle that nobody waits for: Lambda puts it into a queue of the function's.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bootstrap.clients import Clients
from bootstrap.description import Stack
from bootstrap.errors import refusals
from observatory.clock import iso
from observatory.errors import UnknownDeadLetterError
from observatory.records.ledger import read_milliseconds

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef

# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
LARGEST_BATCH = 10
MOST_SHOWN = 200
# While a queue is read, what was read of it is not received again.
READING_SECONDS = 10


@dataclass(frozen=True)
class DeadLetters:
    """A queue of what a function could not handle, and the account of both, if that is another one."""

    function: str
    queue: str
    account: str | None = None


@dataclass(frozen=True)
class DeadLetter:
    """An event that a function could not handle.

    Args:
        id: The message's.
        place: Its function and queue.
        sent: When Lambda gave up.
        tries: How often Lambda had tried.
        error: What the last try failed with, or why there was none.
        event: The event.
        receipt: What deletes it.
    """

    id: str
    place: DeadLetters
    sent: datetime
    tries: int | None
    error: str
    event: Mapping[str, Any]
    receipt: str

    def to_json_object(self) -> dict[str, Any]:
        """Return it for programs."""
        detail = self.event.get("detail")
        return {
            "id": self.id,
            "function": self.place.function,
            "account": self.place.account,
            "sent": iso(self.sent),
            "tries": self.tries,
            "error": self.error,
            "eventId": self.event.get("id"),
            "type": self.event.get("detail-type"),
            "job": detail.get("job") if isinstance(detail, dict) else None,
        }


def queues_of(stack: Stack) -> tuple[DeadLetters, ...]:
    """The queues of dead letters that a stack has."""
    own = (DeadLetters(one.name, one.dead_letters) for one in stack.functions if not one.waited_for)
    others = (DeadLetters(one.function.name, one.function.dead_letters, one.account) for one in stack.consumers)
    return (*own, *others)


def count(clients: Clients, place: DeadLetters) -> int:
    """About how many dead letters are in a queue; none where there is no such queue."""
    sqs, url = _queue(clients, place)
    if url is None:
        return 0
    asked = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
    return int(asked["Attributes"]["ApproximateNumberOfMessages"])


def fetch(clients: Clients, stack: Stack) -> list[DeadLetter]:
    """Read the dead letters of a stack, and leave them where they are; the latest first.

    Raises:
        BootstrapError: A queue cannot be read.
    """
    found = []
    for place in queues_of(stack):
        with refusals(f"queue {place.queue}", clients.settings):
            letters = list(_received(clients, place))
            _release(clients, place, letters)
        found += letters
    return sorted(found, key=lambda letter: letter.sent, reverse=True)


def send_again(clients: Clients, stack: Stack, letter_id: str) -> DeadLetter:
    """Invoke a function once more with what it could not handle, and take that out of its queue.

    Nobody else gets the event again. If the function fails once more, Lambda makes another dead letter.

    Args:
        clients: How to reach Lambda and the queues.
        stack: Whose dead letters.
        letter_id: The dead letter's id, or the beginning of it.

    Raises:
        UnknownDeadLetterError: There is none, or somebody else is sending it.
        BootstrapError: Lambda does not take it.
    """
    for place in queues_of(stack):
        with refusals(f"queue {place.queue}", clients.settings):
            letters = list(_received(clients, place))
            chosen = [letter for letter in letters if letter.id.startswith(letter_id)]
            _release(clients, place, [letter for letter in letters if letter not in chosen[:1]])
            if chosen:
                _invoke(clients, chosen[0])
                return chosen[0]
    raise UnknownDeadLetterError(f"there is no dead letter {letter_id!r:.100}: was it sent again already?")


def _invoke(clients: Clients, letter: DeadLetter) -> None:
    place = letter.place
    there = clients.of_account(place.account) if place.account else clients
    there.lambda_.invoke(FunctionName=place.function, InvocationType="Event", Payload=json.dumps(letter.event))
    sqs, url = _queue(clients, place)
    sqs.delete_message(QueueUrl=str(url), ReceiptHandle=letter.receipt)


def _received(clients: Clients, place: DeadLetters) -> Iterator[DeadLetter]:
    sqs, url = _queue(clients, place)
    for _batch in range(MOST_SHOWN // LARGEST_BATCH if url else 0):
        answer = sqs.receive_message(
            QueueUrl=str(url),
            MaxNumberOfMessages=LARGEST_BATCH,
            VisibilityTimeout=READING_SECONDS,
            MessageSystemAttributeNames=["SentTimestamp"],
        )
        messages = answer.get("Messages", [])
        yield from filter(None, (_read(place, message) for message in messages))
        if not messages:
            return


def _release(clients: Clients, place: DeadLetters, letters: list[DeadLetter]) -> None:
    """Let others receive them, too."""
    sqs, url = _queue(clients, place)
    for first in range(0, len(letters), LARGEST_BATCH):
        entries = [
            {"Id": str(number), "ReceiptHandle": letter.receipt, "VisibilityTimeout": 0}
            for number, letter in enumerate(letters[first : first + LARGEST_BATCH])
        ]
        sqs.change_message_visibility_batch(QueueUrl=str(url), Entries=entries)


def _queue(clients: Clients, place: DeadLetters) -> Any:  # noqa: ANN401 - a client, and the queue's URL there
    sqs = (clients.of_account(place.account) if place.account else clients).sqs
    try:
        return sqs, sqs.get_queue_url(QueueName=place.queue)["QueueUrl"]
    except sqs.exceptions.QueueDoesNotExist:
        return sqs, None


def _read(place: DeadLetters, message: "MessageTypeDef") -> DeadLetter | None:
    """Read what Lambda has put into the queue; None of what somebody else has."""
    try:
        said = json.loads(message["Body"])
        context, event = said["requestContext"], said["requestPayload"]
        answer = said.get("responsePayload") or {}
        error = ": ".join(text for key in ("errorType", "errorMessage") if (text := answer.get(key)))
        sent = read_milliseconds(int(message["Attributes"]["SentTimestamp"]))
        return DeadLetter(
            message["MessageId"],
            place,
            sent,
            context.get("approximateInvokeCount"),
            error or str(context.get("condition")),
            event if isinstance(event, dict) else {},
            message["ReceiptHandle"],
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
