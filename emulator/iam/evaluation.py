"""Whether a request is allowed, by all policies that apply to it.

It reads beside AWS's page on how that is decided:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
and its parts on policies within an account and across accounts. There are no organizations here, so no policies of one.
"""

import functools
from collections.abc import Iterable
from enum import Enum, IntEnum
from typing import NamedTuple

from emulator.iam.policies import Policy, Statement
from emulator.iam.wildcards import Values

REMEMBERED_DECISIONS = 1024
NO_KEYS: frozenset[str] = frozenset()


class Kind(Enum):
    """Who may ask."""

    ROOT = "Account"
    USER = "User"
    ROLE = "AssumedRole"
    SERVICE = "AWSService"
    FEDERATED = "FederatedUser"
    ANONYMOUS = "Anonymous"


class Principal(NamedTuple):
    """Who asks.

    Args:
        kind: What it is.
        account: Whose it is; of a service, nobody's.
        arn: How AWS names it in a message; a service's principal, such as `events.amazonaws.com`.
        role: The ARN of the role, of a session of one.
    """

    kind: Kind
    account: str
    arn: str
    role: str = ""


class Policies(NamedTuple):
    """All policies that apply to a request.

    Args:
        identity: The principal's own, inline and attached.
        boundary: Its permissions boundary, if it has one.
        session: What its session was narrowed to when the role was assumed, if it was.
        resource: The resource's own, if it has one.
    """

    identity: tuple[Policy, ...] = ()
    boundary: tuple[Policy, ...] | None = None
    session: tuple[Policy, ...] | None = None
    resource: tuple[Policy, ...] = ()

    @property
    def keys(self) -> frozenset[str]:
        """The condition keys, in small letters, that any of them names."""
        every = (*self.identity, *(self.boundary or ()), *(self.session or ()), *self.resource)
        return NO_KEYS.union(*[policy.keys for policy in every if policy.keys])


class Request(NamedTuple):
    """What is asked for.

    Args:
        principal: Who asks.
        action: Such as `s3:GetObject`.
        resource: The ARN, or `*` where the action knows none.
        account: Whose the resource is.
        values: The condition keys in small letters that the policies name and the request has, with their values.
        unknown: Those that cannot be known here.
    """

    principal: Principal
    action: str
    resource: str
    account: str
    values: tuple[tuple[str, tuple[str, ...]], ...] = ()
    unknown: frozenset[str] = NO_KEYS


class Reason(Enum):
    """Why something is denied, as AWS words it.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
    """

    DENIED_BY_IDENTITY = "with an explicit deny in an identity-based policy"
    DENIED_BY_BOUNDARY = "with an explicit deny in a permissions boundary"
    DENIED_BY_SESSION = "with an explicit deny in a session policy"
    DENIED_BY_RESOURCE = "with an explicit deny in a resource-based policy"
    NO_IDENTITY = "because no identity-based policy allows the {action} action"
    NO_BOUNDARY = "because no permissions boundary allows the {action} action"
    NO_SESSION = "because no session policy allows the {action} action"
    NO_RESOURCE = "because no resource-based policy allows the {action} action"


class Decision(NamedTuple):
    """What came out, and what of it hangs on condition keys that cannot be known here."""

    reason: Reason | None
    unknown: frozenset[str] = NO_KEYS

    @property
    def allowed(self) -> bool:
        """Whether nothing speaks against it."""
        return self.reason is None


class Grant(IntEnum):
    """How closely a resource's policy names who asks; the closer, the less else is asked for."""

    NONE = 0
    ACCOUNT = 1
    ROLE = 2
    ITSELF = 3


@functools.lru_cache(REMEMBERED_DECISIONS)
def decide(request: Request, policies: Policies, *, resource_decides: bool = False) -> Decision:
    """Decide about a request.

    Args:
        request: What is asked for, and by whom.
        policies: All that applies.
        resource_decides: Whether the resource's policy must allow it also within an account, as a role's trust policy.
    """
    judged = _Judgement(request)
    layers = (
        (Reason.DENIED_BY_IDENTITY, policies.identity),
        (Reason.DENIED_BY_RESOURCE, policies.resource),
        (Reason.DENIED_BY_BOUNDARY, policies.boundary or ()),
        (Reason.DENIED_BY_SESSION, policies.session or ()),
    )
    reason = next((reason for reason, layer in layers if layer and judged.denies(layer)), None)
    if reason is None:
        reason = _missing(judged, policies, resource_decides=resource_decides)
    return Decision(reason, frozenset(judged.unknown) if reason else frozenset())


