"""What the stack says of itself, kept in its bucket: whoever looks at the account reads there what was made last."""

import json
from collections.abc import Set
from dataclasses import dataclass
from typing import ClassVar

from bootstrap.clients import Clients
from bootstrap.description import Stack
from bootstrap.resources.resource import Fields
from bootstrap.stack_json import from_json_object, to_json_object

KEY = "stack.json"


@dataclass(frozen=True)
class Description:
    """An object in the stack's bucket.

    Args:
        bucket: The bucket's name.
        content: What it says.
    """

    kind: ClassVar[str] = "description"
    bucket: str
    content: Stack

    @property
    def name(self) -> str:
        """The object's key."""
        return KEY

    def desired(self) -> Fields:
        """How it should be."""
        return to_json_object(self.content)

    def read(self, clients: Clients) -> Fields | None:
        """How it is."""
        return _read(clients, self.bucket)

    def create(self, clients: Clients) -> None:
        """Write it."""
        body = json.dumps(self.desired(), indent=2).encode()
        clients.s3.put_object(Bucket=self.bucket, Key=KEY, Body=body, ContentType="application/json")

    def update(self, clients: Clients, _fields: Set[str]) -> None:
        """Write it anew."""
        self.create(clients)

    def delete(self, clients: Clients) -> None:
        """Remove it."""
        clients.s3.delete_object(Bucket=self.bucket, Key=KEY)


def read_stack(clients: Clients) -> Stack | None:
    """The stack that `up` made last in the account, whatever is checked out here; None if there is none.

    Args:
        clients: How to reach the account.
    """
    written = _read(clients, clients.bucket)
    return from_json_object(written) if written else None


def _read(clients: Clients, bucket: str) -> Fields | None:
    try:
        body = clients.s3.get_object(Bucket=bucket, Key=KEY)["Body"].read()
    except (clients.s3.exceptions.NoSuchKey, clients.s3.exceptions.NoSuchBucket):
        return None
    try:
        written: Fields = json.loads(body)
    except ValueError:
        return {}
    return written if isinstance(written, dict) else {}
