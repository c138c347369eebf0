"""A request, read with httptools as far as it has arrived, and what may be too much of one."""

from collections import deque
from http import HTTPStatus

import httptools

# As much as S3 takes, https://docs.aws.amazon.com/AmazonS3/latest/API/RESTCommonRequestHeaders.html and the page on
# PutObject. LocalStack matches URLs and headers by expressions whose work grows with the square of the length.
MAX_URL_BYTES = 8 * 1024
MAX_HEADER_BYTES = 8 * 1024
MAX_HEAD_BYTES = 64 * 1024
# The largest request that is not for S3, https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: a
# function's package of 50 MB, in base 64. LocalStack keeps these in memory, and what is for S3 on disk.
MAX_BODY_BYTES = 70_167_211
MAX_OBJECT_BYTES = 256 * 1024 * 1024
SIGNED_FOR_S3 = "/s3/aws4_request"
PRESIGNED = (b"X-Amz-Signature=", b"Signature=")


class RefusedRequestError(OSError):
    """A request that cannot be read or taken; what follows it on its connection cannot be read either.

    Args:
        status: What to answer.
        why: One line for whoever sent it.
    """

    def __init__(self, status: HTTPStatus, why: str) -> None:
        super().__init__(why)
        self.status = status


class Message:
    """A request, as far as it has arrived."""

    method: str
    version: str
    keep_alive: bool

    def __init__(self) -> None:
        self.url = b""
        self.headers: list[tuple[str, str]] = []
        # By their names in small letters; of several with one name, the last.
        self.fields: dict[str, str] = {}
        self.parts: deque[bytes] = deque()
        self.received_bytes = 0
        self.waits_for_continue = False
        self.is_complete = False
        self.failure: RefusedRequestError | None = None

    def require_readable_head(self) -> None:
        """Make sure that LocalStack can be given what has arrived of the head.

        Raises:
            RefusedRequestError: It is too long, too much is announced, or it names two hosts.
        """
        if len(self.url) > MAX_URL_BYTES:
            raise RefusedRequestError(HTTPStatus.REQUEST_URI_TOO_LONG, f"a URL has at most {MAX_URL_BYTES:,} bytes")
        if len(self.fields) < len(self.headers):
            self._require_one_host()
        elif max(map(len, self.fields.values()), default=0) > MAX_HEADER_BYTES:
            raise _long_header()
        announced = self.fields.get("content-length")
        if announced and announced.isdecimal():
            self.require_body_of(int(announced))

    def _require_one_host(self) -> None:
        """Look at all headers, where some have the same name."""
        if [name.lower() for name, _value in self.headers].count("host") > 1:
            raise RefusedRequestError(HTTPStatus.BAD_REQUEST, "a request has one Host")
        if any(len(value) > MAX_HEADER_BYTES for _name, value in self.headers):
            raise _long_header()

    def require_body_of(self, length: int) -> None:
        """Make sure that a body is not too large.

        Args:
            length: Its bytes, announced or received.

        Raises:
            RefusedRequestError: It is.
        """
        if length <= MAX_BODY_BYTES:
            return
        limit = MAX_OBJECT_BYTES if self._is_signed_for_s3() else MAX_BODY_BYTES
        if length > limit:
            why = f"a body has at most {limit:,} bytes here: upload what is larger in parts"
            raise RefusedRequestError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, why)

    def require_part_within(self, length: int) -> None:
        """Make sure that a part of the body, or its end, comes before too much else.

        Args:
            length: The bytes that have come since the last part.

        Raises:
            RefusedRequestError: There is no part, and too much of what describes chunks or follows the last one.
        """
        if length > MAX_HEAD_BYTES and not self.parts:
            why = f"what comes before or after a chunk has at most {MAX_HEAD_BYTES:,} bytes"
            raise RefusedRequestError(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, why)

    def require_last_chunk(self) -> None:
        """Make sure that a body is whole whose client sends no more, as far as that can be known.

        Raises:
            RefusedRequestError: It came in chunks, and the last one is missing.
        """
        if "transfer-encoding" in self.fields:
            raise RefusedRequestError(HTTPStatus.BAD_REQUEST, "the last chunk of the body is missing")

    def _is_signed_for_s3(self) -> bool:
        return SIGNED_FOR_S3 in self.fields.get("authorization", "") or any(name in self.url for name in PRESIGNED)


def _long_header() -> RefusedRequestError:
    why = f"a header has at most {MAX_HEADER_BYTES:,} bytes"
    return RefusedRequestError(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, why)


class MessageReader:
    """Makes messages of the bytes of a connection."""

    def __init__(self) -> None:
        self._parser = httptools.HttpRequestParser(self)
        # Those whose head is complete: a client may send its next request before it has the answer.
        self.complete: deque[Message] = deque()
        self.arriving = Message()
        self._in_head = True

    def feed(self, received: bytes) -> None:
        """Read on.

        Raises:
            RefusedRequestError: It is no HTTP.
        """
        try:
            self._parser.feed_data(received)
        except httptools.HttpParserUpgrade:
            pass  # A client offers another protocol than HTTP/1.1; it may do without.
        except httptools.HttpParserError as error:
            raise RefusedRequestError(HTTPStatus.BAD_REQUEST, str(error)) from error

    # What httptools calls while it reads.

    def on_message_begin(self) -> None:
        """Begin a request."""
        self.arriving = Message()
        self._in_head = True

    def on_url(self, url: bytes) -> None:
        """Take a part of the URL."""
        self.arriving.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; none that comes after the body, when it is known already who asks for what."""
        if self._in_head:
            self.arriving.headers.append((name.decode("latin-1"), value.decode("latin-1")))

    def on_headers_complete(self) -> None:
        """Take what the parser knows of the request only now."""
        self._in_head = False
        message = self.arriving
        message.fields = {name.lower(): value for name, value in message.headers}
        message.method = self._parser.get_method().decode("latin-1")
        message.version = self._parser.get_http_version()
        message.keep_alive = (
            self._parser.should_keep_alive() and not self._parser.should_upgrade() and message.version != "1.0"
        )
        message.waits_for_continue = message.fields.get("expect", "").lower() == "100-continue"
        self.complete.append(message)

    def on_body(self, part: bytes) -> None:
        """Take a part of the body."""
        self.arriving.parts.append(part)
        self.arriving.received_bytes += len(part)

    def on_message_complete(self) -> None:
        """End the request."""
        self.arriving.is_complete = True
