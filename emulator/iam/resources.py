"""The ARN of what an operation is done to, from its parameters.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from emulator.iam.tokens import machine_of

ANY = "*"
DEFAULT_BUS = "default"
QUALIFIED_PARTS = 8
ARN_PARTS = 7
# What a policy names with a path in front, and the parameter with its name.
ENTITIES = {
    "role": "RoleName",
    "user": "UserName",
    "group": "GroupName",
    "policy": "PolicyName",
    "instance-profile": "InstanceProfileName",
    "server-certificate": "ServerCertificateName",
}


class Call(NamedTuple):
    """An operation that somebody asks for.

    Args:
        service: As botocore names it.
        operation: As botocore names it.
        parameters: As botocore names them.
        account: Whose account it is asked for in.
        region: Where.
        path_of: Finds the path of an entity of IAM by its kind and name.
    """

    service: str
    operation: str
    parameters: Mapping[str, Any]
    account: str
    region: str
    path_of: Callable[[str, str], str] = lambda _kind, _name: "/"

    def arn(self, service: str, resource: str) -> str:
        """The ARN of something in its account and region."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"

    def first(self, *names: str) -> str:
        """The first of these parameters that it has."""
        return next((str(self.parameters[name]) for name in names if self.parameters.get(name)), "")


def resource_of(kind: str, call: Call) -> str:
    """The ARN of what a call is about; `*` if that is not said.

    Args:
        kind: From the table of operations.
        call: The call.
    """
    if kind == ANY:
        return ANY
    if kind.startswith("{"):
        return call.first(kind[1:-1]) or ANY
    return _KINDS[kind](call)


def object_arn(bucket: str, key: str) -> str:
    """An object of S3."""
    return f"arn:aws:s3:::{bucket}/{key}"


def _bucket(call: Call) -> str:
    return f"arn:aws:s3:::{call.first('Bucket')}"


def _object(call: Call) -> str:
    return object_arn(call.first("Bucket"), call.first("Key"))


def _function(call: Call) -> str:
    """A function by its name, a part of its ARN or all of it, with or without qualifier."""
    given, qualifier = call.first("FunctionName"), call.first("Qualifier")
    match given.split(":"):
        case ["arn", _, "lambda", *_] as parts:
            arn = given if qualifier or len(parts) < QUALIFIED_PARTS else ":".join(parts[:QUALIFIED_PARTS])
        case [account, "function", name, *more] if account.isdecimal():
            arn = call._replace(account=account).arn("lambda", ":".join(["function", name, *more]))
        case ["function", *rest] | [*rest]:
            arn = call.arn("lambda", ":".join(["function", *rest]))
    return f"{arn}:{qualifier}" if qualifier and len(arn.split(":")) < QUALIFIED_PARTS else arn


def _layer(call: Call) -> str:
    given = call.first("LayerName")
    return given if given.startswith("arn:") else call.arn("lambda", f"layer:{given}")


def _layer_version(call: Call) -> str:
    return f"{_layer(call)}:{call.first('VersionNumber')}"


def _rule(call: Call) -> str:
    bus = call.first("EventBusName").rpartition("/")[2] or DEFAULT_BUS
    name = call.first("Rule", "Name")
    return call.arn("events", f"rule/{name}" if bus == DEFAULT_BUS else f"rule/{bus}/{name}")


def bus_arn(name: str, call: Call) -> str:
    """A bus by its name or ARN; the default one, if none is named."""
    return name if name.startswith("arn:") else call.arn("events", f"event-bus/{name or DEFAULT_BUS}")


def _bus(call: Call) -> str:
    return bus_arn(call.first("EventBusName", "Name"), call)


def _machine(call: Call) -> str:
    """A state machine; who asks for a version or an alias of one asks for the machine."""
    given = call.first("stateMachineArn", "stateMachineAliasArn", "stateMachineVersionArn", "mapRunArn")
    if given:
        return ":".join(given.split(":")[:ARN_PARTS]) if ":stateMachine:" in given else given
    if routes := call.parameters.get("routingConfiguration"):
        return ":".join(str(routes[0]["stateMachineVersionArn"]).split(":")[:ARN_PARTS])
    return call.arn("states", f"stateMachine:{call.first('name')}")


def _task(call: Call) -> str:
    """The machine that a task token comes from, though IAM's reference lists no resource: see tokens.py."""
    return machine_of(call.first("taskToken")) or ANY


def _log_group(call: Call) -> str:
    given = call.first("logGroupIdentifier", "logGroupName")
    if given.startswith("arn:"):
        return f"{given.removesuffix(':*')}:log-stream:"
    # AWS's messages end so: https://repost.aws/questions/QUe3bWYOs4RmGXkoymqhY0cA
    return call.arn("logs", f"log-group:{given}:log-stream:")


def _log_stream(call: Call) -> str:
    return f"{_log_group(call)}{call.first('logStreamName')}"


def _queue(call: Call) -> str:
    url, name = call.first("QueueUrl"), call.first("QueueName")
    account = call.first("QueueOwnerAWSAccountId") or call.account
    if url:
        *_, account, name = ["", account, *unquote(urlsplit(url).path).strip("/").split("/")]
    region = re.search(r"//(?:sqs\.|queue\.)?([a-z]{2}-[a-z]+-\d)\.", url)
    where = call._replace(
        account=account if account.isdecimal() else call.account, region=region[1] if region else call.region
    )
    return where.arn("sqs", name)


def _entity(kind: str) -> Callable[[Call], str]:
    def entity(call: Call) -> str:
        name = call.first(ENTITIES[kind])
        path = call.first("Path") or call.path_of(kind, name)
        return f"arn:aws:iam::{call.account}:{kind}{path}{name}" if name else ANY

    return entity


def _named(service: str, prefix: str, *parameters: str) -> Callable[[Call], str]:
    return lambda call: call.arn(service, f"{prefix}{call.first(*parameters)}")


_KINDS: dict[str, Callable[[Call], str]] = {
    "bucket": _bucket,
    "object": _object,
    "function": _function,
    "layer": _layer,
    "layer-version": _layer_version,
    "event-source-mapping": _named("lambda", "event-source-mapping:", "UUID"),
    "capacity-provider": _named("lambda", "capacity-provider:", "CapacityProviderName"),
    "rule": _rule,
    "event-bus": _bus,
    "event-source": _named("events", "event-source/", "EventSourceName", "Name"),
    "archive": _named("events", "archive/", "ArchiveName"),
    "replay": _named("events", "replay/", "ReplayName"),
    "connection": _named("events", "connection/", "Name"),
    "api-destination": _named("events", "api-destination/", "Name"),
    "endpoint": _named("events", "endpoint/", "Name"),
    "state-machine": _machine,
    "activity": _named("states", "activity:", "name"),
    "task": _task,
    "log-group": _log_group,
    "log-stream": _log_stream,
    "destination": _named("logs", "destination:", "destinationName"),
    "delivery-source": _named("logs", "delivery-source:", "name", "deliverySourceName"),
    "delivery-destination": _named("logs", "delivery-destination:", "name", "deliveryDestinationName"),
    "queue": _queue,
    **{kind: _entity(kind) for kind in ENTITIES},
}
KINDS = frozenset(_KINDS)
