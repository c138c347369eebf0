"""Functions that fail as a test's start event says."""

from bootstrap import deploy
from bootstrap.clients import Clients

# For the person named, or with `*` for anyone, the start event's `how` says what is to become of the handler.
HANDLER = """
import os
import time

from handlers.{module} import lambda_handler as handle


def lambda_handler(event, context):
    how = event["detail"]["start"].get("how", {{}})
    match how.get("*") or how.get(event["detail"].get("name")):
        case "raise":
            raise ValueError("no cookies today")
        case "exit":
            os._exit(3)
        case "hold too much":
            len("x" * (1 << 29))
        case "hang":
            time.sleep(60)
        case None:
            handle(event, context)
        case "keep silent":
            pass
"""
UNKNOWN_IMPORT = "import nothing_that_exists"
# Both say which event they handle, as handlers do: else a run knows only those tries that began before it ended.
ALWAYS_RAISES = """
from handlers.shared.invocation import recorded


@recorded
def lambda_handler(event, context):
    raise ValueError("no side effect today")
"""
EMITS_NOTHING = """
from handlers.shared.invocation import recorded


@recorded
def lambda_handler(event, context):
    pass
"""


def mend(clients: Clients) -> None:
    """Bring everything back to what the clients' settings ask for."""
    deploy.up(clients, on_change=lambda _change: None)
