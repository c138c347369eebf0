"""The resources of the system: the tables of stack.py, spelled out for one account and region."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bootstrap import policies
from bootstrap.arns import Arns
from bootstrap.resources.asynchronous_invocation import AsynchronousInvocation
from bootstrap.resources.bucket import Bucket
from bootstrap.resources.function import Function
from bootstrap.resources.log_group import LogGroup
from bootstrap.resources.log_policy import LogPolicy
from bootstrap.resources.permission import Permission
from bootstrap.resources.queue import Queue
from bootstrap.resources.resource import Resource
from bootstrap.resources.role import Role
from bootstrap.resources.rule import Rule
from bootstrap.resources.state_machine import StateMachine
from bootstrap.settings import Settings
from bootstrap.stack import (
    DEAD_LETTER_RETENTION_DAYS,
    DEAD_LETTERS,
    EVENT_BUS,
    EVENT_SOURCE,
    FINISHER,
    FUNCTIONS,
    LEDGER,
    LEDGER_RULE,
    LOG_RETENTION_DAYS,
    MACHINE,
    MACHINES,
    FunctionSpec,
    MachineSpec,
    events_of,
)

MACHINES_FOLDER = Path(__file__).parent / "machines"
SHORTEST_EVENT_AGE_SECONDS = 60

Stage = tuple[Resource, ...]


def stages(arns: Arns, bucket: str, settings: Settings) -> tuple[Stage, ...]:
    """All resources; those of one stage need only those of the stages before.

    Args:
        arns: Whose account, and which region.
        bucket: The bucket's name.
        settings: What can be chosen about them.
    """
    return (
        (Bucket(bucket), *_roles(arns, bucket), *_log_groups(), _ledger_policy(arns), _dead_letters()),
        (
            *(_function(arns, bucket, spec) for spec in FUNCTIONS),
            *(_machine(arns, bucket, settings, spec) for spec in MACHINES),
        ),
        (*rules(arns), *_permissions(arns), *_asynchronous_invocations(arns, settings)),
    )


def load_definition(spec: MachineSpec, bucket: str, settings: Settings) -> dict[str, Any]:
    """The definition of a state machine.

    Args:
        spec: Which one.
        bucket: The name of the bucket that its states use.
        settings: What its states are to keep to.
    """
    definition: dict[str, Any] = json.loads((MACHINES_FOLDER / spec.definition).read_bytes())
    chosen = {
        "Bucket": bucket,
        "MaxConcurrency": settings.map_concurrency,
        "TimeoutSeconds": settings.task_timeout_seconds,
        "toleratedFailures": settings.tolerated_failures,
    }
    return {**definition, "States": _fill_in(definition["States"], chosen)}


def _fill_in(part: Any, chosen: dict[str, Any]) -> Any:  # noqa: ANN401 - any part of a definition
    """Set every field that has one of the names, however deep."""
    if isinstance(part, list):
        return [_fill_in(item, chosen) for item in part]
    if isinstance(part, dict):
        return {key: chosen[key] if key in chosen else _fill_in(value, chosen) for key, value in part.items()}
    return part


def _roles(arns: Arns, bucket: str) -> Iterator[Role]:
    for function in FUNCTIONS:
        policy = policies.function_policy(arns, function, _log_group(function), bucket)
        yield Role(_role(arns, function.name), "lambda.amazonaws.com", policy)
    yield Role(_role(arns, MACHINE), "states.amazonaws.com", policies.emitting_policy(arns, bucket))
    yield Role(_role(arns, FINISHER), "states.amazonaws.com", policies.finishing_policy(arns))
    for machine in MACHINES:
        for rule in machine.rules:
            yield Role(_role(arns, rule.name), "events.amazonaws.com", policies.starting_policy(arns, machine.name))


def _log_groups() -> Iterator[LogGroup]:
    for function in FUNCTIONS:
        yield LogGroup(_log_group(function), LOG_RETENTION_DAYS)
    yield LogGroup(LEDGER, LOG_RETENTION_DAYS)


def _ledger_policy(arns: Arns) -> LogPolicy:
    return LogPolicy(LEDGER_RULE, policies.ledger_policy(arns, LEDGER, LEDGER_RULE))


def _dead_letters() -> Queue:
    return Queue(DEAD_LETTERS, DEAD_LETTER_RETENTION_DAYS)


def _function(arns: Arns, bucket: str, spec: FunctionSpec) -> Function:
    variables = {"EVENT_BUS": EVENT_BUS, "EVENT_SOURCE": EVENT_SOURCE}
    if spec.uses_bucket:
        variables["BUCKET"] = bucket
    return Function(spec.name, spec.module, arns.role(_role(arns, spec.name)), variables)


def _machine(arns: Arns, bucket: str, settings: Settings, spec: MachineSpec) -> StateMachine:
    definition = load_definition(spec, bucket, settings)
    role = arns.role(_role(arns, spec.name))
    return StateMachine(spec.name, arns.machine(spec.name), spec.type, definition, role)


def rules(arns: Arns) -> Iterator[Rule]:
    """All rules on the bus."""
    for function in FUNCTIONS:
        yield Rule(function.rule, events_of(function.trigger), arns.function(function.name))
    for machine in MACHINES:
        for rule in machine.rules:
            yield Rule(rule.name, rule.pattern, arns.machine(machine.name), arns.role(_role(arns, rule.name)))
    yield Rule(LEDGER_RULE, events_of(), arns.log_group(LEDGER))


def _permissions(arns: Arns) -> Iterator[Permission]:
    for function in FUNCTIONS:
        yield Permission(function.rule, function.name, arns.function(function.name), arns.rule(function.rule))


def _asynchronous_invocations(arns: Arns, settings: Settings) -> Iterator[AsynchronousInvocation]:
    # Once the task has timed out, nobody waits for what an event would come to.
    oldest = max(settings.task_timeout_seconds, SHORTEST_EVENT_AGE_SECONDS)
    for function in FUNCTIONS:
        failed = arns.bus(EVENT_BUS) if function.waited_for else arns.queue(DEAD_LETTERS)
        yield AsynchronousInvocation(function.name, settings.async_retries, oldest, failed)


def _role(arns: Arns, owner: str) -> str:
    """The name of a role; with the region, because an account's roles are not regional, but what they allow is."""
    return f"{owner}Role-{arns.region}"


def _log_group(function: FunctionSpec) -> str:
    """Where Lambda writes a function's log if it is not told otherwise."""
    return f"/aws/lambda/{function.name}"
