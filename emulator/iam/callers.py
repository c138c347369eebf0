"""Who calls, by the access key of the request and by what LocalStack's services say of each other's calls."""

import re
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from localstack.aws.api import RequestContext
from localstack.constants import INTERNAL_AWS_ACCESS_KEY_ID
from localstack.services.sqs import query_api
from localstack.services.sts.models import sts_stores
from localstack.utils.aws.request_context import extract_access_key_id_from_auth_header
from moto.iam.models import iam_backends
from moto.sts.models import sts_backends

from emulator.iam.evaluation import Kind, Principal

PARTITION = "aws"
SERVICE_DOMAIN = ".amazonaws.com"
# What LocalStack writes into a request that nobody signed.
UNSIGNED = "injectedaccesskey"
# As AWS makes them, and LocalStack's own: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
MADE_KEY = re.compile(r"[AL](?:KIA|SIA)[A-Z0-9]{12,}")
# These are allowed by a token of an identity provider, which LocalStack does not check either.
BY_TOKEN = {"AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"}
ACTIVE = "Active"


class UnknownKeyError(Exception):
    """An access key is one that AWS would have made, and nobody has it."""


@dataclass(frozen=True)
class Caller:
    """Who calls.

    Args:
        principal: Who that is.
        policies: The documents that narrow the session, if any were given when the role was assumed.
        managed: The ARNs of the managed policies that narrow it.
        source: The resource for which a service calls, if it says which.
        tags: Those of the session.
    """

    principal: Principal
    policies: tuple[str, ...] = ()
    managed: tuple[str, ...] = ()
    source: str = ""
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def is_narrowed(self) -> bool:
        """Whether its session has policies of its own."""
        return bool(self.policies or self.managed)


_sessions: dict[str, Caller] = {}
# Whether LocalStack asks itself for something that somebody outside has asked for.
_passed_on = ContextVar("passed_on", default=False)


def caller_of(context: RequestContext) -> Caller | None:
    """Who asks for something; none if it is LocalStack itself, which does as it likes.

    Raises:
        UnknownKeyError: Nobody has its access key.
    """
    if context.operation.name in BY_TOKEN:
        return Caller(Principal(Kind.FEDERATED, "", "anonymous"))
    key = access_key_of(context)
    if known := _sessions.get(key) or _user(key, context.account_id) or _session(key, context.account_id):
        return known
    is_inside = not (context.request.remote_addr or _passed_on.get())
    if is_inside and context.internal_request_params is not None:
        return _service(context)
    if is_inside and key == INTERNAL_AWS_ACCESS_KEY_ID:
        return None
    if key == UNSIGNED or (key == INTERNAL_AWS_ACCESS_KEY_ID and _passed_on.get()):
        return Caller(Principal(Kind.ANONYMOUS, "", "anonymous"))
    if key == INTERNAL_AWS_ACCESS_KEY_ID or MADE_KEY.fullmatch(key):
        raise UnknownKeyError(key)
    return Caller(root_of(context.account_id))


def know_who_asks_queues() -> None:
    """Hold what LocalStack passes on for somebody, as requests to a queue's URL are, against who has signed it."""
    call = query_api.try_call_sqs

    def pass_on(request: Any, region: str) -> Any:  # noqa: ANN401
        token = _passed_on.set(True)
        try:
            return call(request, region)
        finally:
            _passed_on.reset(token)

    query_api.try_call_sqs = pass_on


def root_of(account: str) -> Principal:
    """The root of an account."""
    return Principal(Kind.ROOT, account, f"arn:aws:iam::{account}:root")


def service_of(name: str) -> Principal:
    """A service, such as `events` or `events.amazonaws.com`."""
    return Principal(Kind.SERVICE, "", name if name.endswith(SERVICE_DOMAIN) else f"{name}{SERVICE_DOMAIN}")


def session_of(role: str, name: str) -> Principal:
    """A session of a role, by the role's ARN."""
    account = role.split(":")[4]
    arn = f"arn:aws:sts::{account}:assumed-role/{role.rpartition('/')[2]}/{name}"
    return Principal(Kind.ROLE, account, arn, role)


def access_key_of(context: RequestContext) -> str:
    """The key that a request is signed with."""
    given = getattr(context, "access_key", None)
    return given or extract_access_key_id_from_auth_header(context.request.headers) or UNSIGNED


def remember_session(key: str, account: str, managed: tuple[str, ...]) -> None:
    """Narrow a session, that was just begun, to managed policies, which moto does not keep."""
    begun = _session(key, account)
    if begun and managed:
        _sessions[key] = Caller(begun.principal, begun.policies, managed, tags=begun.tags)


def _session(key: str, account: str) -> Caller | None:
    if not MADE_KEY.fullmatch(key):
        return None
    # The last ones are asked for first.
    for session in reversed(sts_backends[account][PARTITION].assumed_roles):
        if session.access_key_id == key:
            stored = sts_stores[account]["us-east-1"].sessions.get(key) or {}
            tags = {tag["Key"]: tag["Value"] for tag in (stored.get("tags") or {}).values()}
            principal = session_of(session.role_arn, session.session_name)
            found = Caller(principal, (session.policy,) if session.policy else (), tags=tags)
            _sessions[key] = found
            return found
    return None


def _user(key: str, account: str) -> Caller | None:
    if not MADE_KEY.fullmatch(key):
        return None
    for user in list(iam_backends[account][PARTITION].users.values()):
        if any(one.access_key_id == key and one.status == ACTIVE for one in user.access_keys):
            return Caller(Principal(Kind.USER, account, user.arn))
    return None


def _service(context: RequestContext) -> Caller | None:
    said: Any = context.internal_request_params
    name = said.get("service_principal")
    return Caller(service_of(name), source=said.get("source_arn") or "") if name else None
