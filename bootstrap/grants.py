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
# What the states language calls a service, where IAM calls it otherwise.
IAM_PREFIXES = {"sfn": "states", "eventbridge": "events", "cloudwatchlogs": "logs"}
IAM_ACTIONS = {
    "lambda:Invoke": ("lambda:InvokeFunction",),
    "s3:CopyObject": ("s3:GetObject", "s3:PutObject"),
    "s3:HeadObject": ("s3:GetObject",),
    "s3:ListObjectsV2": ("s3:ListBucket",),
    "sqs:SendMessageBatch": ("sqs:SendMessage",),
}
FORMAT = re.compile(r"States\.Format\('(?P<template>(?:[^'\\]|\\.)*)'(?P<arguments>.*)\)")
EXECUTION_ID = "$$.Execution.Id"
ANYTHING = "*"
SYNCHRONOUS_RULE = "StepFunctionsGetEventsForStepFunctionsExecutionRule"


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
        DefinitionError: A state does something that nothing is known about.
    """
    found: dict[Need, None] = {}
    for name, state in states_in(definition):
        for part in (state, state.get("ItemReader"), state.get("ResultWriter")):
            if part and "Resource" in part:
                found.update(dict.fromkeys(_of_task(name, part, owner)))
        if state.get("ItemProcessor", {}).get("ProcessorConfig", {}).get("Mode") == "DISTRIBUTED":
            found.update(dict.fromkeys(_of_distributed_map(owner)))
    return [*found]


def _of_task(name: str, task: Mapping[str, Any], owner: Owner) -> Iterator[Need]:
    resource = str(task["Resource"])
    if ":function:" in resource:
        yield Need("lambda:InvokeFunction", resource)
        return
    parts = RESOURCE.fullmatch(resource)
    if parts is None:
        raise DefinitionError(f"state {name} of {owner.machine}: {resource!r} is no resource that a task can have")
    service = IAM_PREFIXES.get(parts["service"], parts["service"])
    action = f"{service}:{parts['action'][0].upper()}{parts['action'][1:]}"
    given = task.get("Parameters") or task.get("Arguments") or {}
    actions = IAM_ACTIONS.get(action, (action,))
    if service not in TARGETS:
        if set(actions) <= set(owner.granted):
            return
        raise DefinitionError(
            f"state {name} of {owner.machine}: nothing is known about the permission that {resource} needs:"
            f" give the machine GrantSpec(({actions[0]!r},), ARN) in `grants`"
        )
    for target in TARGETS[service](actions[0], given, owner):
        yield from (Need(needed, target) for needed in actions)
    if action == "states:StartExecution" and (parts["way"] or "").startswith(".sync"):
        yield from _of_synchronous_start(given, owner)


def _buses(_action: str, given: Mapping[str, Any], owner: Owner) -> Iterator[str]:
    entries = given.get("Entries", ({},))
    for entry in entries if isinstance(entries, list | tuple) else ({},):
        bus = str(entry.get("EventBusName", "default"))
        yield bus if bus.startswith("arn:") else owner.arns.bus(_or_anything(bus))


def _functions(_action: str, given: Mapping[str, Any], owner: Owner) -> Iterator[str]:
    name = _or_anything(given.get("FunctionName"))
    yield name if name.startswith("arn:") else owner.arns.function(name)


def _queues(_action: str, given: Mapping[str, Any], owner: Owner) -> Iterator[str]:
    yield owner.arns.queue(_or_anything(given.get("QueueUrl")).rpartition("/")[2])


def _machines(action: str, given: Mapping[str, Any], owner: Owner) -> Iterator[str]:
    if action.startswith("states:SendTask"):
        # IAM's reference lists no resource for this action, but AWS asks for the machine that the token comes from:
        # https://github.com/aws/aws-cdk/pull/8486 and `StateMachine.grantTaskResponse`, which came of it.
        yield from (owner.arns.machine(machine) for machine in owner.closes)
    elif "StateMachineArn" in given or "stateMachineArn" in given:
        yield _or_anything(given.get("StateMachineArn", given.get("stateMachineArn")))
    else:
        yield ANYTHING


def _objects(action: str, given: Mapping[str, Any], owner: Owner) -> Iterator[str]:
    bucket = f"arn:aws:s3:::{_or_anything(given.get('Bucket'))}"
    if action == "s3:ListBucket":
        yield bucket
    elif "Prefix" in given:
        yield f"{bucket}/{_or_anything(given['Prefix'])}/*"
    else:
        yield f"{bucket}/{_key(given, owner)}"


def _key(given: Mapping[str, Any], owner: Owner) -> str:
    """The keys that a task may come to; a part that is known only when it runs is a star."""
    if "Key" in given:
        return _or_anything(given["Key"])
    found = FORMAT.fullmatch(str(given.get("Key.$", "")))
    if found is None:
        return ANYTHING
    arguments = [argument.strip() for argument in found["arguments"].split(",")[1:]]
    known = {EXECUTION_ID: owner.arns.executions(owner.machine)}
    values = iter([known.get(argument, ANYTHING) for argument in arguments])
    return re.sub(r"\{\}", lambda _found: next(values, ANYTHING), found["template"])


def _or_anything(value: object) -> str:
    """A value as it stands, if it stands there; an expression is known only when it runs."""
    return value if isinstance(value, str) and not value.startswith(("{%", "$")) else ANYTHING


def _of_synchronous_start(given: Mapping[str, Any], owner: Owner) -> Iterator[Need]:
    machine = next(_machines("states:StartExecution", given, owner))
    executions = machine.replace(":stateMachine:", ":execution:") + (":*" if machine != ANYTHING else "")
    yield Need("states:DescribeExecution", executions)
    yield Need("states:StopExecution", executions)
    for action in ("events:PutTargets", "events:PutRule", "events:DescribeRule"):
        yield Need(action, owner.arns.rule(SYNCHRONOUS_RULE))


def _of_distributed_map(owner: Owner) -> Iterator[Need]:
    yield Need("states:StartExecution", owner.arns.machine(owner.machine))
    children = owner.arns.executions(owner.machine).removesuffix(":*") + "/*"
    yield Need("states:DescribeExecution", children)
    yield Need("states:StopExecution", children)


TARGETS: Mapping[str, Callable[[str, Mapping[str, Any], Owner], Iterator[str]]] = {
    "events": _buses,
    "lambda": _functions,
    "s3": _objects,
    "sqs": _queues,
    "states": _machines,
}
