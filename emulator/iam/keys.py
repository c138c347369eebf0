"""The condition keys of a request: those that are known here, and what their values are.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html, and the keys of each service in
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from emulator.iam.actions import Access
from emulator.iam.callers import Caller
from emulator.iam.evaluation import Kind
from emulator.iam.resources import Call, resource_of

Values = tuple[str, ...]
# A function of what is asked, which a request of the kind always has, sometimes has, or never has.
Finder = Callable[["Asked"], Values | None]


@dataclass(frozen=True)
class Asked:
    """All that the values of condition keys come from.

    Args:
        caller: Who asks.
        call: What for.
        access: Which of its actions is looked at, and on what.
        owner: The account of the resource.
        request: The HTTP request; without headers when one service calls another.
        role: What IAM keeps of the caller's role, if it is one.
        passed_to: The service that a role is passed to, if one is.
    """

    caller: Caller
    call: Call
    access: Access
    owner: str
    request: Any = None
    role: Any = None
    passed_to: str = ""


def values_of(keys: Iterable[str], asked: Asked) -> tuple[dict[str, Values], frozenset[str]]:
    """The values of condition keys, and which of them cannot be known here; the others the request does not have.

    Args:
        keys: In small letters.
        asked: What the request says.
    """
    values, unknown = {}, set()
    for key in keys:
        prefix, separated, name = key.partition("/")
        find = _BY_NAME.get(prefix) if separated else _SINGLE.get(key)
        if find is None:
            unknown.add(key)
            continue
        found = find(asked, name) if separated else find(asked)  # type: ignore[call-arg]
        if found is not None:
            values[key] = found
    return values, frozenset(unknown)


def _parameter(*path: str) -> Finder:
    """The value of a parameter, however deep."""

    def find(asked: Asked) -> Values | None:
        value: Any = asked.call.parameters
        for name in path:
            value = value.get(name) if isinstance(value, Mapping) else None
        return None if value is None else (str(value).lower() if isinstance(value, bool) else str(value),)

    return find


def _never(_asked: Asked) -> None:
    return None


def _always(value: str) -> Finder:
    return lambda _asked: (value,)


def _given(value: object) -> Values | None:
    return (str(value),) if value else None


def _header(name: str) -> Finder:
    return lambda asked: _given(asked.request and asked.request.headers.get(name))


def _source_account(asked: Asked) -> Values | None:
    parts = asked.caller.source.split(":")
    account = parts[4] if asked.caller.source and parts[4] else asked.owner
    return _given(asked.caller.principal.kind is Kind.SERVICE and account)


def _principal_arn(asked: Asked) -> Values | None:
    principal = asked.caller.principal
    return None if principal.kind in (Kind.SERVICE, Kind.ANONYMOUS) else (principal.role or principal.arn,)


def _user_id(asked: Asked) -> Values | None:
    principal = asked.caller.principal
    if principal.kind is Kind.ROOT:
        return (principal.account,)
    return (f"{asked.role.id}:{principal.arn.rpartition('/')[2]}",) if asked.role is not None else None


def _user_name(asked: Asked) -> Values | None:
    principal = asked.caller.principal
    return (principal.arn.rpartition("/")[2],) if principal.kind is Kind.USER else None


def _now(asked: Asked) -> Values:
    return (datetime.now(UTC).isoformat(timespec="seconds"),)


def _seconds_now(asked: Asked) -> Values:
    return (str(int(datetime.now(UTC).timestamp())),)


def _address(asked: Asked) -> Values | None:
    return _given(asked.request is not None and asked.request.environ.get("REMOTE_ADDR"))


def _is_service(asked: Asked) -> Values:
    return (str(asked.caller.principal.kind is Kind.SERVICE).lower(),)


def _service_name(asked: Asked) -> Values | None:
    return (asked.caller.principal.arn,) if asked.caller.principal.kind is Kind.SERVICE else None


def _source_function(asked: Asked) -> Values | None:
    """Functions call in a session that has their name."""
    if asked.role is None or "lambda.amazonaws.com" not in json.dumps(asked.role.assume_role_policy_document):
        return None
    return (asked.call.arn("lambda", f"function:{asked.caller.principal.arn.rpartition('/')[2]}"),)


def _tags(asked: Asked) -> dict[str, str]:
    """The tags that a request sets, in whichever way its service writes them."""
    parameters = asked.call.parameters
    given: Any = parameters.get("Tags") or parameters.get("tags") or parameters.get("Tagging") or ()
    if isinstance(given, str):
        return dict(parse_qsl(given))
    if isinstance(given, Mapping):
        given = given.get("TagSet", given)
    if isinstance(given, Mapping):
        return {str(key): str(value) for key, value in given.items()}
    return {str(tag.get("Key", tag.get("key"))): str(tag.get("Value", tag.get("value"))) for tag in given}


def _tag_keys(asked: Asked) -> Values | None:
    return tuple(_tags(asked)) or tuple(map(str, asked.call.parameters.get("TagKeys") or ())) or None


def _tag(tags: Mapping[str, str], name: str) -> Values | None:
    return next(((value,) for key, value in tags.items() if key.lower() == name), None)


def _principal_tag(asked: Asked, name: str) -> Values | None:
    of_role = {tag["Key"]: tag["Value"] for tag in getattr(asked.role, "tags", None) or ()}
    return _tag(of_role | asked.caller.tags, name)


def _entries(member: str) -> Finder:
    """What the events have that are put on a bus."""

    def find(asked: Asked) -> Values | None:
        entries = asked.call.parameters.get("Entries") or ()
        return tuple(dict.fromkeys(str(entry[member]) for entry in entries if entry.get(member))) or None

    return find


def _targets(asked: Asked) -> Values | None:
    return tuple(target["Arn"] for target in asked.call.parameters.get("Targets") or ()) or None


def _function_arn(asked: Asked) -> Values | None:
    return (resource_of("function", asked.call),) if asked.call.parameters.get("FunctionName") else None


def _qualifier(asked: Asked) -> Values | None:
    parts = asked.call.first("stateMachineArn", "stateMachineAliasArn", "stateMachineVersionArn").split(":")
    return _given(":".join(parts[7:]))


def _prefix(asked: Asked) -> Values | None:
    return (asked.call.first("Prefix"),) if asked.access.action.startswith("s3:ListBucket") else None


def _signed_in(asked: Asked) -> Values | None:
    presigned = asked.request is not None and b"X-Amz-Signature" in asked.request.query_string
    return ("REST-QUERY-STRING" if presigned else "REST-HEADER",)


_SINGLE: dict[str, Finder] = {
    "aws:calledvia": _never,
    "aws:calledviafirst": _never,
    "aws:calledvialast": _never,
    "aws:currenttime": _now,
    "aws:epochtime": _seconds_now,
    # There are no organizations, networks, devices and identity providers here.
    "aws:federatedprovider": _never,
    "aws:multifactorauthage": _never,
    "aws:multifactorauthpresent": _never,
    "aws:principalaccount": lambda asked: _given(asked.caller.principal.account),
    "aws:principalarn": _principal_arn,
    "aws:principalisawsservice": _is_service,
    "aws:principalorgid": _never,
    "aws:principalorgpaths": _never,
    "aws:principalservicename": _service_name,
    "aws:principaltype": lambda asked: (asked.caller.principal.kind.value,),
    "aws:referer": _header("Referer"),
    "aws:requestedregion": lambda asked: (asked.call.region,),
    "aws:resourceaccount": lambda asked: (asked.owner,),
    "aws:resourceorgid": _never,
    "aws:resourceorgpaths": _never,
    # Programs speak HTTPS with AWS, though not here.
    "aws:securetransport": _always("true"),
    "aws:sourceaccount": _source_account,
    "aws:sourcearn": lambda asked: _given(asked.caller.source),
    "aws:sourceip": _address,
    "aws:sourceorgid": _never,
    "aws:sourcevpc": _never,
    "aws:sourcevpce": _never,
    "aws:tagkeys": _tag_keys,
    "aws:useragent": _header("User-Agent"),
    "aws:userid": _user_id,
    "aws:username": _user_name,
    "aws:viaawsservice": _always("false"),
    "aws:vpcsourceip": _never,
    "events:creatoraccount": lambda asked: (asked.call.account,),
    "events:detail-type": _entries("DetailType"),
    "events:eventbusinvocation": lambda asked: (str(":rule/" in asked.caller.source).lower(),),
    "events:managedby": _never,
    "events:source": _entries("Source"),
    "events:targetarn": _targets,
    "iam:associatedresourcearn": lambda asked: _given(asked.passed_to and resource_of_call(asked.call)),
    "iam:awsservicename": _parameter("AWSServiceName"),
    "iam:passedtoservice": lambda asked: _given(asked.passed_to),
    "iam:permissionsboundary": _parameter("PermissionsBoundary"),
    "iam:policyarn": _parameter("PolicyArn"),
    "lambda:functionarn": _function_arn,
    "lambda:functionurlauthtype": _parameter("FunctionUrlAuthType"),
    "lambda:principal": _parameter("Principal"),
    "lambda:sourcefunctionarn": _source_function,
    "s3:authtype": _signed_in,
    "s3:delimiter": _parameter("Delimiter"),
    "s3:locationconstraint": _parameter("CreateBucketConfiguration", "LocationConstraint"),
    "s3:max-keys": _parameter("MaxKeys"),
    "s3:prefix": _prefix,
    "s3:requestobjecttagkeys": _tag_keys,
    "s3:resourceaccount": lambda asked: (asked.owner,),
    "s3:signatureversion": _always("AWS4-HMAC-SHA256"),
    "s3:versionid": _parameter("VersionId"),
    "s3:x-amz-acl": _parameter("ACL"),
    "s3:x-amz-copy-source": _parameter("CopySource"),
    "s3:x-amz-metadata-directive": _parameter("MetadataDirective"),
    "s3:x-amz-server-side-encryption": _parameter("ServerSideEncryption"),
    "s3:x-amz-server-side-encryption-aws-kms-key-id": _parameter("SSEKMSKeyId"),
    "s3:x-amz-storage-class": _parameter("StorageClass"),
    "s3:x-amz-website-redirect-location": _parameter("WebsiteRedirectLocation"),
    "states:statemachinequalifier": _qualifier,
    "sts:externalid": _parameter("ExternalId"),
    "sts:rolesessionname": _parameter("RoleSessionName"),
    "sts:sourceidentity": _parameter("SourceIdentity"),
}
_BY_NAME: dict[str, Callable[[Asked, str], Values | None]] = {
    "aws:principaltag": _principal_tag,
    "aws:requesttag": lambda asked, name: _tag(_tags(asked), name),
    "s3:requestobjecttag": lambda asked, name: _tag(_tags(asked), name),
}
KNOWN = frozenset(_SINGLE) | {f"{name}/" for name in _BY_NAME}


def resource_of_call(call: Call) -> str:
    """What a role is passed for."""
    kinds = {"lambda": "function", "stepfunctions": "state-machine", "events": "rule"}
    return resource_of(kinds[call.service], call)
