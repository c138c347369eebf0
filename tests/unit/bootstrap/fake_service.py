"""What the services of the account in memory have in common: things by name, tags, and how they refuse."""

from collections.abc import Callable, Iterable
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from tests.unit.bootstrap.fake_account import FakeAccount

Request = dict[str, Any]


def client_error(code: str, operation: str, message: str = "no") -> ClientError:
    """What boto3 raises when AWS refuses."""
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


class NotFoundError(ClientError):
    """What AWS answers about a thing that is not there."""

    def __init__(self) -> None:
        super().__init__({"Error": {"Code": "NotFound", "Message": "no such thing"}}, "Read")


class FakePages:
    """A paginator."""

    def __init__(self, pages: Callable[..., Iterable[Request]]) -> None:
        self.paginate = pages


def as_mapping(tags: Iterable[dict[str, str]]) -> dict[str, str]:
    """Tags that came as pairs, with whichever letters the service writes their keys."""
    pairs = [{key.lower(): value for key, value in tag.items()} for tag in tags]
    return {tag["key"]: tag["value"] for tag in pairs}


class FakeService:
    """Things by name, with tags."""

    def __init__(self, account: "FakeAccount") -> None:
        self.account = account
        self.things: dict[str, Request] = {}
        self.exceptions = SimpleNamespace(
            NoSuchEntityException=NotFoundError,
            NoSuchBucket=NotFoundError,
            NoSuchKey=NotFoundError,
            QueueDoesNotExist=NotFoundError,
            ResourceNotFoundException=NotFoundError,
            StateMachineDoesNotExist=NotFoundError,
        )

    def tag(self, operation: str, name: str, tags: dict[str, str]) -> None:
        """Tag a thing, which must exist."""
        thing = self.find(name)
        self.account.write(operation, name)
        thing["tags"] = thing.get("tags", {}) | tags

    def tags_of(self, name: str) -> dict[str, str]:
        """The tags of a thing, which must exist."""
        tags: dict[str, str] = self.find(name).get("tags", {})
        return tags

    def find(self, name: str) -> Request:
        """The thing, which must exist."""
        if name not in self.things:
            raise NotFoundError
        return self.things[name]

    def make(self, operation: str, name: str, thing: Request) -> None:
        """Add a thing, which must not exist."""
        self.account.write(operation, name)
        if name in self.things:
            raise client_error("AlreadyExists", operation)
        self.things[name] = thing
        self.account.done(operation)

    def change(self, operation: str, name: str, values: Request) -> None:
        """Change a thing, which must exist."""
        self.find(name)
        self.account.write(operation, name)
        self.things[name] |= values

    def remove(self, operation: str, name: str, *contents: str) -> None:
        """Remove a thing, which must exist and be without contents."""
        thing = self.find(name)
        self.account.write(operation, name)
        if any(thing[content] for content in contents):
            raise client_error("Conflict", operation, f"has {contents}")
        del self.things[name]
        self.account.done(operation)
