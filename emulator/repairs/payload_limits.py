"""How large an event for a function may be; LocalStack 4.14.0 takes any.

https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html; the wording is from answers of AWS.
"""

import functools
from typing import Any

from localstack.aws.api.lambda_ import InvocationType
from localstack.services.lambda_.invocation.lambda_models import RequestEntityTooLargeException
from localstack.services.lambda_.invocation.lambda_service import LambdaService

SYNCHRONOUS_BYTES = 6 * 1024 * 1024
ASYNCHRONOUS_BYTES = 1024 * 1024


def refuse_large_events() -> None:
    """Refuse an event that Lambda would refuse."""
    invoke = LambdaService.invoke

    @functools.wraps(invoke)
    def invoke_within_limits(service: Any, *arguments: Any, **options: Any) -> Any:
        _check_size(options.get("payload") or b"", options.get("invocation_type"))
        return invoke(service, *arguments, **options)

    LambdaService.invoke = invoke_within_limits


def _check_size(payload: bytes, kind: InvocationType | None) -> None:
    if kind == InvocationType.Event and len(payload) > ASYNCHRONOUS_BYTES:
        raise RequestEntityTooLargeException(
            f"{len(payload)} byte payload is too large for the Event invocation type (limit {ASYNCHRONOUS_BYTES} bytes)"
        )
    if len(payload) > SYNCHRONOUS_BYTES:
        raise RequestEntityTooLargeException(
            f"Request must be smaller than {SYNCHRONOUS_BYTES} bytes for the InvokeFunction operation"
        )
