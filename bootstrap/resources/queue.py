"""A queue, and how long it keeps its messages."""

from collections.abc import Set
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from bootstrap.clients import Clients
from bootstrap.resources.resource import Fields

if TYPE_CHECKING:
    from mypy_boto3_sqs.literals import QueueAttributeNameType

SECONDS_PER_DAY = 24 * 60 * 60
RETENTION: "QueueAttributeNameType" = "MessageRetentionPeriod"


@dataclass(frozen=True)
class Queue:
    """Where messages wait for someone to look at them.

    Args:
        name: The queue's name.
        retention_days: How long a message is kept, at most 14 days.
    """

    kind: ClassVar[str] = "queue"
    name: str
    retention_days: int

    def desired(self) -> Fields:
        """How it should be."""
        return {"retention": self._attributes[RETENTION]}

    def read(self, clients: Clients) -> Fields | None:
        """How it is."""
        try:
            url = self._url(clients)
            found = clients.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[RETENTION])["Attributes"]
        except clients.sqs.exceptions.QueueDoesNotExist:
            return None
        return {"retention": found[RETENTION]}

    def create(self, clients: Clients) -> None:
        """Make it."""
        clients.sqs.create_queue(QueueName=self.name, Attributes=self._attributes)

    def update(self, clients: Clients, _fields: Set[str]) -> None:
        """Set how long it keeps messages."""
        clients.sqs.set_queue_attributes(QueueUrl=self._url(clients), Attributes=self._attributes)

    def delete(self, clients: Clients) -> None:
        """Remove it with its messages."""
        clients.sqs.delete_queue(QueueUrl=self._url(clients))

    @property
    def _attributes(self) -> "dict[QueueAttributeNameType, str]":
        return {RETENTION: str(self.retention_days * SECONDS_PER_DAY)}

    def _url(self, clients: Clients) -> str:
        return clients.sqs.get_queue_url(QueueName=self.name)["QueueUrl"]
