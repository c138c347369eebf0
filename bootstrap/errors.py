"""What can go wrong between this project and an AWS account, said in one line each."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError
from botocore.parsers import ResponseParserError

from bootstrap.settings import Settings


class BootstrapError(Exception):
    """The system could not be read, made or removed; the message says what, why and what to do."""


class DescriptionError(BootstrapError):
    """What a stack says of itself, or a file that it names, cannot be used."""


class RefusedError(BootstrapError):
    """AWS answered, and refused."""


class UnreachableError(BootstrapError):
    """No usable answer came, or nothing to ask with."""


@contextmanager
def refusals(subject: str, settings: Settings) -> Iterator[None]:
    """Turn what botocore raises inside the block into this project's errors.

    Args:
        subject: The resource that the block is about.
        settings: Where the endpoint is.

    Raises:
        RefusedError: AWS refused; names the resource, the operation and AWS's message.
        UnreachableError: No usable answer came; names the endpoint and how to start one.
    """
    try:
        yield
    except ClientError as error:
        said = error.response["Error"]
        raise RefusedError(f"{subject}: {error.operation_name}: {said['Code']}: {said['Message']}") from error
    except (BotoCoreError, ResponseParserError) as error:
        raise UnreachableError(_no_answer(error, settings)) from error


def _no_answer(error: Exception, settings: Settings) -> str:
    endpoint = settings.endpoint_url
    if endpoint is None:
        return f"no answer from AWS in {settings.region}: {error}"
    tried = f"nothing listens at {endpoint}"
    if not isinstance(error, EndpointConnectionError):
        tried = f"no usable answer from {endpoint} ({error})"
    return (
        f"{tried}: start a sandbox with `docker compose up` or `python scripts/sandbox.py up`, or set AWS_ENDPOINT_URL"
    )
