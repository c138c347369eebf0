"""The resources of the system: the tables of stack.py, spelled out for one account and region."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bootstrap import policies
from bootstrap.arns import Arns
from bootstrap.resources.bucket import Bucket
from bootstrap.resources.function import Function
from bootstrap.resources.log_group import LogGroup
from bootstrap.resources.log_policy import LogPolicy
from bootstrap.resources.permission import Permission
from bootstrap.resources.resource import Resource
from bootstrap.resources.role import Role
from bootstrap.resources.rule import Rule
from bootstrap.resources.state_machine import StateMachine
from bootstrap.stack import (
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
)

MACHINES_FOLDER = Path(__file__).parent / "machines"
MACHINE_POLICIES = {MACHINE: policies.emitting_policy, FINISHER: policies.finishing_policy}

Stage = tuple[Resource, ...]


def stages(arns: Arns, bucket: str, map_concurrency: int) -> tuple[Stage, ...]:
    """All resources; those of one stage need only those of the stages before.

    Args:
        arns: Whose account, and which region.
        bucket: The bucket's name.
        map_concurrency: How many items a Map works on at the same time.
    """
    return (
        (Bucket(bucket), *_roles(arns, bucket), *_log_groups(), _ledger_policy(arns)),
        (
            *(_function(arns, bucket, spec) for spec in FUNCTIONS),
            *(_machine(arns, map_concurrency, spec) for spec in MACHINES),
        ),
        (*_rules(arns), *_permissions(arns)),
    )


def load_definition(spec: MachineSpec, map_concurrency: int) -> dict[str, Any]:
    """The definition of a state machine.

    Args:
        spec: Which one.
        map_concurrency: How many items its Map, if it has one, works on at the same time.
    """
    definition: dict[str, Any] = json.loads((MACHINES_FOLDER / spec.definition).read_bytes())
    for state in definition["States"].values():
        if state["Type"] == "Map":
            state["MaxConcurrency"] = map_concurrency
    return definition


def _roles(arns: Arns, bucket: str) -> Iterator[Role]:
    for function in FUNCTIONS:
        policy = policies.function_policy(arns, _log_group(function), bucket if function.uses_bucket else None)
        yield Role(_role(arns, function.name), "lambda.amazonaws.com", policy)
    for machine in MACHINES:
        yield Role(_role(arns, machine.name), "states.amazonaws.com", MACHINE_POLICIES[machine.name](arns))
        yield Role(_role(arns, machine.rule), "events.amazonaws.com", policies.starting_policy(arns, machine.name))


def _log_groups() -> Iterator[LogGroup]:
    for function in FUNCTIONS:
        yield LogGroup(_log_group(function), LOG_RETENTION_DAYS)
    yield LogGroup(LEDGER, LOG_RETENTION_DAYS)


def _ledger_policy(arns: Arns) -> LogPolicy:
    return LogPolicy(LEDGER_RULE, policies.ledger_policy(arns, LEDGER, LEDGER_RULE))


def _function(arns: Arns, bucket: str, spec: FunctionSpec) -> Function:
    variables = {"EVENT_BUS": EVENT_BUS, "EVENT_SOURCE": EVENT_SOURCE}
    if spec.uses_bucket:
        variables["BUCKET"] = bucket
    return Function(spec.name, spec.module, arns.role(_role(arns, spec.name)), variables)


def _machine(arns: Arns, map_concurrency: int, spec: MachineSpec) -> StateMachine:
    definition = load_definition(spec, map_concurrency)
    role = arns.role(_role(arns, spec.name))
    return StateMachine(spec.name, arns.machine(spec.name), spec.type, definition, role)


def _rules(arns: Arns) -> Iterator[Rule]:
    for function in FUNCTIONS:
        yield Rule(function.rule, function.trigger, arns.function(function.name))
    for machine in MACHINES:
        role = arns.role(_role(arns, machine.rule))
        yield Rule(machine.rule, machine.trigger, arns.machine(machine.name), role)
    yield Rule(LEDGER_RULE, None, arns.log_group(LEDGER))


def _permissions(arns: Arns) -> Iterator[Permission]:
    for function in FUNCTIONS:
        yield Permission(function.rule, function.name, arns.function(function.name), arns.rule(function.rule))


def _role(arns: Arns, owner: str) -> str:
    """The name of a role; with the region, because an account's roles are not regional, but what they allow is."""
    return f"{owner}Role-{arns.region}"


def _log_group(function: FunctionSpec) -> str:
    """Where Lambda writes a function's log if it is not told otherwise."""
    return f"/aws/lambda/{function.name}"
