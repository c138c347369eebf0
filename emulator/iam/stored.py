"""The policies that apply to a call, read from LocalStack's stores each time: a change of one counts at once."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from localstack.constants import DEFAULT_AWS_ACCOUNT_ID
from localstack.services.events.models import events_stores
from localstack.services.lambda_.invocation.models import lambda_stores
from localstack.services.s3.models import s3_stores
from localstack.services.sqs.models import sqs_stores
from moto.iam.models import iam_backends
from moto.logs.models import logs_backends

from emulator.iam.callers import PARTITION, Caller
from emulator.iam.evaluation import Kind, Policies
from emulator.iam.policies import Policy, policy_of

LATEST = "$LATEST"
ARN_COLONS = 5
ANY_REGION = "us-east-1"
# Where IAM keeps what, by the kind in its ARN.
ENTITIES = {"role": "roles", "user": "users", "group": "groups", "policy": "managed_policies"}

_found_roles: dict[str, Any] = {}


def _store(stores: Any, account: str, region: str) -> Any:  # noqa: ANN401
    """What a service keeps, if it keeps anything there; to ask for it would check both names, and make it."""
    of_account = stores.get(account)
    return of_account.get(region) if of_account is not None else None


def _all(account: str, kind: str) -> list[Any]:
    """All entities of IAM of a kind, such as `roles`."""
    backend = _store(iam_backends, account, PARTITION)
    return list(getattr(backend, kind).values()) if backend else []


def policies_for(caller: Caller, resource: str) -> Policies:
    """All policies that apply when somebody asks for something.

    Args:
        caller: Who asks.
        resource: The ARN of what it is about, or `*`.
    """
    attached = resource_policies(resource)
    entity = _entity_of(caller)
    if entity is None:
        return Policies(resource=attached)
    session = None
    if caller.is_narrowed:
        named = (_managed(caller.principal.account, arn) for arn in caller.managed)
        session = tuple(map(policy_of, (*caller.policies, *named)))
    return Policies(tuple(map(policy_of, _identity(caller, entity))), _boundary(caller, entity), session, attached)


def role_of(arn: str) -> Any:  # noqa: ANN401 - moto is untyped
    """A role by its ARN; none if it does not exist."""
    account = owner_of(arn, "")
    role = _found_roles.get(arn)
    backend = _store(iam_backends, account, PARTITION)
    if role is None or backend is None or backend.roles.get(role.id) is not role:
        role = _found_roles[arn] = next((one for one in _all(account, "roles") if one.arn == arn), None)
    return role


def role_of_function(arn: str) -> str | None:
    """The ARN of the role of a function, by the function's, with or without qualifier; none if it does not exist."""
    match arn.split(":"):
        case [_arn, _aws, _service, region, account, "function", name, *_qualifier]:
            store = _store(lambda_stores, account, region)
            function = store and store.functions.get(name)
            return str(function.latest().config.role) if function else None
        case _:
            return None


def path_of(account: str, kind: str, name: str) -> str:
    """The path in front of the name of an entity of IAM; `/` if it does not exist."""
    entities = _all(account, ENTITIES[kind]) if kind in ENTITIES else []
    return str(next((one.path for one in entities if one.name == name), "/"))


def owner_of(resource: str, account: str) -> str:
    """Whose a resource is; of one that does not say so, the account where it is asked for."""
    parts = resource.split(":", 5)
    if resource.startswith("arn:aws:s3:::"):
        return bucket_owner(resource) or account
    return parts[4] if len(parts) > ARN_COLONS and parts[4] else account


def bucket_owner(resource: str) -> str | None:
    """The account of a bucket, or of the one that an object is in; none if it does not exist."""
    # All accounts' stores have the same map.
    store = _store(s3_stores, DEFAULT_AWS_ACCOUNT_ID, ANY_REGION) or s3_stores[DEFAULT_AWS_ACCOUNT_ID][ANY_REGION]
    owner: str | None = store.global_bucket_map.get(_bucket(resource))
    return owner


