"""The policies that apply to a call, read from LocalStack's stores each time: a change of one counts at once."""

import json
from collections.abc import Callable, Iterable
from typing import Any

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
ANY_REGION = "us-east-1"
# Where IAM keeps what, by the kind in its ARN.
ENTITIES = {"role": "roles", "user": "users", "group": "groups", "policy": "managed_policies"}

_found_roles: dict[str, Any] = {}


def policies_for(caller: Caller, resource: str) -> Policies:
    """All policies that apply when somebody asks for something.

    Args:
        caller: Who asks.
        resource: The ARN of what it is about, or `*`.
    """
    entity = _entity_of(caller)
    session = None
    if caller.is_narrowed:
        named = (_managed(caller.principal.account, arn) for arn in caller.managed)
        session = tuple(map(policy_of, (*caller.policies, *named)))
    return Policies(
        identity=tuple(map(policy_of, _identity(caller, entity))),
        boundary=_boundary(caller, entity),
        session=session,
        resource=resource_policies(resource),
    )


def role_of(arn: str) -> Any:  # noqa: ANN401 - moto is untyped
    """A role by its ARN; none if it does not exist."""
    backend = iam_backends[arn.split(":")[4]][PARTITION]
    role = _found_roles.get(arn)
    if role is None or backend.roles.get(role.id) is not role:
        role = _found_roles[arn] = next((one for one in list(backend.roles.values()) if one.arn == arn), None)
    return role


def role_of_function(arn: str) -> str | None:
    """The ARN of the role of a function, by the function's, with or without qualifier; none if it does not exist."""
    _arn, _aws, _service, region, account, name = arn.split(":", 5)
    function = lambda_stores[account][region].functions.get(name.split(":")[1])
    return str(function.latest().config.role) if function else None


def path_of(account: str, kind: str, name: str) -> str:
    """The path in front of the name of an entity of IAM; `/` if it does not exist."""
    entities = getattr(iam_backends[account][PARTITION], ENTITIES.get(kind, ""), {})
    return str(next((one.path for one in list(entities.values()) if one.name == name), "/"))


def owner_of(resource: str, account: str) -> str:
    """Whose a resource is; of one that does not say so, the account where it is asked for."""
    parts = resource.split(":", 5)
    if resource.startswith("arn:aws:s3:::"):
        return bucket_owner(resource) or account
    return parts[4] if len(parts) > 5 and parts[4] else account  # noqa: PLR2004 - of an ARN


def bucket_owner(resource: str) -> str | None:
    """The account of a bucket, or of the one that an object is in; none if it does not exist."""
    owners: dict[str, str] = s3_stores["000000000000"][ANY_REGION].global_bucket_map
    return owners.get(_bucket(resource))


def resource_policies(resource: str) -> tuple[Policy, ...]:
    """The policies of a resource."""
    if resource == "*":
        return ()
    _arn, _aws, service, region, account, name = resource.split(":", 5)
    read = _READERS.get(service)
    return tuple(map(policy_of, read(resource, region, account, name))) if read else ()


def _identity(caller: Caller, entity: Any) -> Iterable[str]:  # noqa: ANN401
    if entity is None:
        return
    holders = [entity]
    if caller.principal.kind is Kind.USER:
        groups = iam_backends[caller.principal.account][PARTITION].groups.values()
        holders += [group for group in list(groups) if entity in group.users]
    for holder in holders:
        yield from _documents(holder.policies)
        for managed in list(holder.managed_policies.values()):
            yield _default_version(managed)


def _documents(policies: Any) -> Iterable[str]:  # noqa: ANN401
    for document in list(policies.values()):
        yield document if isinstance(document, str) else json.dumps(document)


def _entity_of(caller: Caller) -> Any:  # noqa: ANN401
    principal = caller.principal
    if principal.kind is Kind.ROLE:
        return role_of(principal.role)
    if principal.kind is Kind.USER:
        return iam_backends[principal.account][PARTITION].users.get(principal.arn.rpartition("/")[2])
    return None


def _boundary(caller: Caller, entity: Any) -> tuple[Policy, ...] | None:  # noqa: ANN401
    # Users have none here: moto knows no PutUserPermissionsBoundary.
    arn = getattr(entity, "permissions_boundary_arn", None)
    return (policy_of(_managed(caller.principal.account, arn)),) if arn else None


def _managed(account: str, arn: str) -> str:
    """The document of a managed policy; one that does not exist allows nothing."""
    found = iam_backends[account][PARTITION].managed_policies.get(arn)
    return _default_version(found) if found else json.dumps({"Statement": []})


def _default_version(managed: Any) -> str:  # noqa: ANN401
    document = next(version.document for version in managed.versions if version.is_default)
    return document if isinstance(document, str) else json.dumps(document)


def _bucket(resource: str) -> str:
    return resource.removeprefix("arn:aws:s3:::").partition("/")[0]


def _of_bucket(resource: str, *_where: str) -> Iterable[str]:
    owner = bucket_owner(resource)
    bucket = s3_stores[owner][ANY_REGION].buckets.get(_bucket(resource)) if owner else None
    if bucket and bucket.policy:
        yield bucket.policy


def _of_function(_resource: str, region: str, account: str, name: str) -> Iterable[str]:
    kind, function, qualifier = (*name.split(":"), LATEST)[:3]
    if kind != "function":
        return
    found = lambda_stores[account][region].functions.get(function)
    policy = found and found.permissions.get(qualifier)
    if policy:
        yield json.dumps({"Version": policy.policy.Version, "Statement": policy.policy.Statement})


def _of_bus(_resource: str, region: str, account: str, name: str) -> Iterable[str]:
    bus = events_stores[account][region].event_buses.get(name.removeprefix("event-bus/"))
    if bus and bus.policy:
        yield json.dumps(bus.policy)


def _of_queue(_resource: str, region: str, account: str, name: str) -> Iterable[str]:
    queue = sqs_stores[account][region].queues.get(name)
    policy = queue and queue.attributes.get("Policy")
    if policy:
        yield policy


def _of_log_groups(_resource: str, region: str, account: str, _name: str) -> Iterable[str]:
    for policy in list(logs_backends[account][region].resource_policies.values()):
        yield policy.policy_document


def _of_role(resource: str, *_where: str) -> Iterable[str]:
    role = role_of(resource) if ":role/" in resource else None
    if role:
        yield from _documents({"trust": role.assume_role_policy_document})


_READERS: dict[str, Callable[[str, str, str, str], Iterable[str]]] = {
    "s3": _of_bucket,
    "lambda": _of_function,
    "events": _of_bus,
    "sqs": _of_queue,
    "logs": _of_log_groups,
    "iam": _of_role,
}
