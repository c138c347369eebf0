"""A bus's permission for another account to put events on it."""

import json
from collections.abc import Set
from dataclasses import dataclass
from typing import ClassVar

from bootstrap.clients import Clients
from bootstrap.policies import EVENT_BUS, bus_statement
from bootstrap.resources.resource import Fields


@dataclass(frozen=True)
class BusPermission:
    """Lets one other account put events on the default bus: a statement in the bus's policy.

    Args:
        stack_name: The stack that it is for.
        bus: The bus's ARN.
        account: The other account.
    """

    kind: ClassVar[str] = "bus permission"
    stack_name: str
    bus: str
    account: str

    @property
    def name(self) -> str:
        """The statement's name."""
        return f"{self.stack_name}-{self.account}"

    def desired(self) -> Fields:
        """How it should be."""
        return bus_statement(self.name, self.account, self.bus)

    def read(self, clients: Clients) -> Fields | None:
        """How it is."""
        policy = json.loads(clients.events.describe_event_bus(Name=EVENT_BUS).get("Policy") or "{}")
        return next((statement for statement in policy.get("Statement", ()) if statement.get("Sid") == self.name), None)

    def create(self, clients: Clients) -> None:
        """Add it."""
        clients.events.put_permission(
            EventBusName=EVENT_BUS, StatementId=self.name, Action="events:PutEvents", Principal=self.account
        )

    def update(self, clients: Clients, _fields: Set[str]) -> None:
        """Replace it."""
        self.create(clients)

    def delete(self, clients: Clients) -> None:
        """Remove it."""
        clients.events.remove_permission(EventBusName=EVENT_BUS, StatementId=self.name)