def resource_policies(resource: str) -> tuple[Policy, ...]:
    """The policies of a resource."""
    parts = resource.split(":", 5)
    if len(parts) <= ARN_COLONS:  # `*`, or what is no ARN, as the service will say
        return ()
    _arn, _aws, service, region, account, name = parts
    read = _READERS.get(service)
    return tuple(map(policy_of, read(resource, region, account, name))) if read else ()


def _identity(caller: Caller, entity: Any) -> list[str]:  # noqa: ANN401
    holders = [entity]
    if caller.principal.kind is Kind.USER:
        holders += [group for group in _all(caller.principal.account, "groups") if entity in group.users]
    found: list[str] = []
    for holder in holders:
        found += map(_text, holder.policies.values())
        found += map(_default_version, holder.managed_policies.values())
    return found


def _text(document: Any) -> str:  # noqa: ANN401
    return document if isinstance(document, str) else json.dumps(document)


def _entity_of(caller: Caller) -> Any:  # noqa: ANN401
    principal = caller.principal
    if principal.kind is Kind.ROLE:
        return role_of(principal.role)
    if principal.kind is Kind.USER:
        return next((one for one in _all(principal.account, "users") if one.arn == principal.arn), None)
    return None


def _boundary(caller: Caller, entity: Any) -> tuple[Policy, ...] | None:  # noqa: ANN401
    # Users have none here: moto knows no PutUserPermissionsBoundary.
    arn = getattr(entity, "permissions_boundary_arn", None)
    return (policy_of(_managed(caller.principal.account, arn)),) if arn else None


def _managed(account: str, arn: str) -> str:
    """The document of a managed policy; one that does not exist allows nothing."""
    found = iam_backends[account][PARTITION].managed_policies.get(arn)  # may be one of AWS's, made when asked for
    return _default_version(found) if found else json.dumps({"Statement": []})


def _default_version(managed: Any) -> str:  # noqa: ANN401
    return _text(next(version.document for version in managed.versions if version.is_default))


def _bucket(resource: str) -> str:
    return resource.removeprefix("arn:aws:s3:::").partition("/")[0]


def _of_bucket(resource: str, *_where: str) -> Iterable[str]:
    owner = bucket_owner(resource)
    store = _store(s3_stores, owner, ANY_REGION) if owner else None
    bucket = store and store.buckets.get(_bucket(resource))
    if bucket and bucket.policy:
        yield bucket.policy


def _of_function(_resource: str, region: str, account: str, name: str) -> Iterable[str]:
    kind, _, qualified = name.partition(":")
    function, _, qualifier = qualified.partition(":")
    store = _store(lambda_stores, account, region)
    found = store and kind == "function" and store.functions.get(function)
    policy = found and found.permissions.get(qualifier or LATEST)
    if policy:
        yield json.dumps({"Version": policy.policy.Version, "Statement": policy.policy.Statement})


def _of_bus(_resource: str, region: str, account: str, name: str) -> Iterable[str]:
    store = _store(events_stores, account, region)
    bus = store and store.event_buses.get(name.removeprefix("event-bus/"))
    if bus and bus.policy:
        yield json.dumps(bus.policy)


def _of_queue(_resource: str, region: str, account: str, name: str) -> Iterable[str]:
    store = _store(sqs_stores, account, region)
    queue = store and store.queues.get(name)
    policy = queue and queue.attributes.get("Policy")
    if policy:
        yield policy


def _of_log_groups(_resource: str, region: str, account: str, _name: str) -> Iterable[str]:
    store = _store(logs_backends, account, region)
    for policy in list(store.resource_policies.values()) if store else ():
        yield policy.policy_document


def _of_role(resource: str, *_where: str) -> Iterable[str]:
    role = role_of(resource) if ":role/" in resource else None
    if role:
        yield _text(role.assume_role_policy_document)


_READERS: dict[str, Callable[[str, str, str, str], Iterable[str]]] = {
    "s3": _of_bucket,
    "lambda": _of_function,
    "events": _of_bus,
    "sqs": _of_queue,
    "logs": _of_log_groups,
    "iam": _of_role,
}
