"""The application: its routes, and what stands before them."""

from http import HTTPStatus

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from bootstrap.clients import Clients
from observatory.runs.runs import RunList
from observatory.web import acting, architecture, comparing, dead_letters, events, live, pages, recorded, run, runs
from observatory.web.answers import EXCEPTION_HANDLERS
from observatory.web.context import Context
from observatory.web.protection import Protection
from observatory.web.telling import Teller
from observatory.web.watching import Watcher

# A page of another site cannot reach this server under a name of its own.
HOSTS = ("localhost", "127.0.0.1")
# Enough to make JSON a tenth of its size, at a third of the highest level's time.
COMPRESSION_LEVEL = 4

PARTS = (pages, live, runs, run, recorded, comparing, acting, events, dead_letters, architecture)


def application(clients: Clients) -> Starlette:
    """Make the application for an account."""
    app = Starlette(
        routes=[route for part in PARTS for route in part.ROUTES],
        middleware=[
            Middleware(Protection),
            Middleware(TrustedHostMiddleware, allowed_hosts=HOSTS),
            # Never compresses server-sent events.
            Middleware(GZipMiddleware, compresslevel=COMPRESSION_LEVEL),
        ],
        exception_handlers={**EXCEPTION_HANDLERS, HTTPStatus.NOT_FOUND: pages.missing},
    )
    run_list = RunList(clients)
    app.state.context = Context(clients, run_list, Watcher(run_list), Teller(clients, run_list))
    return app
