"""What the sandbox has denied lately, and to whom; AWS tells that in CloudTrail only, and minutes later."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.error import URLError
from urllib.parse import quote
from urllib.request import urlopen

from bootstrap.settings import Settings
from observatory.records.ledger import read_time

PATH = "/_sandbox/denials"
PATIENCE_SECONDS = 5.0


@dataclass(frozen=True)
class Denial:
    """Something that was denied.

    Args:
        time: When.
        action: What for, such as `lambda:InvokeFunction`.
        resource: The ARN of that on which.
        caller: The ARN of who asked, or a service's principal.
        source: The ARN of the rule for which a service asked, if it said which.
        message: What AWS says about it.
        policy: What lacks a statement that allows it.
        statement: That statement.
    """

    time: datetime
    action: str
    resource: str
    caller: str
    source: str | None
    message: str
    policy: str
    statement: Mapping[str, Any] = field(default_factory=dict)


def fetch_denials(settings: Settings, since: datetime) -> tuple[Denial, ...]:
    """Ask the sandbox what it has denied; of what is no sandbox, nothing is known.

    Args:
        settings: Where it is.
        since: Leave out what was denied earlier.
    """
    if settings.endpoint_url is None:
        return ()
    moment = quote(since.astimezone(UTC).isoformat(timespec="milliseconds"))
    url = f"{settings.endpoint_url}{PATH}?since={moment}"
    try:
        with urlopen(url, timeout=PATIENCE_SECONDS) as answer:  # noqa: S310 - the endpoint
            listed = json.load(answer)
    except (URLError, OSError, ValueError):
        return ()
    found = map(_read, listed if isinstance(listed, list) else ())
    return tuple(denial for denial in found if denial)


def _read(said: Mapping[str, Any]) -> Denial | None:
    time = read_time(said.get("time"))
    if time is None:
        return None
    action, resource, caller, message, policy, source = (
        str(said.get(key, "")) for key in ("action", "resource", "caller", "message", "policy", "source")
    )
    return Denial(time, action, resource, caller, source or None, message, policy, said.get("statement", {}))
