"""Make a sandbox as it was when it had just been bootstrapped: without runs, events and objects."""

from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from bootstrap.clients import Clients
from bootstrap.errors import RefusedError, UnreachableError, refusals
from bootstrap.resources.description import KEY as DESCRIPTION

# Beside the path of the sandbox's identity: AWS has no operation that forgets an execution.
EMPTYING_PATH = "/_sandbox/fresh"
ANSWER_TIMEOUT_SECONDS = 30


def empty(clients: Clients) -> None:
    """End all runs and forget them, with their events, log lines, messages and objects; what `up` made stays.

    Nothing goes on afterwards: task tokens are good for nothing any more, invocations are ended, retries dropped.

    Args:
        clients: How to reach the sandbox.

    Raises:
        RefusedError: The endpoint is no sandbox of this project. Others keep executions, AWS for 90 days:
            https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
        UnreachableError: It does not answer.
    """
    endpoint = clients.settings.endpoint_url or f"AWS in {clients.settings.region}"
    parts = urlsplit(clients.settings.endpoint_url or "")
    if parts.scheme != "http" or _post(parts.netloc, endpoint) != HTTPStatus.NO_CONTENT:
        raise RefusedError(f"{endpoint} cannot be emptied, for it is no sandbox of this project: its executions stay")
    with refusals(f"bucket {clients.bucket}", clients.settings):
        _delete_objects(clients)


def _post(address: str, endpoint: str) -> int:
    connection = HTTPConnection(address, timeout=ANSWER_TIMEOUT_SECONDS)
    try:
        connection.request("POST", EMPTYING_PATH)
        return connection.getresponse().status
    except (OSError, HTTPException) as error:
        raise UnreachableError(f"no usable answer from {endpoint} ({error}): start a sandbox") from error
    finally:
        connection.close()


def _delete_objects(clients: Clients) -> None:
    """Delete all that runs have stored: everything but what the stack says of itself."""
    for page in clients.s3.get_paginator("list_objects_v2").paginate(Bucket=clients.bucket):
        if keys := [found["Key"] for found in page.get("Contents", ()) if found["Key"] != DESCRIPTION]:
            clients.s3.delete_objects(
                Bucket=clients.bucket, Delete={"Objects": [{"Key": key} for key in keys], "Quiet": True}
            )
