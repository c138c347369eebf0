"""An account in which tests act as this or that."""

import json
import urllib.request
import uuid
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from emulator.server import Server
from tests.permissions import document

OWN, OTHER = "000000000000", "444455556666"
REGION = "us-east-1"
PATH_STYLE = Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}, signature_version="v4")


class Account:
    """What the tests do in an account, as its root or as somebody else.

    Args:
        server: Where.
        key: The access key: `test`, or 12 digits.
    """

    def __init__(self, server: Server, key: str = "test") -> None:
        self.server = server
        self.number = OWN if key == "test" else key
        self._session = boto3.Session(key, "test", region_name=REGION)

    def client(self, service: Any) -> Any:
        """A client of the root's."""
        return client_of(self._session, self.server, service)

    def make_role(self, *statements: dict[str, Any], trusted: Any = None, **settings: Any) -> str:
        """A role with a policy of its own; return its name. Its account may act in it, and whoever is named."""
        name = unique("role")
        principal = trusted or {"AWS": f"arn:aws:iam::{self.number}:root"}
        trust = document({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})
        self.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust, **settings)
        if statements:
            self.allow(name, *statements)
        return name

    def allow(self, role: str, *statements: dict[str, Any]) -> None:
        """Replace the policy of a role."""
        self.client("iam").put_role_policy(RoleName=role, PolicyName="own", PolicyDocument=document(*statements))

    def session(self, role: str, **settings: Any) -> boto3.Session:
        """Credentials of a role."""
        arn = f"arn:aws:iam::{self.number}:role/{role}"
        made = self.client("sts").assume_role(RoleArn=arn, RoleSessionName="tests", **settings)["Credentials"]
        return boto3.Session(made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"], region_name=REGION)

    def acting(self, role: str, service: Any, **settings: Any) -> Any:
        """A client in a role."""
        return client_of(self.session(role, **settings), self.server, service)

    def denials(self) -> list[dict[str, Any]]:
        """What was denied last."""
        listed: list[dict[str, Any]] = json.loads(fetch(f"{self.server.endpoint_url}/_sandbox/denials"))
        return listed


def client_of(session: boto3.Session, server: Server, service: Any) -> Any:
    """A client that asks once."""
    return session.client(service, endpoint_url=server.endpoint_url, config=PATH_STYLE)


def fetch(url: str) -> bytes:
    """What is there for somebody without credentials."""
    with urllib.request.urlopen(url) as answer:  # noqa: S310  # our own http URL
        content: bytes = answer.read()
    return content


def allow(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    """A statement."""
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    """A statement."""
    return {**allow(action, resource, **more), "Effect": "Deny"}


def unique(name: str) -> str:
    return f"{name}-{uuid.uuid4().hex[:8]}"


def error_of(caught: pytest.ExceptionInfo[ClientError]) -> tuple[str, int, str]:
    """Code, status and message of an error."""
    answer = caught.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Message"]


@pytest.fixture(scope="session")
def account(localstack: Server) -> Account:
    return Account(localstack)


@pytest.fixture(scope="session")
def other(localstack: Server) -> Account:
    """Another account."""
    return Account(localstack, OTHER)


@pytest.fixture(scope="session")
def bucket(account: Account) -> str:
    """A bucket with an object `stored`."""
    name = unique("bucket")
    account.client("s3").create_bucket(Bucket=name)
    account.client("s3").put_object(Bucket=name, Key="stored", Body=b"x")
    return name
