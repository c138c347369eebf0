"""The log: one JSON object a line on standard output, which Lambda passes on to CloudWatch Logs."""

import json
import os
import sys

from handlers.shared.events import EventBridgeEvent


def log(event: EventBridgeEvent, message: str, /, *, level: str = "INFO", **fields: object) -> None:
    """Log what happened while an event was handled; never its task token nor a signed URL."""
    line = {
        "level": level,
        "message": message,
        "execution": event["detail"].get("execution"),
        "job": event["detail"].get("job"),
        "function": os.environ["AWS_LAMBDA_FUNCTION_NAME"],
        **fields,
    }
    sys.stdout.write(json.dumps(line) + "\n")
