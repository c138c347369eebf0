"""What functions could not handle that nobody waits for: Lambda puts it into a queue of the function's.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
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
READING_SECONDS = 30


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

    @property
    def job(self) -> str | None:
        """The run that its event says it belongs to."""
        detail = self.event.get("detail")
        return detail.get("job") if isinstance(detail, dict) else None

    def to_json_object(self) -> dict[str, Any]:
        """Return it for programs."""
        return {
            "id": self.id,
            "function": self.place.function,
            "account": self.place.account,
            "sent": iso(self.sent),
            "tries": self.tries,
            "error": self.error,
            "eventId": self.event.get("id"),
            "type": self.event.get("detail-type"),
            "job": self.job,
        }


@dataclass(frozen=True)
class Fetched:
    """Dead letters, the latest first, and about how many there are in all: more than these, where they are too many."""

    letters: tuple[DeadLetter, ...]
    about: int


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


def fetch(clients: Clients, stack: Stack, job: str | None = None) -> Fetched:
    """Read the dead letters of a stack, up to so many of each queue, and leave them where they are.

    Args:
        clients: How to reach the queues.
        stack: Whose dead letters.
        job: The id of the start event of the run that they are of; None for those of any.

    Raises:
        BootstrapError: A queue cannot be read.
    """
    found, is_all = [], True
    for place in queues_of(stack):
        received: list[DeadLetter] = []
        wanted: list[DeadLetter] = []
        with refusals(f"queue {place.queue}", clients.settings):
            for batch in _batches(clients, place):
                received += batch
                wanted += [letter for letter in batch if job in {None, letter.job}]
                if len(wanted) >= MOST_SHOWN:
                    is_all = False
                    break
            _release(clients, place, received)
        found += wanted[:MOST_SHOWN]
    letters = tuple(sorted(found, key=lambda letter: letter.sent, reverse=True))
    return Fetched(letters, len(letters) if is_all else sum(count(clients, place) for place in queues_of(stack)))


def send_again(clients: Clients, stack: Stack, letter_id: str) -> DeadLetter:
    """Invoke a function once more with what it could not handle, and take that out of its queue.

    Nobody else gets the event again. If the function fails once more, Lambda makes another dead letter.

    Args:
        clients: How to reach Lambda and the queues.
        stack: Whose dead letters.
        letter_id: The dead letter's id, or the beginning of it.

    Raises:
        UnknownDeadLetterError: There is none, there are several, or somebody else is sending it.
        BootstrapError: Lambda does not take it.
    """
    with refusals(f"dead letter {letter_id!r:.100}", clients.settings):
        received = list(_received(clients, stack, letter_id))
        fitting = [one for one in received if letter_id and one.id.startswith(letter_id)]
        found = [one for one in fitting if one.id == letter_id] or fitting
        chosen = found[0] if len(found) == 1 else None
        for place in queues_of(stack):
            _release(clients, place, [one for one in received if one.place == place and one is not chosen])
        if len(found) > 1:
            raise UnknownDeadLetterError(f"{letter_id!r:.100} may be any of {len(found)} dead letters: give more of it")
        if chosen is None:
            raise UnknownDeadLetterError(f"there is no dead letter {letter_id!r:.100}: was it sent again already?")
        _invoke(clients, chosen)
    return chosen


def send_all_again(clients: Clients, stack: Stack) -> Iterator[DeadLetter]:
    """Do with each dead letter that there is by now as `send_again` does, and yield it.

    Raises:
        BootstrapError: A queue cannot be read, or Lambda does not take one.
    """
    began = datetime.now(UTC)
    for place in queues_of(stack):
        newer: list[DeadLetter] = []
        with refusals(f"queue {place.queue}", clients.settings):
            for batch in _batches(clients, place):
                for letter in batch:
                    # What has come since may be what fails again each time.
                    if letter.sent > began:
                        newer.append(letter)
                        continue
                    _invoke(clients, letter)
                    yield letter
            _release(clients, place, newer)


def _invoke(clients: Clients, letter: DeadLetter) -> None:
    place = letter.place
    there = clients.of_account(place.account) if place.account else clients
    there.lambda_.invoke(FunctionName=place.function, InvocationType="Event", Payload=json.dumps(letter.event))
    sqs, url = _queue(clients, place)
    sqs.delete_message(QueueUrl=str(url), ReceiptHandle=letter.receipt)


def _received(clients: Clients, stack: Stack, letter_id: str) -> Iterator[DeadLetter]:
    """Receive the dead letters of a stack, up to the one of that id."""
    for place in queues_of(stack):
        for batch in _batches(clients, place):
            yield from batch
            if any(letter.id == letter_id for letter in batch):
                return


def _batches(clients: Clients, place: DeadLetters) -> Iterator[list[DeadLetter]]:
    """Receive what is in a queue, each message once, also where reading takes so long that some come again."""
    sqs, url = _queue(clients, place)
    known: set[str] = set()
    while url:
        answer = sqs.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=LARGEST_BATCH,
            VisibilityTimeout=READING_SECONDS,
            MessageSystemAttributeNames=["SentTimestamp"],
        )
        new = [message for message in answer.get("Messages", []) if message["MessageId"] not in known]
        if not new:
            return
        known |= {message["MessageId"] for message in new}
        yield [letter for message in new if (letter := _read(place, message))]


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
