"""A resource of another account."""

from collections.abc import Set
from dataclasses import dataclass

from bootstrap.clients import Clients
from bootstrap.resources.resource import Fields, Resource


def located(resource: Resource, clients: Clients) -> tuple[Resource, Clients]:
    """A resource as such, and the clients of the account that it is in."""
    if isinstance(resource, InAccount):
        return resource.resource, clients.of_account(resource.account)
    return resource, clients


@dataclass(frozen=True)
class InAccount:
    """Any kind of resource, in the account that it belongs to rather than the one that the clients speak to.

    Args:
        account: The account's 12 digits.
        resource: What is there.
    """

    account: str
    resource: Resource

    @property
    def kind(self) -> str:
        """What it is."""
        return self.resource.kind

    @property
    def name(self) -> str:
        """What AWS calls it, and where."""
        return f"{self.resource.name} in {self.account}"

    def desired(self) -> Fields:
        """How it should be."""
        return self.resource.desired()

    def read(self, clients: Clients) -> Fields | None:
        """How it is."""
        return self.resource.read(clients.of_account(self.account))

    def create(self, clients: Clients) -> None:
        """Make it."""
        self.resource.create(clients.of_account(self.account))

    def update(self, clients: Clients, fields: Set[str]) -> None:
        """Set the named fields."""
        self.resource.update(clients.of_account(self.account), fields)

    def delete(self, clients: Clients) -> None:
        """Remove it."""
        self.resource.delete(clients.of_account(self.account))
