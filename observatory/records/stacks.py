"""The stack that was deployed last, for whoever runs longer than what is checked out stays as it is."""

from bootstrap.clients import Clients
from bootstrap.description import Stack
from bootstrap.errors import refusals
from bootstrap.resources.description import read_stack
from observatory.errors import NotBootstrappedError


def deployed_stack(clients: Clients) -> Stack:
    """Read what `up` has kept of the stack in its bucket.

    Raises:
        NotBootstrappedError: It has kept nothing there.
        BootstrapError: It cannot be asked for.
    """
    with refusals("stack", clients.settings):
        stack = read_stack(clients)
    if stack is None:
        raise NotBootstrappedError(
            f"bucket {clients.bucket} does not say what the stack is: run `python -m bootstrap up`"
        )
    return stack
