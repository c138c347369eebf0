"""A handler in this process, as Lambda would run it: with its function's variables and its role's credentials."""

import importlib
import os
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from botocore.client import BaseClient

from bootstrap.clients import EMULATOR_CREDENTIALS, Clients
from bootstrap.description import FunctionSpec
from bootstrap.errors import RefusedError, refusals
from bootstrap.system import System

HANDLER = "lambda_handler"

Entry = Mapping[str, Any]
Handler = Callable[[Any, Any], Any]


@dataclass(frozen=True)
class Context:
    """What Lambda tells a handler of its invocation: https://docs.aws.amazon.com/lambda/latest/dg/python-context.html."""

    function_name: str
    invoked_function_arn: str
    memory_limit_in_mb: str
    log_group_name: str
    log_stream_name: str
    deadline: float
    function_version: str = "$LATEST"
    aws_request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    client_context: None = None
    identity: None = None

    def get_remaining_time_in_millis(self) -> int:
        """The milliseconds until the function's timeout, after which it goes on here."""
        return max(0, int((self.deadline - time.monotonic()) * 1000))


def role_credentials(clients: Clients, role: str, function: FunctionSpec) -> dict[str, str]:
    """Ask for credentials of a function's role, as variables.

    Raises:
        RefusedError: There is no such role, or it may not be assumed.
        UnreachableError: Nothing answers.
    """
    try:
        with refusals(f"role {role}", clients.settings):
            given = clients.sts.assume_role(RoleArn=role, RoleSessionName=function.name)["Credentials"]
    except RefusedError as error:
        raise RefusedError(f"{error}; `python -m bootstrap up` makes the roles that functions act in") from error
    return {
        "AWS_ACCESS_KEY_ID": given["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"],
        "AWS_SESSION_TOKEN": given["SessionToken"],
    }


def nobodys_credentials() -> dict[str, str]:
    """Variables with which clients can be made where nothing answers them."""
    access_key, secret_key = EMULATOR_CREDENTIALS["access_key"], EMULATOR_CREDENTIALS["secret_key"]
    return {"AWS_ACCESS_KEY_ID": access_key, "AWS_SECRET_ACCESS_KEY": secret_key}


def variables(system: System, function: FunctionSpec, credentials: Mapping[str, str], stream: str) -> dict[str, str]:
    """The environment of a function: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html."""
    settings = system.settings
    return {
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_megabytes),
        "AWS_LAMBDA_LOG_GROUP_NAME": function.log_group,
        "AWS_LAMBDA_LOG_STREAM_NAME": stream,
        "AWS_REGION": settings.region,
        "AWS_DEFAULT_REGION": settings.region,
        # What the user has set for himself is not the function's.
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        **({"AWS_ENDPOINT_URL": settings.endpoint_url} if settings.endpoint_url else {}),
        **credentials,
        **system.variables_of(function),
    }


def load_handler(function: FunctionSpec, environment: Mapping[str, str]) -> Handler:
    """Import a function's handler, in its environment, which this process has from now on.

    Raises:
        Exception: Whatever its modules raise.
    """
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(environment)
    handler: Handler = getattr(importlib.import_module(function.module), HANDLER)
    return handler


@contextmanager
def watched_events(tell: Callable[[Entry], None], *, sent: bool) -> Iterator[None]:
    """Hear of every event that a client of this process puts on a bus.

    Args:
        tell: Is told of each.
        sent: Whether they go on; otherwise, whoever puts one is answered as if it had been taken.
    """
    call = BaseClient._make_api_call  # type: ignore[attr-defined]  # the one way of every client

    def watch(client: Any, operation: str, parameters: Mapping[str, Any]) -> Any:  # noqa: ANN401
        if (client.meta.service_model.service_name, operation) != ("events", "PutEvents"):
            return call(client, operation, parameters)
        entries = parameters.get("Entries", ())
        answer = call(client, operation, parameters) if sent else _taken(len(entries))
        for entry in entries:
            tell(entry)
        return answer

    BaseClient._make_api_call = watch  # type: ignore[attr-defined]
    try:
        yield
    finally:
        BaseClient._make_api_call = call  # type: ignore[attr-defined]


def _taken(number: int) -> Mapping[str, Any]:
    return {"FailedEntryCount": 0, "Entries": [{"EventId": str(uuid.uuid4())} for _ in range(number)]}
