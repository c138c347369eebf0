"""What becomes of a handler's error, so that the state that waits for its answer does not wait in vain."""

import os
from functools import wraps

from handlers.detail_types import DetailType
from handlers.shared.emit import emit
from handlers.shared.errors import PermanentError
from handlers.shared.events import EventBridgeEvent
from handlers.shared.invocation import CURRENT, Context, Handler
from handlers.shared.log import log

# Step Functions takes a cause of 32,768 characters; as JSON, one of these is up to twelve.
MAX_MESSAGE_CHARACTERS = 1000
MAX_NAME_CHARACTERS = 200


def answers_failure(handle: Handler) -> Handler:
    """Answer an error that no retry can mend with a `failed` event; Lambda retries any other, then says so itself.

    Only for functions whose event carries their own task's token: the one that side effects see is somebody else's.
    """

    @wraps(handle)
    def lambda_handler(event: EventBridgeEvent, context: Context) -> None:
        try:
            handle(event, context)
        except PermanentError as error:
            failure = describe(error, event)
            log(event, "failed for good", level="ERROR", failure=failure)
            emit(event, DetailType.FAILED, {"failure": failure})

    return lambda_handler


def describe(error: PermanentError, event: EventBridgeEvent) -> dict[str, str]:
    """Say what failed, why, for whom, and where its log is."""
    invocation = CURRENT.get()
    person = {"name": str(event["detail"]["name"])[:MAX_NAME_CHARACTERS]} if "name" in event["detail"] else {}
    return {
        "function": os.environ["AWS_LAMBDA_FUNCTION_NAME"],
        "error": type(error).__name__,
        "message": str(error)[:MAX_MESSAGE_CHARACTERS],
        **person,
        "logStream": invocation.log_stream,
        "requestId": invocation.request_id,
    }
