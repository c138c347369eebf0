"""What a state machine must be allowed to do, read from what its states do.

https://docs.aws.amazon.com/step-functions/latest/dg/service-integration-iam-templates.html
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bootstrap.arns import Arns
from bootstrap.definitions import Definition, DefinitionError, states_in

RESOURCE = re.compile(r"arn:[\w-]+:states:::(?:aws-sdk:)?(?P<service>\w+):(?P<action>\w+)(?P<way>\..+)?")
# What the states language calls a service or an action, where IAM calls it otherwise.
IAM_SERVICES = {"sfn": "states", "stepfunctions": "states", "eventbridge": "events", "cloudwatchlogs": "logs"}
IAM_ACTIONS = {
    "http:Invoke": "states:InvokeHTTPEndpoint",
    "lambda:GetLayerVersionByArn": "lambda:GetLayerVersion",
    "lambda:Invoke": "lambda:InvokeFunction",
    "lambda:InvokeWithResponseStream": "lambda:InvokeFunction",
    "s3:CompleteMultipartUpload": "s3:PutObject",
    "s3:CopyObject": "s3:PutObject",
    "s3:CreateMultipartUpload": "s3:PutObject",
    "s3:DeleteObjects": "s3:DeleteObject",
    "s3:HeadBucket": "s3:ListBucket",
    "s3:HeadObject": "s3:GetObject",
    "s3:ListBuckets": "s3:ListAllMyBuckets",
    "s3:ListObjects": "s3:ListBucket",
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3:UploadPart": "s3:PutObject",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:SendMessageBatch": "sqs:SendMessage",
}
# Where the names of operations are those of actions, but for the ones above; of S3's, only some are.
NAMED_ALIKE = re.compile("(events|lambda|sqs|states|sts):.+|s3:(Delete|Get|Put)Object")
FORMAT = re.compile(r"States\.Format\('(?P<template>(?:[^'\\]|\\.)*)'(?P<arguments>.*)\)")
EXECUTION_ID = "$$.Execution.Id"
ANYTHING = "*"
QUEUE_URL = re.compile(r"https?://[^/]+/(?P<account>\d{12})/(?P<name>[^/]+)")
SYNCHRONOUS_RULE = "StepFunctionsGetEventsForStepFunctionsExecutionRule"

Given = Mapping[str, Any]


class UnknownPermissionError(DefinitionError):
    """A state does something that nothing is known about.

    Args:
        machine: Whose state.
        state: Its name.
        what: What is the matter with it.
    """

    def __init__(self, machine: str, state: str, what: str) -> None:
        super().__init__(f"state {state} of {machine}: {what}")
        self.machine = machine
        self.state = state
        self.what = what


@dataclass(frozen=True)
class Need:
    """An action, and the ARN of what it is done to."""

    action: str
    resource: str


@dataclass(frozen=True)
class Owner:
    """Whose states are read.

    Args:
        machine: The machine's name.
        arns: Its account and region.
        closes: The names of the machines whose tasks it may close.
        granted: The actions that its description grants already.
    """

    machine: str
    arns: Arns
    closes: Sequence[str]
    granted: Sequence[str] = ()


def needs(definition: Definition, owner: Owner) -> list[Need]:
    """Say what a machine's role must allow, each once and in the order of the states.

    Args:
        definition: The machine's, with its placeholders filled in.
        owner: Whose it is.

    Raises:
        UnknownPermissionError: A state does something that nothing is known about.
    """
    found: dict[Need, None] = {}
    for name, state in states_in(definition):
        found.update(dict.fromkeys(_of_state(name, state, owner)))
    return [*found]


def action_of(service: str, operation: str) -> str | None:
    """What IAM calls an operation of a service, both as AWS's SDKs name them; None if that is not known here."""
    called = _called(service, operation)
    return IAM_ACTIONS.get(called, called if NAMED_ALIKE.fullmatch(called) else None)


def _called(service: str, operation: str) -> str:
    return f"{IAM_SERVICES.get(service, service)}:{operation}"


def _of_state(name: str, state: Given, owner: Owner) -> Iterator[Need]:
    if state.get("Type") == "Task":
        yield from _of_task(name, state, owner)
    if reader := state.get("ItemReader"):
        yield from _of_task(name, reader, owner)
    if writer := state.get("ResultWriter"):
        yield from _of_writer(writer)
    if state.get("ItemProcessor", {}).get("ProcessorConfig", {}).get("Mode") == "DISTRIBUTED":
        yield from _of_distributed_map(owner)


def _of_task(name: str, task: Given, owner: Owner) -> Iterator[Need]:
    resource = str(task.get("Resource"))
    if "Credentials" in task:
        # All else is for the role that it acts in.
        yield Need("sts:AssumeRole", _literal(task["Credentials"], "RoleArn"))
        return
    if ":function:" in resource:
        yield Need("lambda:InvokeFunction", resource)
        return
    if ":activity:" in resource:
        return
    parts = RESOURCE.fullmatch(resource)
    if parts is None:
        raise UnknownPermissionError(owner.machine, name, f"{resource!r} is no resource that a task can have")
    called = _called(parts["service"], f"{parts['action'][0].upper()}{parts['action'][1:]}")
    action = IAM_ACTIONS.get(called, called)
    if find := RESOURCES.get(called):
        given = _given(task)
        yield from (Need(action, found) for found in find(given, owner))
        yield from _beside(called, parts["way"] or "", given, owner)
    elif action not in owner.granted:
        raise UnknownPermissionError(
            owner.machine,
            name,
            f"nothing is known about the permission that {resource} needs:"
            f" give the machine `grants=(GrantSpec(({action!r},), ARN),)`",
        )


