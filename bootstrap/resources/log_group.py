"""A log group, and how long it keeps what is logged."""

from collections.abc import Set
from dataclasses import dataclass
from typing import ClassVar

from bootstrap import tags
from bootstrap.clients import Clients
from bootstrap.resources.resource import Fields


@dataclass(frozen=True)
class LogGroup:
    """Where a function's output goes.

    Args:
        name: The group's name.
        retention_days: How long events are kept; one of the numbers of days that CloudWatch Logs allows.
        stack: The stack that it is for.
    """

    kind: ClassVar[str] = "log group"
    name: str
    retention_days: int
    stack: str

    def desired(self) -> Fields:
        """How it should be."""
        return {"retention": self.retention_days}

    def read(self, clients: Clients) -> Fields | None:
        """How it is."""
        found = clients.logs.describe_log_groups(logGroupNamePrefix=self.name)["logGroups"]
        return next(
            ({"retention": group.get("retentionInDays")} for group in found if group["logGroupName"] == self.name), None
        )

    def create(self, clients: Clients) -> None:
        """Make the group, then set its retention."""
        clients.logs.create_log_group(logGroupName=self.name, tags=tags.as_mapping(self.stack))
        self.update(clients, {"retention"})

    def update(self, clients: Clients, _fields: Set[str]) -> None:
        """Set the retention."""
        clients.logs.put_retention_policy(logGroupName=self.name, retentionInDays=self.retention_days)

    def delete(self, clients: Clients) -> None:
        """Remove it with all that was logged."""
        clients.logs.delete_log_group(logGroupName=self.name)

    def owner(self, clients: Clients) -> str | None:
        """The stack that it was made for."""
        return tags.owner(clients.logs.list_tags_for_resource(resourceArn=clients.arns.log_group(self.name))["tags"])

    def claim(self, clients: Clients) -> None:
        """Tag it with its stack."""
        clients.logs.tag_resource(resourceArn=clients.arns.log_group(self.name), tags=tags.as_mapping(self.stack))
