"""Says whose sandbox this is, so that the commands of another checkout that meet it can tell."""

import os

from localstack.services.edge import ROUTER
from rolo import Request

# As bootstrap/checkout.py asks for it; nothing of this folder imports that one.
PATH = "/_sandbox"
CHECKOUT_VARIABLE = "SANDBOX_CHECKOUT"
PROJECT_VARIABLE = "SANDBOX_COMPOSE_PROJECT"
STACK_VARIABLE = "STACK"


def answer() -> None:
    """Answer requests for this sandbox's identity."""
    ROUTER.add(PATH, _identity, methods=["GET"])


def _identity(_request: Request) -> dict[str, object]:
    variables = {"checkout": CHECKOUT_VARIABLE, "project": PROJECT_VARIABLE, "stack": STACK_VARIABLE}
    return {"pid": os.getpid(), **{name: os.environ.get(variable) or None for name, variable in variables.items()}}
