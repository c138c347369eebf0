"""What a run asks for all the time, allowed again without a look at every policy, until one may have changed.

Each entry holds as long as no operation has ended that could change who may do what; and it is kept only of requests
that hang on nothing but who asks, for which source, and on what.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from localstack.aws.api import RequestContext

from emulator.iam.callers import Caller, access_key_of
from emulator.iam.evaluation import Kind, Policies
from emulator.iam.tokens import SEPARATOR

LONGEST_MEMORY = 4096
# Which change nothing about policies, roles and what they protect, nor about a session that there is.
READS = ("Describe", "Get", "Head", "List", "Receive")
HARMLESS = {
    "AssumeRole",
    "CreateLogStream",
    "DeleteMessage",
    "DeleteObject",
    "PutLogEvents",
    "SendMessage",
    "StopExecution",
}
# Condition keys whose values follow from the caller and the source.
FOLLOWING = {"aws:principalaccount", "aws:principalarn", "aws:sourceaccount", "aws:sourcearn"}
OF_OBJECTS = {"GetObject": "s3:getobject", "PutObject": "s3:putobject"}
# What changes which actions a request for an object takes.
UNUSUAL = ("ACL", "Tagging", "VersionId")


class Known(NamedTuple):
    """Who was allowed something, when, and for which objects, if it was about one."""

    caller: Caller
    version: int
    objects: tuple[re.Pattern[str], ...] | None


class Shortcuts:
    """Remembers what was allowed."""

    def __init__(self) -> None:
        self.version = 0
        self._known: dict[tuple[object, ...], Known] = {}

    def note(self, operation: str) -> None:
        """Forget all, if an operation that has ended may have changed who may do what."""
        if operation not in _SCOPES and operation not in HARMLESS and not operation.startswith(READS):
            self.version += 1

    def find(self, context: RequestContext, parameters: Mapping[str, Any]) -> Caller | None:
        """Who calls, if that is allowed for sure."""
        key = _key(context, parameters)
        known = self._known.get(key) if key else None
        if known is None or known.version != self.version:
            return None
        if known.objects is not None:
            arn = f"arn:aws:s3:::{parameters['Bucket']}/{parameters['Key']}"
            if not any(pattern.fullmatch(arn) for pattern in known.objects):
                return None
        return known.caller

    def remember(
        self,
        context: RequestContext,
        parameters: Mapping[str, Any],
        caller: Caller,
        policies: list[tuple[str, Policies]],
        version: int,
    ) -> None:
        """Remember that a call was allowed.

        Args:
            context: The request's.
            parameters: The operation's.
            caller: Who asked.
            policies: What each of its accesses was held against, with the owner of the resource.
            version: What `version` was before anything was looked at.
        """
        key = _key(context, parameters)
        if key is None or not all(one.keys <= FOLLOWING for _owner, one in policies):
            return
        objects = None
        if action := OF_OBJECTS.get(context.operation.name):
            ((owner, only),) = policies
            objects = _allowed_objects(caller, owner, only, action)
            if not objects:
                return
        if len(self._known) >= LONGEST_MEMORY:
            self._known.clear()
        self._known[key] = Known(caller, version, objects)


def _allowed_objects(caller: Caller, owner: str, policies: Policies, action: str) -> tuple[re.Pattern[str], ...]:
    """For which objects the caller's own policies are all that counts, and allow the action."""
    about = [statement for policy in policies.identity for statement in policy.about(action)]
    is_plain = (
        caller.principal.kind in (Kind.ROLE, Kind.USER)
        and caller.principal.account == owner
        and policies.boundary is None
        and policies.session is None
        and not policies.resource
        and all(one.allows and not one.keys for one in about)
    )
    resources = [one.resources for one in about if one.resources and not one.resources.excluded] if is_plain else []
    return tuple(element.plain for element in resources)


def _key(context: RequestContext, parameters: Mapping[str, Any]) -> tuple[object, ...] | None:
    """What an answer hangs on; none if it is not remembered for such a call."""
    find_scope = _SCOPES.get(context.operation.name)
    scope = find_scope(parameters) if find_scope else None
    if scope is None:
        return None
    said = context.internal_request_params
    source = (said.get("service_principal"), said.get("source_arn")) if said is not None else None
    return context.operation.name, access_key_of(context), context.region, source, scope


def _bus(parameters: Mapping[str, Any]) -> object:
    buses = {entry.get("EventBusName") for entry in parameters.get("Entries") or ()}
    return (*buses,) if len(buses) == 1 else None


def _bucket(parameters: Mapping[str, Any]) -> object:
    return None if any(parameters.get(name) for name in UNUSUAL) else parameters.get("Bucket")


def _function(parameters: Mapping[str, Any]) -> object:
    return parameters.get("FunctionName"), parameters.get("Qualifier")


def _machine_of_token(parameters: Mapping[str, Any]) -> object:
    return parameters.get("taskToken", "").rpartition(SEPARATOR)[2] or None


_SCOPES: dict[str, Callable[[Mapping[str, Any]], object]] = {
    "GetObject": _bucket,
    "Invoke": _function,
    "PutEvents": _bus,
    "PutObject": _bucket,
    "SendTaskFailure": _machine_of_token,
    "SendTaskSuccess": _machine_of_token,
    "StartExecution": lambda parameters: parameters.get("stateMachineArn"),
}
