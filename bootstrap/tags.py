"""The tag that says which stack a resource was made for."""

from typing import TypedDict

from bootstrap.errors import RefusedError

KEY = "stack"


class Tag(TypedDict):
    """A tag, as EventBridge, IAM and S3 have it."""

    Key: str
    Value: str


def as_mapping(stack: str) -> dict[str, str]:
    """The tag, as Lambda, CloudWatch Logs and SQS have it."""
    return {KEY: stack}


def as_list(stack: str) -> list[Tag]:
    """The tag, as EventBridge, IAM and S3 have it."""
    return [{"Key": KEY, "Value": stack}]


def owner(tags: object) -> str | None:
    """The stack that tags name, in whichever form a service answers with them."""
    if isinstance(tags, dict):
        found = tags.get(KEY)
        return found if isinstance(found, str) else None
    pairs = tags if isinstance(tags, list) else []
    lowered = [{str(key).lower(): value for key, value in pair.items()} for pair in pairs]
    return next((pair["value"] for pair in lowered if pair.get("key") == KEY), None)


def refuse_others(kind: str, name: str, stack: str, found: str | None) -> None:
    """Leave alone what another stack has made.

    Raises:
        RefusedError: It names that stack.
    """
    if found not in {None, stack}:
        raise RefusedError(f"{kind} {name} belongs to the stack {found}: give one of them another name")
