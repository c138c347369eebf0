"""Which events PutEvents takes.

LocalStack 4.14.0 refuses a detail of 262,144 letters and adds up no entries; it takes detail types of any length, and
sources that only AWS's own services may have. Here, as there since January 2026, all entries have 1 MB together.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html and
https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsResultEntry.html
"""

import functools
import json
from collections.abc import Mapping
from typing import Any

from localstack.aws.api import RequestContext
from localstack.services.events import provider
from localstack.services.events.models import ValidationException
from localstack.services.events.provider import EventsProvider
from localstack.utils.aws.client_types import ServicePrincipal

from emulator.iam.callers import MADE_KEY, access_key_of

BYTES_AT_MOST = 1024 * 1024
TIME_BYTES = 14
DETAIL_TYPE_CHARACTERS = 128
SERVICES = "aws."
REQUIRED = ("Source", "DetailType", "Detail")

type Refusal = dict[str, str]


def limit_entries() -> None:
    """Take, refuse and word as EventBridge does."""
    put, process = EventsProvider.put_events, EventsProvider._process_entry

    @functools.wraps(put)
    def put_within_limits(self: Any, context: RequestContext, entries: list[Any], **others: Any) -> Any:
        if not entries:
            raise ValidationException(
                "1 validation error detected: Value '[]' at 'entries' failed to satisfy constraint: Member must have"
                " length greater than or equal to 1"
            )
        if sum(map(_bytes, entries)) > BYTES_AT_MOST:
            raise ValidationException("Total size of the entries in the request is over the limit.")
        return put(self, context, entries, **others)

    def process_own(self: Any, entry: Any, processed: list[Any], failed: dict[str, int], context: Any) -> None:
        # What is replayed was taken before; no caller can say that it is.
        is_new = "ReplayName" not in entry
        if is_new and str(entry.get("Source")).startswith(SERVICES) and not _is_service(context):
            processed.append(_refusal("NotAuthorizedForSourceException", "Not authorized for the source."))
            failed["count"] += 1
        else:
            process(self, entry, processed, failed, context)

    EventsProvider.put_events = put_within_limits
    EventsProvider._process_entry = process_own
    provider.validate_event = _refused


def _bytes(entry: Mapping[str, Any]) -> int:
    """The size of an entry, as EventBridge's documentation counts it."""
    texts = [*(entry.get(name) or "" for name in REQUIRED), *(entry.get("Resources") or ())]
    return sum(len(text.encode(errors="surrogatepass")) for text in texts) + (TIME_BYTES if entry.get("Time") else 0)


def _is_service(context: RequestContext) -> bool:
    """Whether an event is from a service, or a rule that hands it on; a task of a machine has the key of its role."""
    if context.internal_request_params is None:
        return False
    is_rule = context.internal_request_params.get("service_principal") == ServicePrincipal.events
    return is_rule or not MADE_KEY.fullmatch(access_key_of(context))


def _refused(entry: Mapping[str, Any]) -> Refusal | None:
    """Why an entry is not taken, though others of the request may be."""
    for name in REQUIRED:
        if not entry.get(name):
            return _invalid(name, f"{name} is a required argument.")
    if len(entry["DetailType"]) > DETAIL_TYPE_CHARACTERS:
        return _invalid("DetailType", f"DetailType must have at most {DETAIL_TYPE_CHARACTERS} characters.")
    try:
        detail = json.loads(entry["Detail"])
    except ValueError:
        detail = None
    return None if isinstance(detail, dict) else _refusal("MalformedDetail", "Detail is malformed.")


def _invalid(name: str, reason: str) -> Refusal:
    return _refusal("InvalidArgument", f"Parameter {name} is not valid. Reason: {reason}")


def _refusal(code: str, message: str) -> Refusal:
    return {"ErrorCode": code, "ErrorMessage": message}
