"""A queue, and how long it keeps its messages."""

import json
from collections.abc import Set
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from bootstrap import tags
from bootstrap.clients import Clients
from bootstrap.policies import Document
from bootstrap.resources.resource import Fields

if TYPE_CHECKING:
    from mypy_boto3_sqs.literals import QueueAttributeNameType

SECONDS_PER_DAY = 24 * 60 * 60
RETENTION: "QueueAttributeNameType" = "MessageRetentionPeriod"
POLICY: "QueueAttributeNameType" = "Policy"


@dataclass(frozen=True)
class Queue:
    """Where messages wait for someone to look at them.

    Args:
        name: The queue's name.
        retention_days: How long a message is kept, at most 14 days.
        stack: The stack that it is for.
        policy: Who else may send to it; nobody, if None.
    """

    kind: ClassVar[str] = "queue"
    name: str
    retention_days: int
    stack: str
    policy: Document | None = None

    def desired(self) -> Fields:
        """How it should be."""
        return {"retention": self._attributes[RETENTION], "policy": self.policy}

    def read(self, clients: Clients) -> Fields | None:
        """How it is."""
        try:
            url = self._url(clients)
            found = clients.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[RETENTION, POLICY])["Attributes"]
        except clients.sqs.exceptions.QueueDoesNotExist:
            return None
        policy = found.get(POLICY)
        return {"retention": found[RETENTION], "policy": json.loads(policy) if policy else None}

    def create(self, clients: Clients) -> None:
        """Make it."""
        given = {name: value for name, value in self._attributes.items() if value}
        clients.sqs.create_queue(QueueName=self.name, Attributes=given, tags=tags.as_mapping(self.stack))

    def update(self, clients: Clients, _fields: Set[str]) -> None:
        """Set how long it keeps messages, and who may send some."""
        clients.sqs.set_queue_attributes(QueueUrl=self._url(clients), Attributes=self._attributes)

    def delete(self, clients: Clients) -> None:
        """Remove it with its messages."""
        clients.sqs.delete_queue(QueueUrl=self._url(clients))

    def owner(self, clients: Clients) -> str | None:
        """The stack that it was made for."""
        return tags.owner(clients.sqs.list_queue_tags(QueueUrl=self._url(clients)).get("Tags", {}))

    def claim(self, clients: Clients) -> None:
        """Tag it with its stack."""
        clients.sqs.tag_queue(QueueUrl=self._url(clients), Tags=tags.as_mapping(self.stack))

    @property
    def _attributes(self) -> "dict[QueueAttributeNameType, str]":
        policy = json.dumps(self.policy) if self.policy else ""
        return {RETENTION: str(self.retention_days * SECONDS_PER_DAY), POLICY: policy}

    def _url(self, clients: Clients) -> str:
        return clients.sqs.get_queue_url(QueueName=self.name)["QueueUrl"]
