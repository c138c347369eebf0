"""What is said when something is denied: to who asked, in AWS's words, in the log, and in a list of the last ones."""

import json
import logging
import threading
from collections import deque
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from localstack.aws.api import CommonServiceException
from localstack.services.edge import ROUTER

from emulator.iam.evaluation import Decision, Kind, Reason, Request

LOG = logging.getLogger(__name__)

PATH = "/_sandbox/denials"
KEPT_DENIALS = 500
# Code and status, by service as botocore names it.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html and answers of AWS.
ERRORS = {
    "events": ("AccessDeniedException", 400),
    "iam": ("AccessDenied", 403),
    "lambda": ("AccessDeniedException", 403),
    "logs": ("AccessDeniedException", 400),
    "s3": ("AccessDenied", 403),
    "sqs": ("AccessDenied", 403),
    "stepfunctions": ("AccessDeniedException", 400),
    "sts": ("AccessDenied", 403),
}
UNKNOWN_KEYS = {
    "s3": ("InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records."),
    "": ("InvalidClientTokenId", "The security token included in the request is invalid."),
}
UNTOLD = "Access Denied"
OF_RESOURCE = {Reason.NO_RESOURCE, Reason.DENIED_BY_RESOURCE}
EXPLICIT = {reason for reason in Reason if reason.name.startswith("DENIED")}
LIMITS = {
    Reason.NO_BOUNDARY: "the permissions boundary",
    Reason.DENIED_BY_BOUNDARY: "the permissions boundary",
    Reason.NO_SESSION: "the session policy",
    Reason.DENIED_BY_SESSION: "the session policy",
}


@dataclass(frozen=True)
class Denial:
    """Something that was denied.

    Args:
        time: When, in ISO 8601.
        caller: The ARN of who asked, or a service's principal.
        action: What for.
        resource: On what.
        message: What AWS says about it.
        statement: What would allow it.
        policy: Where that statement would have to be.
        source: The resource for which a service asked; nothing if it did not say which, or somebody else asked.
    """

    time: str
    caller: str
    action: str
    resource: str
    message: str
    statement: dict[str, Any]
    policy: str
    source: str = ""


class Denials:
    """The last things that were denied."""

    def __init__(self) -> None:
        self._last: deque[Denial] = deque(maxlen=KEPT_DENIALS)
        self._lock = threading.Lock()

    def add(self, denial: Denial) -> None:
        """Keep it, and say so in the log."""
        with self._lock:
            self._last.append(denial)
        LOG.error("%s. In %s this would allow it: %s", denial.message, denial.policy, json.dumps(denial.statement))

    def listed(self, since: str = "") -> list[dict[str, Any]]:
        """All that are kept since a time in ISO 8601, the oldest first."""
        with self._lock:
            return [asdict(denial) for denial in self._last if denial.time >= since]


DENIALS = Denials()


def serve() -> None:
    """Answer `GET /_sandbox/denials` with what was denied last, `?since=TIME` with what was denied since then."""
    ROUTER.add(PATH, lambda request: DENIALS.listed(request.args.get("since", "")), methods=["GET"])


def describe(request: Request, decision: Decision, source: str) -> Denial:
    """Say what was denied, why, and what would allow it.

    Args:
        request: What was asked for.
        decision: What came of it.
        source: The resource for which a service asked, if it said which.
    """
    statement: dict[str, Any] = {"Effect": "Allow", "Action": request.action, "Resource": request.resource}
    policy = f"{_kind_of_policy(decision)} of {request.principal.role or request.principal.arn}"
    if decision.reason in OF_RESOURCE:
        statement["Principal"] = _principal(request)
        if source:
            statement["Condition"] = {"ArnEquals": {"aws:SourceArn": source}}
        policy = f"the policy of {request.resource}"
    if decision.reason in EXPLICIT:
        policy += " (once no Deny is left)"
    if request.action.startswith("sts:AssumeRole"):
        del statement["Resource"]
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    said = message(request, decision)
    return Denial(now, request.principal.arn, request.action, request.resource, said, statement, policy, source)


def _kind_of_policy(decision: Decision) -> str:
    """Which of the caller's own policies does not allow something."""
    return LIMITS.get(decision.reason, "a policy") if decision.reason else "a policy"


def message(request: Request, decision: Decision) -> str:
    """What AWS says to somebody of the resource's account."""
    resource = f'"{request.resource}"' if request.action.startswith("s3:") else request.resource
    said = f"User: {request.principal.arn} is not authorized to perform: {request.action} on resource: {resource}"
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_roles.html
    if decision.reason and not request.action.startswith("sts:"):
        said += f" {decision.reason.value.format(action=request.action)}"
    if decision.unknown:
        said += f" (here nothing is known of the condition keys {', '.join(sorted(decision.unknown))})"
    return said


def error(service: str, request: Request, decision: Decision) -> CommonServiceException:
    """The error that a service answers with when something is denied."""
    code, status = ERRORS[service]
    # S3 explains itself within an account only:
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html
    is_told = service != "s3" or request.principal.account == request.account
    return CommonServiceException(code, message(request, decision) if is_told else UNTOLD, status, sender_fault=True)


def unknown_key(service: str) -> CommonServiceException:
    """The error about an access key that nobody has."""
    code, said = UNKNOWN_KEYS.get(service) or UNKNOWN_KEYS[""]
    return CommonServiceException(code, said, 403, sender_fault=True)


def _principal(request: Request) -> dict[str, str] | str:
    principal = request.principal
    if principal.kind is Kind.SERVICE:
        return {"Service": principal.arn}
    return "*" if principal.kind is Kind.ANONYMOUS else {"AWS": principal.role or principal.arn}
