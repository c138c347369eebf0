"""Objects that are read without holding up anyone, as S3 reads them.

LocalStack 4.14.0 keeps an object locked until the last byte has been sent: a reader that pauses holds up whoever
replaces it, and later readers with them; one that cannot be answered locks it for good; a delete cuts readers off.

S3 gives a reader the object as it was when the request came, whatever happens to it meanwhile:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/Welcome.html#ConsistencyModel.
"""

import functools
import io
import re
import threading
from typing import Any

from localstack.aws.api.s3 import InvalidArgument
from localstack.services.s3.constants import ALLOWED_HEADER_OVERRIDES, S3_HOST_ID
from localstack.services.s3.provider import S3Provider
from localstack.services.s3.storage.ephemeral import (
    EphemeralS3ObjectStore,
    EphemeralS3StoredObject,
    LockedSpooledTemporaryFile,
)
from localstack.services.s3.utils import header_name_from_capitalized_param

CONTROL_CHARACTER = re.compile(r"[\x00-\x1f\x7f]")
UNSENDABLE = "Header value cannot be represented using ISO-8859-1."

_opened = threading.local()


def read_without_locks() -> None:
    """Let a reader keep what it reads, and a writer put other content in its place."""
    _remember_what_is_opened()
    _unlock_what_is_read()
    for name in ("write", "truncate"):
        _replace_before(name)
    LockedSpooledTemporaryFile.close = _replace


def _remember_what_is_opened() -> None:
    open_object = EphemeralS3ObjectStore.open

    @functools.wraps(open_object)
    def open_and_remember(self: Any, bucket: Any, s3_object: Any, mode: Any = "r") -> Any:
        stored = open_object(self, bucket, s3_object, mode)
        if mode == "r":
            _opened.last = stored
        return stored

    EphemeralS3ObjectStore.open = open_and_remember


def _unlock_what_is_read() -> None:
    get_object = S3Provider.get_object

    @functools.wraps(get_object)
    def get_and_unlock(provider: Any, context: Any, request: Any) -> Any:
        _require_sendable(request)
        _opened.last = None
        try:
            return get_object(provider, context, request)
        finally:
            if _opened.last:
                _unlock(_opened.last)
                _opened.last = None

    S3Provider.get_object = get_and_unlock


def _replace_before(name: str) -> None:
    change = getattr(EphemeralS3StoredObject, name)

    @functools.wraps(change)
    def change_other(self: Any, *arguments: Any, **options: Any) -> Any:
        if self._mode == "w":
            _replace(self.file)
        return change(self, *arguments, **options)

    setattr(EphemeralS3StoredObject, name, change_other)


def _require_sendable(request: Any) -> None:
    for parameter in ALLOWED_HEADER_OVERRIDES:
        value = request.get(parameter)
        if isinstance(value, str) and CONTROL_CHARACTER.search(value):
            name = header_name_from_capitalized_param(parameter)
            raise InvalidArgument(UNSENDABLE, ArgumentName=name, ArgumentValue=repr(value), HostId=S3_HOST_ID)


class _Content:
    """What a file had when it was opened; whoever changes the file gives it other content first."""

    def __init__(self, file: LockedSpooledTemporaryFile) -> None:
        self._content = file._file
        self.seek, self.read = self._content.seek, self._content.read
        self.position_lock = file.position_lock
        self.internal_last_modified = file.internal_last_modified


class _NoLock:
    def release(self) -> None:
        """Nothing is held."""


def _unlock(stored: EphemeralS3StoredObject) -> None:
    stored.file = _Content(stored.file)
    lock, stored._lock = stored._lock, _NoLock()
    lock.release()


def _replace(file: LockedSpooledTemporaryFile) -> None:
    """Give a file other, empty content; the former is gone when its last reader is."""
    # As SpooledTemporaryFile begins; what goes to disk goes to the folder for temporary files.
    file._file = io.BytesIO()
    file._rolled = False
    file._TemporaryFileArgs = {"mode": "w+b"}
