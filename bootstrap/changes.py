"""How a resource differs from what it should be."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from bootstrap import tags
from bootstrap.clients import Clients
from bootstrap.resources.in_account import located
from bootstrap.resources.resource import Resource, Tagged

OWNER = "stack"


class Action(StrEnum):
    """What comes of a resource."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REMOVED = "removed"
    ABSENT = "absent"


@dataclass(frozen=True)
class Difference:
    """A value that is not what it should be.

    Args:
        path: The field, and the way to the value inside it.
        actual: What it is; None when there is nothing.
        desired: What it should be; None when there should be nothing.
    """

    path: tuple[str, ...]
    actual: object
    desired: object


@dataclass(frozen=True)
class Change:
    """A resource, what was or would be done about it, and why."""

    resource: Resource
    action: Action
    differences: tuple[Difference, ...] = ()


def compare(resource: Resource, clients: Clients) -> Change:
    """Say what must be done so that a resource is as it should be.

    Raises:
        RefusedError: It differs, and another stack has made it.
    """
    actual = resource.read(clients)
    if actual is None:
        return Change(resource, Action.CREATED)
    found = tuple(differences(actual, resource.desired()))
    if not found:
        return Change(resource, Action.UNCHANGED)
    # Asked only where there is something to change.
    unclaimed = [each for each in _unclaimed(resource, clients) if each not in found]
    return Change(resource, Action.UPDATED, (*found, *unclaimed))


def _unclaimed(resource: Resource, clients: Clients) -> Iterator[Difference]:
    """That nobody has said yet which stack a resource is for."""
    part, there = located(resource, clients)
    if isinstance(part, Tagged):
        owner = part.owner(there)
        tags.refuse_others(part.kind, part.name, part.stack, owner)
        if owner is None:
            yield Difference((OWNER,), None, part.stack)


def differences(actual: object, desired: object, path: tuple[str, ...] = ()) -> Iterator[Difference]:
    """Find the values that differ, however deep they are in mappings."""
    if isinstance(actual, Mapping) and isinstance(desired, Mapping):
        for key in sorted(actual.keys() | desired.keys()):
            yield from differences(actual.get(key), desired.get(key), (*path, key))
    elif actual != desired:
        yield Difference(path, actual, desired)
