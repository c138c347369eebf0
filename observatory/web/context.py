"""What the routes share: the clients, and what was already learnt through them."""

from dataclasses import dataclass

from starlette.requests import Request

from bootstrap.clients import Clients
from observatory.runs.runs import RunList
from observatory.web.telling import Teller
from observatory.web.watching import Watcher


@dataclass(frozen=True)
class Context:
    """How to reach the services, what is known of the runs, who looks at them, and who tells of one."""

    clients: Clients
    run_list: RunList
    watcher: Watcher
    teller: Teller


def context_of(request: Request) -> Context:
    """The context of the application that a request came to."""
    context: Context = request.app.state.context
    return context
