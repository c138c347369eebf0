"""Read what a run has stored in the bucket."""

from typing import Any

from botocore.exceptions import ClientError

from bootstrap.clients import Clients
from bootstrap.errors import refusals
from observatory.errors import UnknownObjectError
from observatory.records.json_values import read_json


def read_object(clients: Clients, execution: str, name: str) -> Any:  # noqa: ANN401 - whatever JSON holds
    """Read an object of an execution.

    Args:
        clients: How to reach the bucket.
        execution: The execution's ARN.
        name: The object's key, without that ARN and the slash after it.

    Raises:
        UnknownObjectError: There is no such object, or it is not JSON.
        BootstrapError: The bucket cannot be asked.
    """
    with refusals(f"object {name!r:.200}", clients.settings):
        try:
            body = clients.s3.get_object(Bucket=clients.bucket, Key=f"{execution}/{name}")["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchKey":
                raise
            raise UnknownObjectError(f"the run has no object {name!r:.200}") from error
    try:
        return read_json(body)
    except ValueError as error:
        raise UnknownObjectError(f"the object {name!r:.200} is not JSON") from error
