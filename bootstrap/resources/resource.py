"""What the engine needs to know of every kind of resource."""

from collections.abc import Mapping, Set
from typing import Any, Protocol, runtime_checkable

from bootstrap.clients import Clients

Fields = Mapping[str, Any]


class Resource(Protocol):
    """A thing in the account, and how it should be.

    Its methods raise what botocore raises; the engine says which resource it was.
    """

    @property
    def kind(self) -> str:
        """What it is, in a word or two."""
        ...

    @property
    def name(self) -> str:
        """What AWS calls it."""
        ...

    def desired(self) -> Fields:
        """How it should be: all that `up` sets and `diff` compares."""
        ...

    def read(self, clients: Clients) -> Fields | None:
        """How it is, in the fields of `desired`; None when it does not exist."""
        ...

    def create(self, clients: Clients) -> None:
        """Make it as desired, where it does not exist."""
        ...

    def update(self, clients: Clients, fields: Set[str]) -> None:
        """Set the named fields as desired, where it exists."""
        ...

    def delete(self, clients: Clients) -> None:
        """Remove it with all that is in it, where it exists."""
        ...


@runtime_checkable
class Tagged(Protocol):
    """A resource that says which stack it was made for."""

    @property
    def stack(self) -> str:
        """The stack that it is for."""
        ...

    def owner(self, clients: Clients) -> str | None:
        """The stack that it says it was made for, where it exists."""
        ...

    def claim(self, clients: Clients) -> None:
        """Let it say so."""
        ...
