"""What becomes of a handler's error, so that the state that waits for its answer does not wait in vain."""

import os
import traceback
from functools import wraps

from handlers.shared.detail_types import FAILED
from handlers.shared.emit import emit
from handlers.shared.errors import PermanentError
from handlers.shared.events import EventBridgeEvent, item_of
from handlers.shared.invocation import CURRENT, Context, Handler
from handlers.shared.log import log

# Step Functions takes a cause of 32,768 characters; as JSON, one of these is up to twelve.
MAX_MESSAGE_CHARACTERS = 1000
MAX_ITEM_CHARACTERS = 200


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
            # As Lambda itself logs the traceback of an error in JSON.
            frames = traceback.format_tb(error.__traceback__)
            log(event, "failed for good", level="ERROR", failure=failure, stackTrace=frames)
            emit(event, FAILED, {"failure": failure})

    return lambda_handler


def describe(error: PermanentError, event: EventBridgeEvent) -> dict[str, str]:
    """Say what failed, why, for whom, and where its log is."""
    invocation = CURRENT.get()
    item = {key: str(value)[:MAX_ITEM_CHARACTERS] for key, value in item_of(event).items()}
    return {
        "function": os.environ["AWS_LAMBDA_FUNCTION_NAME"],
        "error": type(error).__name__,
        "message": str(error)[:MAX_MESSAGE_CHARACTERS],
        **item,
        "logStream": invocation.log_stream,
        "requestId": invocation.request_id,
    }
