"""Who may read and write the bucket, as the policies of the roles of functions and machines say."""

import json
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import unquote

from botocore.exceptions import ClientError

from bootstrap.clients import Clients
from observatory.records.consumers import FUNCTION, MACHINE, Consumer

PARALLEL_REQUESTS = 8
READ, WRITE = "s3:GetObject", "s3:PutObject"
MISSING_CODES = {"NoSuchEntity", "ResourceNotFoundException", "StateMachineDoesNotExist"}


@dataclass(frozen=True)
class BucketUser:
    """A function or a machine that may do something with the bucket."""

    kind: str
    name: str
    bucket: str
    reads: bool
    writes: bool


def fetch_bucket_users(
    clients: Clients, machines: Iterable[str], consumers: Iterable[Consumer]
) -> tuple[BucketUser, ...]:
    """Ask who may read and write the bucket now.

    Args:
        clients: How to reach the services.
        machines: The names of the machines.
        consumers: Among them, the functions of this account.
    """
    functions = {(FUNCTION, one.name) for one in consumers if one.kind == FUNCTION and one.account is None}
    asked = sorted(functions | {(MACHINE, machine) for machine in machines})
    with ThreadPoolExecutor(PARALLEL_REQUESTS) as pool:
        statements = list(pool.map(lambda one: _statements(clients, *one), asked))
    objects = f"arn:aws:s3:::{clients.bucket}/object"
    users = (
        BucketUser(kind, name, clients.bucket, _allows(said, READ, objects), _allows(said, WRITE, objects))
        for (kind, name), said in zip(asked, statements, strict=True)
    )
    return tuple(user for user in users if user.reads or user.writes)


def _statements(clients: Clients, kind: str, name: str) -> list[Mapping[str, Any]]:
    """The statements of the inline policies of a role; this project makes no others."""
    try:
        if kind == FUNCTION:
            arn = clients.lambda_.get_function_configuration(FunctionName=name)["Role"]
        else:
            arn = clients.states.describe_state_machine(stateMachineArn=clients.arns.machine(name))["roleArn"]
        role = arn.rpartition("/")[2]
        names = clients.iam.list_role_policies(RoleName=role)["PolicyNames"]
        documents = [clients.iam.get_role_policy(RoleName=role, PolicyName=one)["PolicyDocument"] for one in names]
    except ClientError as error:
        if error.response["Error"]["Code"] not in MISSING_CODES:
            raise
        return []
    return [statement for document in documents for statement in _as_list(_read(document).get("Statement"))]


def _allows(statements: Iterable[Mapping[str, Any]], action: str, resource: str) -> bool:
    return any(
        statement.get("Effect") == "Allow"
        and any(fnmatchcase(action, pattern) for pattern in _as_list(statement.get("Action")))
        and any(fnmatchcase(resource, pattern) for pattern in _as_list(statement.get("Resource")))
        for statement in statements
    )


def _read(document: Any) -> Mapping[str, Any]:  # noqa: ANN401 - botocore gives an object, or as AWS has it a quoted text
    read: Mapping[str, Any] = json.loads(unquote(document)) if isinstance(document, str) else document
    return read


def _as_list(value: Any) -> list[Any]:  # noqa: ANN401 - policies have one or several of everything
    return value if isinstance(value, list) else [] if value is None else [value]
