"""The environment in which the AWS CLI, and whatever else reads AWS's variables, speaks to the same account."""

import json
import shlex
from collections.abc import Iterator

from bootstrap.clients import EMULATOR_CREDENTIALS, Clients
from bootstrap.description import Stack
from bootstrap.errors import refusals

# What would lead elsewhere in spite of the variables that are set.
MISLEADING = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")


def shell_lines(clients: Clients) -> Iterator[str]:
    """Write it for a POSIX shell, for `eval "$(…)"`; with the bucket, and the lines that start runs, as comments.

    The bucket is no variable: it would be a setting, also for another stack in that shell. Credentials are an
    emulator's only: for AWS itself, they stay as they are.

    Args:
        clients: How to reach the account.

    Raises:
        BootstrapError: The account cannot be asked who it is.
    """
    settings = clients.settings
    with refusals("account", settings):
        bucket = clients.bucket
    variables = {"AWS_ENDPOINT_URL": settings.endpoint_url or ""}
    if settings.is_local:
        yield f"unset {' '.join(MISLEADING)}"
        variables["AWS_ACCESS_KEY_ID"] = EMULATOR_CREDENTIALS["access_key"]
        variables["AWS_SECRET_ACCESS_KEY"] = EMULATOR_CREDENTIALS["secret_key"]
    variables |= {"AWS_REGION": settings.region, "AWS_DEFAULT_REGION": settings.region}
    for name, value in variables.items():
        yield f"export {name}={shlex.quote(value)}"
    yield f"# bucket: {bucket}"
    for machine in clients.stack.machines:
        for start in machine.starts:
            yield f"# starts {machine.name}: {put_events_line(clients.stack, start.event)}"


def put_events_line(stack: Stack, detail_type: str) -> str:
    """The command of the AWS CLI that puts an event; as JSON, because its shorthand reads `Detail={}` as a map."""
    entry = {"Source": stack.source, "DetailType": detail_type, "Detail": "{}"}
    return f"aws events put-events --entries {shlex.quote(json.dumps([entry]))}"
