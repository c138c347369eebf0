"""What other services may write to CloudWatch Logs, by a policy of its own."""

import json
from collections.abc import Set
from dataclasses import dataclass
from typing import ClassVar

from bootstrap.clients import Clients
from bootstrap.policies import Document
from bootstrap.resources.resource import Fields


@dataclass(frozen=True)
class LogPolicy:
    """A resource policy of CloudWatch Logs, of which an account may have ten in a region.

    Args:
        name: The policy's name.
        policy: Who may write what.
    """

    kind: ClassVar[str] = "log policy"
    name: str
    policy: Document

    def desired(self) -> Fields:
        """How it should be."""
        return {"policy": self.policy}

    def read(self, clients: Clients) -> Fields | None:
        """How it is."""
        pages = clients.logs.get_paginator("describe_resource_policies").paginate()
        documents = {
            policy["policyName"]: policy["policyDocument"] for page in pages for policy in page["resourcePolicies"]
        }
        return {"policy": json.loads(documents[self.name])} if self.name in documents else None

    def create(self, clients: Clients) -> None:
        """Make it."""
        clients.logs.put_resource_policy(policyName=self.name, policyDocument=json.dumps(self.policy))

    def update(self, clients: Clients, _fields: Set[str]) -> None:
        """Replace it."""
        self.create(clients)

    def delete(self, clients: Clients) -> None:
        """Remove it."""
        clients.logs.delete_resource_policy(policyName=self.name)