def _missing(judged: "_Judgement", policies: Policies, *, resource_decides: bool) -> Reason | None:
    """What no policy allows that one would have to."""
    principal, within_account = judged.request.principal, judged.request.principal.account == judged.request.account
    granted = judged.grant(policies.resource)
    if principal.kind in (Kind.SERVICE, Kind.FEDERATED, Kind.ANONYMOUS):
        return None if granted else Reason.NO_RESOURCE
    if within_account and principal.kind is Kind.ROOT:
        return None
    if within_account and granted is Grant.ITSELF:
        return None
    if within_account and granted is Grant.ROLE:
        return _outside(judged, policies)
    missing = _missing_of_identity(judged, policies)
    if missing is None and not granted and (resource_decides or not within_account):
        return Reason.NO_RESOURCE
    return missing


def _missing_of_identity(judged: "_Judgement", policies: Policies) -> Reason | None:
    if judged.request.principal.kind is Kind.ROOT:
        return None
    return _outside(judged, policies) if judged.allows(policies.identity) else Reason.NO_IDENTITY


def _outside(judged: "_Judgement", policies: Policies) -> Reason | None:
    """Which limit of the principal leaves it out."""
    if policies.boundary is not None and not judged.allows(policies.boundary):
        return Reason.NO_BOUNDARY
    if policies.session is not None and not judged.allows(policies.session):
        return Reason.NO_SESSION
    return None


class _Judgement:
    """Looks for statements that apply to a request, and notes which keys it could not know."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.unknown: set[str] = set()
        self._values: Values = dict(request.values)
        self._action = request.action.lower()

    def denies(self, policies: Iterable[Policy]) -> bool:
        """Whether some statement denies it."""
        return any(self._applies(one) and self._grant(one) for one in self._statements(policies, allows=False))

    def allows(self, policies: Iterable[Policy]) -> bool:
        """Whether some statement of the principal's own policies allows it."""
        return any(self._applies(one) for one in self._statements(policies, allows=True))

    def grant(self, policies: Iterable[Policy]) -> Grant:
        """How closely the resource's policies name the principal where they allow it."""
        found = (self._grant(one) for one in self._statements(policies, allows=True) if self._applies(one))
        return max(found, default=Grant.NONE)

    def _statements(self, policies: Iterable[Policy], *, allows: bool) -> list[Statement]:
        """Those about the action, of one effect."""
        return [one for policy in policies for one in policy.about(self._action) if one.allows is allows]

    def _applies(self, statement: Statement) -> bool:
        if statement.resources is not None and not statement.resources.means(self.request.resource, self._values):
            return False
        if unknown := statement.keys & self.request.unknown:
            self.unknown |= unknown
            # What cannot be known denies: an Allow does not count, a Deny does unless what is known speaks against it.
            return not statement.allows and self._holds(statement)
        return self._holds(statement)

    def _holds(self, statement: Statement) -> bool:
        if not statement.conditions:
            return True
        return all(one.key in self.request.unknown or one.holds(self._values) for one in statement.conditions)

    def _grant(self, statement: Statement) -> Grant:
        if statement.principals is None:
            return Grant.ITSELF
        found = max(
            (_closeness(*named, self.request.principal) for named in statement.principals.named), default=Grant.NONE
        )
        if statement.principals.excluded:
            is_named = found > Grant.ACCOUNT or (found and self.request.principal.kind is Kind.ROOT)
            return Grant.NONE if is_named else Grant.ITSELF
        return found


def _closeness(kind: str, name: str, principal: Principal) -> Grant:
    """How closely a Principal element names somebody.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    """
    if name == "*":
        return Grant.ITSELF
    if principal.kind is Kind.FEDERATED:
        return Grant.ITSELF if kind == "Federated" else Grant.NONE
    if kind != ("Service" if principal.kind is Kind.SERVICE else "AWS"):
        return Grant.NONE
    named = {
        principal.role: Grant.ROLE,
        principal.account: Grant.ACCOUNT,
        f"arn:aws:iam::{principal.account}:root": Grant.ACCOUNT,
        principal.arn: Grant.ITSELF,
    }
    return named.get(name, Grant.NONE)