def _beside(called: str, way: str, given: Given, owner: Owner) -> Iterator[Need]:
    """What an action needs that is not named like it."""
    if called == "s3:CopyObject":
        yield Need("s3:GetObject", f"arn:aws:s3:::{_literal(given, 'CopySource').removeprefix('/')}")
    if called == "states:StartExecution" and way.startswith(".sync"):
        yield from _of_synchronous_start(_literal(given, "StateMachineArn"), owner)


def _buses(given: Given, owner: Owner) -> Iterator[str]:
    entries = given.get("Entries")
    for entry in entries if isinstance(entries, list) else [entries]:
        bus = _literal(entry, "EventBusName", "default") if isinstance(entry, Mapping) else ANYTHING
        yield bus if bus.startswith("arn:") else owner.arns.bus(bus)


def _functions(given: Given, owner: Owner) -> Iterator[str]:
    name = _literal(given, "FunctionName")
    yield name if name.startswith("arn:") else owner.arns.function(name)


def _queues(given: Given, owner: Owner) -> Iterator[str]:
    url = QUEUE_URL.fullmatch(_literal(given, "QueueUrl"))
    yield Arns(url["account"], owner.arns.region).queue(url["name"]) if url else owner.arns.queue(ANYTHING)


def _tasks(_given: Given, owner: Owner) -> Iterator[str]:
    # IAM's reference lists no resource for these actions, but AWS asks for the machine that the token comes from:
    # https://github.com/aws/aws-cdk/pull/8486 and `StateMachine.grantTaskResponse`, which came of it.
    yield from (owner.arns.machine(machine) for machine in owner.closes)


def _machines(given: Given, _owner: Owner) -> Iterator[str]:
    yield _literal(given, "StateMachineArn")


def _executions(given: Given, _owner: Owner) -> Iterator[str]:
    yield _literal(given, "ExecutionArn")


def _buckets(given: Given, _owner: Owner) -> Iterator[str]:
    yield f"arn:aws:s3:::{_literal(given, 'Bucket')}"


def _objects(given: Given, owner: Owner) -> Iterator[str]:
    for bucket in _buckets(given, owner):
        yield f"{bucket}/{_key(given, owner)}"


def _key(given: Given, owner: Owner) -> str:
    """The keys that a task may come to; a part that is known only when it runs is a star."""
    found = FORMAT.fullmatch(str(given.get("Key.$")))
    if found is None:
        return _literal(given, "Key")
    arguments = [argument.strip() for argument in found["arguments"].split(",")[1:]]
    known = {EXECUTION_ID: owner.arns.executions(owner.machine)}
    values = iter([known.get(argument, ANYTHING) for argument in arguments])
    return re.sub(r"\{\}", lambda _found: next(values, ANYTHING), found["template"])


def _given(part: Given) -> Given:
    """What a state gives to what it calls; nothing where all of it is one expression."""
    given = part.get("Parameters", part.get("Arguments"))
    return given if isinstance(given, Mapping) else {}


def _literal(given: Given, key: str, default: str = ANYTHING) -> str:
    """A value as it stands, if it does; what an expression comes to is known only when it runs."""
    if f"{key}.$" in given:
        return ANYTHING
    value = given.get(key, given.get(f"{key[0].lower()}{key[1:]}", default))
    return value if isinstance(value, str) and not value.startswith("{%") else ANYTHING


def _of_synchronous_start(machine: str, owner: Owner) -> Iterator[Need]:
    executions = machine if machine == ANYTHING else machine.replace(":stateMachine:", ":execution:") + ":*"
    yield Need("states:DescribeExecution", executions)
    yield Need("states:StopExecution", executions)
    for action in ("events:PutTargets", "events:PutRule", "events:DescribeRule"):
        yield Need(action, owner.arns.rule(SYNCHRONOUS_RULE))


def _of_distributed_map(owner: Owner) -> Iterator[Need]:
    yield Need("states:StartExecution", owner.arns.machine(owner.machine))
    children = owner.arns.executions(owner.machine).removesuffix(":*") + "/*"
    yield Need("states:DescribeExecution", children)
    yield Need("states:StopExecution", children)


def _of_writer(writer: Given) -> Iterator[Need]:
    # https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html#resultwriter-iam-policies
    given = _given(writer)
    below = f"arn:aws:s3:::{_literal(given, 'Bucket')}/{_literal(given, 'Prefix', '').rstrip('/')}".rstrip("/")
    for action in ("PutObject", "GetObject", "ListMultipartUploadParts", "AbortMultipartUpload"):
        yield Need(f"s3:{action}", f"{below}/*")


RESOURCES: Mapping[str, Callable[[Given, Owner], Iterator[str]]] = {
    "events:PutEvents": _buses,
    "lambda:Invoke": _functions,
    **dict.fromkeys(("sqs:SendMessage", "sqs:SendMessageBatch"), _queues),
    **dict.fromkeys(("states:SendTaskSuccess", "states:SendTaskFailure", "states:SendTaskHeartbeat"), _tasks),
    **dict.fromkeys(("states:StartExecution", "states:StartSyncExecution"), _machines),
    **dict.fromkeys(("states:DescribeExecution", "states:StopExecution"), _executions),
    **dict.fromkeys(("s3:GetObject", "s3:HeadObject", "s3:PutObject", "s3:DeleteObject", "s3:CopyObject"), _objects),
    **dict.fromkeys(("s3:ListObjects", "s3:ListObjectsV2"), _buckets),
}
