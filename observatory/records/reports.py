"""Read the report that a run leaves in the bucket."""

from typing import Any

from bootstrap.clients import Clients
from bootstrap.errors import refusals
from observatory.records.json_values import read_json


def report_key(execution: str, report: str) -> str:
    """Where a report is.

    Args:
        execution: The ARN of its execution.
        report: The object's name, as the machine's description has it.
    """
    return f"{execution}/{report}"


def read_report(clients: Clients, execution: str, report: str) -> tuple[str, Any] | None:
    """Return where a report is, and what it says; None if the run came to its end without one.

    Raises:
        RefusedError: It cannot be read.
    """
    bucket, key = clients.bucket, report_key(execution, report)
    with refusals("report", clients.settings):
        try:
            body = clients.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        except clients.s3.exceptions.NoSuchKey:
            return None
    return f"s3://{bucket}/{key}", read_json(body)
