"""The description of the stack that was deployed last, for whoever runs longer than it holds."""

from bootstrap.clients import Clients
from bootstrap.description import Stack


def deployed_stack(clients: Clients) -> Stack:
    """Return the stack as it is deployed."""
    return clients.stack
