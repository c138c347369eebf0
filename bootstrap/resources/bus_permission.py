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
        name: The statement's name.
        account: The other account.
    """

    kind: ClassVar[str] = "bus permission"
    name: str
    account: str

    def desired(self) -> Fields:
        """How it should be; the bus is the default one of the account that the clients speak to."""
        statement = bus_statement(self.name, self.account, "")
        return {"principal": statement["Principal"], "action": statement["Action"]}

    def read(self, clients: Clients) -> Fields | None:
        """How it is."""
        policy = json.loads(clients.events.describe_event_bus(Name=EVENT_BUS).get("Policy") or "{}")
        found = next((one for one in policy.get("Statement", ()) if one.get("Sid") == self.name), None)
        return {"principal": found.get("Principal"), "action": found.get("Action")} if found else None

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
