"""What a function wrote, as the events of a log.

A line that is printed is an event. A record of `logging` is one, however many lines it has: AWS's client writes it with
a frame around it to the descriptor that ``_LAMBDA_TELEMETRY_LOG_FD`` names, here the same file as the output.
"""

from collections.abc import Iterable, Iterator
from typing import Self

# As awslambdaric writes it: four bytes for the kind, four for the length, eight for the time, then the message.
FRAME_MARK = b"\xa5\x5a\x00"
LENGTH_AT, LENGTH_END = 4, 8
FRAME_BYTES = 16
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html: 1 MB, with the newline, and with
# the 26 bytes that each event counts more.
LOG_EVENT_BYTES = 1024 * 1024 - 27
LONGEST_CHARACTER_BYTES = 4


class Log(str):
    """Events as text, a line or more each, and those that are yet to be written; LocalStack hands it on as it is."""

    __slots__ = ("events",)
    events: tuple[str, ...]

    def __new__(cls, events: Iterable[str], written: int = 0) -> Self:
        """Put the events together; so many of them are in CloudWatch Logs already."""
        kept = tuple(events)
        log = super().__new__(cls, "".join(f"{event}\n" for event in kept))
        log.events = kept[written:]
        return log


def events_of(output: bytes) -> Iterator[str]:
    """The events of an output, in their order; none is too long for CloudWatch Logs."""
    start = 0
    while (found := output.find(FRAME_MARK, start)) >= 0:
        yield from _lines(output[start:found])
        length = int.from_bytes(output[found + LENGTH_AT : found + LENGTH_END])
        start = found + FRAME_BYTES + length
        yield from _pieces(output[found + FRAME_BYTES : start].decode(errors="replace").removesuffix("\n"))
    yield from _lines(output[start:])


def whole(output: bytes) -> int:
    """How many bytes of an output are whole events; what follows them is still being written."""
    start = 0
    while (found := output.find(FRAME_MARK, start)) >= 0:
        end = found + FRAME_BYTES + int.from_bytes(output[found + LENGTH_AT : found + LENGTH_END])
        if len(output) < found + FRAME_BYTES or len(output) < end:
            return found
        start = end
    return output.rfind(b"\n", start) + 1 or start


def _lines(output: bytes) -> Iterator[str]:
    for line in output.decode(errors="replace").removesuffix("\n").split("\n") if output else ():
        yield from _pieces(line)


def _pieces(event: str) -> Iterator[str]:
    """An event; what is too long for one goes on in the next."""
    if len(event) * LONGEST_CHARACTER_BYTES <= LOG_EVENT_BYTES:
        yield event
        return
    encoded, start = event.encode(), 0
    while start < len(encoded):
        part = encoded[start : start + LOG_EVENT_BYTES].decode(errors="ignore")
        yield part
        start += len(part.encode())
