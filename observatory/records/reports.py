"""Read the report that a run leaves in S3."""

import json
from typing import TypedDict, cast

from bootstrap.clients import Clients
from bootstrap.errors import refusals
from observatory.errors import NoReportError


class Report(TypedDict):
    """What postProcessAll writes."""

    names: list[str]
    numberOfPeople: int
    totalCookiesConsumed: int


def read_report(clients: Clients, output: str) -> tuple[str, Report]:
    """Return where the report is, and the report.

    Args:
        clients: How to reach the bucket.
        output: What the execution came to; it names the report's key.

    Raises:
        NoReportError: The output names no report.
        RefusedError: The report is not there.
    """
    bucket, key = clients.bucket, json.loads(output).get("report")
    if key is None:
        raise NoReportError(f"the run's output names no `report`: {output:.200}")
    with refusals("report", clients.settings):
        body = clients.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    return f"s3://{bucket}/{key}", cast(Report, json.loads(body))
