"""The log: one JSON object a line on standard output, which Lambda passes on to CloudWatch Logs.

`LOG_LEVEL` says from which level on a line is written; where it is not set, the function's ApplicationLogLevel does,
which Lambda hands on in `AWS_LAMBDA_LOG_LEVEL`.
"""

import json
import os
import sys

from handlers.shared.events import EventBridgeEvent, item_of
from handlers.shared.levels import LEVELS, is_at_least, level_of


class LogLevelError(Exception):
    """`LOG_LEVEL` is no level."""


def log(event: EventBridgeEvent, message: str, /, *, level: str = "INFO", **fields: object) -> None:
    """Log what happened while an event was handled; never its task token nor a signed URL.

    Raises:
        LogLevelError: `LOG_LEVEL` is no level.
    """
    if not is_at_least(level, least_level()):
        return
    line = {
        "level": level,
        "message": message,
        "execution": event["detail"].get("execution"),
        "job": event["detail"].get("job"),
        "function": os.environ["AWS_LAMBDA_FUNCTION_NAME"],
        **item_of(event),
        **fields,
    }
    sys.stdout.write(json.dumps(line) + "\n")


def least_level() -> str:
    """Tell from which level on a line is written."""
    said = os.environ.get("LOG_LEVEL") or os.environ.get("AWS_LAMBDA_LOG_LEVEL") or "INFO"
    level = level_of(said)
    if level is None:
        raise LogLevelError(f"LOG_LEVEL is {said!r}: give one of {', '.join(LEVELS)}")
    return level
