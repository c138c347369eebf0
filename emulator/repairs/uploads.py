"""Uploads that replace an object only once they are complete, as S3 takes them.

LocalStack 4.14.0 writes what arrives straight into the object. When whoever uploads is killed meanwhile, what was
stored before is gone, and readers get what has arrived so far, or nothing.
"""

import functools
import shutil
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from localstack.aws.api import CommonServiceException
from localstack.services.s3.provider import S3Provider
from localstack.services.s3.storage.ephemeral import S3_MAX_FILE_SIZE_BYTES

# https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
INCOMPLETE_BODY = "IncompleteBody"
MESSAGE = "You did not provide the number of bytes specified by the Content-Length HTTP header"


def take_complete_uploads_only() -> None:
    """Wait for the whole body of PutObject before anything is written, and for none that has no bucket to go to."""
    put_object = S3Provider.put_object

    @functools.wraps(put_object)
    def put_whole_object(provider: Any, context: Any, request: Any) -> Any:
        provider._get_cross_account_bucket(context, request["Bucket"])
        if body := request.get("Body"):
            request["Body"] = _receive(body, context.request.content_length)
        return put_object(provider, context, request)

    S3Provider.put_object = put_whole_object


def _receive(body: IO[bytes], length: int | None) -> IO[bytes]:
    received = SpooledTemporaryFile(max_size=S3_MAX_FILE_SIZE_BYTES)  # noqa: SIM115 - read until it is collected
    shutil.copyfileobj(body, received)
    if length is not None and received.tell() != length:
        raise CommonServiceException(INCOMPLETE_BODY, MESSAGE, status_code=400)
    received.seek(0)
    return received
