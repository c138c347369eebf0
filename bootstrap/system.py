"""The resources of a stack, spelled out for one account and region."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from bootstrap import policies
from bootstrap.arns import Arns
from bootstrap.definitions import Definition, fill_in, load_definition, states_in
from bootstrap.description import (
    ConsumerSpec,
    FunctionSpec,
    GrantSpec,
    MachineSpec,
    Pattern,
    Stack,
    Value,
)
from bootstrap.grants import Owner, needs
from bootstrap.policies import EVENT_BUS
from bootstrap.resources.asynchronous_invocation import AsynchronousInvocation
from bootstrap.resources.bucket import Bucket
from bootstrap.resources.bus_permission import BusPermission
from bootstrap.resources.function import Function
from bootstrap.resources.in_account import InAccount
from bootstrap.resources.log_group import LogGroup
from bootstrap.resources.log_policy import LogPolicy
from bootstrap.resources.permission import Permission
from bootstrap.resources.queue import Queue
from bootstrap.resources.resource import Resource
from bootstrap.resources.role import Role
from bootstrap.resources.rule import Rule
from bootstrap.resources.state_machine import StateMachine
from bootstrap.settings import Settings
from handlers.shared.detail_types import DONE, FAILED

FINISHER_DEFINITION = Path(__file__).parent / "machines" / "step_finisher.asl.json"
LOG_RETENTION_DAYS = 1
DEAD_LETTER_RETENTION_DAYS = 14
# What Lambda lets an event's age be: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
SHORTEST_EVENT_AGE_SECONDS = 60
LONGEST_EVENT_AGE_SECONDS = 6 * 60 * 60

Stage = tuple[Resource, ...]


@dataclass(frozen=True)
class System:
    """A stack in an account.

    Args:
        stack: What there is to be.
        folder: Where the stack's module is.
        arns: Whose account, and which region.
        bucket: The bucket's name.
        settings: What can be chosen about it.
    """

    stack: Stack
    folder: Path
    arns: Arns
    bucket: str
    settings: Settings

    @property
    def machines(self) -> tuple[MachineSpec, ...]:
        """All machines, the finisher included."""
        return (*self.stack.machines, MachineSpec(self.stack.finisher, str(FINISHER_DEFINITION), type="EXPRESS"))

    def stages(self) -> tuple[Stage, ...]:
        """All resources; those of one stage need only those of the stages before.

        Raises:
            DefinitionError: A definition cannot be read.
        """
        return (
            (
                Bucket(self.bucket, self.stack.name),
                *self._roles(),
                *self._log_groups(),
                self._ledger_policy(),
                *self._queues(),
                *self._beyond("first"),
            ),
            (*map(self._function, self.stack.functions), *map(self._machine, self.machines), *self._beyond("second")),
            (*self.rules(), *self._permissions(), *self._asynchronous_invocations(), *self._beyond("third")),
        )

    @cached_property
    def definitions(self) -> Mapping[str, Definition]:
        """The definition of each machine by its name, with its placeholders filled in.

        Raises:
            DefinitionError: One of them cannot be read.
        """
        return {
            machine.name: load_definition(self.folder / machine.definition, self.values_of(machine))
            for machine in self.machines
        }

    def values_of(self, machine: MachineSpec) -> Mapping[str, Value]:
        """What the placeholders of one machine's definition stand for."""
        return {**self.values, **machine.substitutions}

    @property
    def values(self) -> Mapping[str, Value]:
        """What the placeholders of every definition and grant stand for."""
        arns = self.arns
        dead_letters = [function.dead_letters for function in self.stack.functions if not function.waited_for]
        queues = [*(queue.name for queue in self.stack.queues), *dead_letters]
        return {
            "Bucket": self.bucket,
            "EventBus": EVENT_BUS,
            "EventSource": self.stack.source,
            "ItemKey": self.stack.item_key,
            "MapConcurrency": self.settings.map_concurrency,
            "TaskTimeoutSeconds": self.settings.task_timeout_seconds,
            "ToleratedFailures": self.settings.tolerated_failures,
            "Account": arns.account,
            "Region": arns.region,
            **{f"{function.name}Arn": arns.function(function.name) for function in self.stack.functions},
            **{f"{queue}Arn": arns.queue(queue) for queue in queues},
            **{f"{queue}Url": self._queue_url(queue) for queue in queues},
            **{f"{machine.name}Arn": arns.machine(machine.name) for machine in self.machines},
        }

    def rules(self) -> Iterator[Rule]:
        """All rules on the bus."""
        stack, arns = self.stack, self.arns
        for function in stack.functions:
            yield self._rule(function.rule, stack.events_of(function.event), arns.function(function.name))
        for name, pattern, machine in self._starts():
            yield self._rule(name, pattern, arns.machine(machine), arns.role(self._role(name)))
        for queue in stack.queues:
            if queue.event:
                yield self._rule(queue.rule, stack.events_of(queue.event), arns.queue(queue.name))
        for consumer in stack.consumers:
            name = consumer.forwarding_rule
            bus = self._bus_of(consumer)
            yield self._rule(name, stack.events_of(consumer.function.event), bus, arns.role(self._role(name)))
        yield self._rule(stack.ledger_rule, stack.events_of(), arns.log_group(stack.ledger))

    def _starts(self) -> Iterator[tuple[str, Pattern, str]]:
        """The name and the pattern of every rule that starts a machine, and which one that is."""
        stack = self.stack
        for machine in stack.machines:
            for start in machine.starts:
                yield start.rule, stack.events_of(start.event), machine.name
        yield stack.finisher_rule, stack.events_of(DONE), stack.finisher
        yield stack.failed_rule, stack.events_of(FAILED), stack.finisher
        if stack.waited_for:
            yield stack.invocation_failed_rule, _invocation_failed(stack.waited_for), stack.finisher

    def _roles(self) -> Iterator[Role]:
        for function in self.stack.functions:
            policy = policies.function_policy(self.arns, function, self.bucket, self._filled(function.grants))
            yield self._make_role(function.name, "lambda.amazonaws.com", policy)
        closes = [machine.name for machine in self.stack.machines if machine.type == "STANDARD"]
        for machine in self.machines:
            granted = self._filled(machine.grants)
            owner = Owner(machine.name, self.arns, closes, [action for grant in granted for action in grant.actions])
            policy = policies.machine_policy(needs(self.definitions[machine.name], owner), granted)
            yield self._make_role(machine.name, "states.amazonaws.com", policy)
        for rule, _pattern, name in self._starts():
            yield self._make_role(rule, "events.amazonaws.com", policies.starting_policy(self.arns, name))
        for consumer in self.stack.consumers:
            policy = policies.forwarding_policy(self._bus_of(consumer))
            yield self._make_role(consumer.forwarding_rule, "events.amazonaws.com", policy)

    def _log_groups(self) -> Iterator[LogGroup]:
        for function in self.stack.functions:
            yield LogGroup(function.log_group, LOG_RETENTION_DAYS, self.stack.name)
        yield LogGroup(self.stack.ledger, LOG_RETENTION_DAYS, self.stack.name)

    def _ledger_policy(self) -> LogPolicy:
        rule = self.stack.ledger_rule
        return LogPolicy(rule, policies.ledger_policy(self.arns, self.stack.ledger, rule))

    def _queues(self) -> Iterator[Queue]:
        for function in self.stack.functions:
            if not function.waited_for:
                yield Queue(function.dead_letters, DEAD_LETTER_RETENTION_DAYS, self.stack.name)
        for queue in self.stack.queues:
            rule = self.arns.rule(queue.rule)
            policy = policies.queue_policy(self.arns.queue(queue.name), rule) if queue.event else None
            yield Queue(queue.name, queue.retention_days, self.stack.name, policy)

    def _function(self, spec: FunctionSpec) -> Function:
        role = self.arns.role(self._role(spec.name))
        variables = {
            "EVENT_BUS": EVENT_BUS,
            "EVENT_SOURCE": self.stack.source,
            "ITEM_KEY": self.stack.item_key,
            **({"BUCKET": self.bucket} if spec.uses_bucket else {}),
            **{name: fill_in(value, self.values) for name, value in spec.variables.items()},
        }
        return Function(spec, self.stack.name, role, variables, self.stack.packed)

    def _machine(self, spec: MachineSpec) -> StateMachine:
        role = self.arns.role(self._role(spec.name))
        arn = self.arns.machine(spec.name)
        return StateMachine(spec.name, arn, spec.type, self.definitions[spec.name], role, self.stack.name)

    def _permissions(self) -> Iterator[Permission]:
        for function in self.stack.functions:
            function_arn, rule_arn = self.arns.function(function.name), self.arns.rule(function.rule)
            yield Permission(function.rule, function.name, function_arn, rule_arn)

    def _asynchronous_invocations(self) -> Iterator[AsynchronousInvocation]:
        # Once every task has timed out, nobody waits for what an event would come to.
        longest = max((*map(self._longest_wait, self.stack.machines), SHORTEST_EVENT_AGE_SECONDS))
        oldest = min(longest, LONGEST_EVENT_AGE_SECONDS)
        for function in self.stack.functions:
            bus, queue = self.arns.bus(EVENT_BUS), self.arns.queue(function.dead_letters)
            failed = bus if function.waited_for else queue
            yield AsynchronousInvocation(function.name, self.settings.async_retries, oldest, failed)

    def _longest_wait(self, machine: MachineSpec) -> int:
        timeouts = [state.get("TimeoutSeconds") for _name, state in states_in(self.definitions[machine.name])]
        return max((timeout for timeout in timeouts if isinstance(timeout, int)), default=0)

    def _beyond(self, stage: str) -> Iterator[InAccount]:
        """What consumers have in accounts of their own: as much of it as belongs into a stage."""
        if stage == "first":
            for account in dict.fromkeys(consumer.account for consumer in self.stack.consumers):
                yield InAccount(account, BusPermission(f"{self.stack.name}-{self.arns.account}", self.arns.account))
        for consumer in self.stack.consumers:
            for resource in self._of_consumer(consumer)[stage]:
                yield InAccount(consumer.account, resource)

    def _of_consumer(self, consumer: ConsumerSpec) -> Mapping[str, Sequence[Resource]]:
        function, stack = consumer.function, self.stack
        arns = Arns(consumer.account, self.arns.region)
        there = System(Stack(stack.name, (), (function,), stack.source), self.folder, arns, self.bucket, self.settings)
        pattern = {**stack.events_of(function.event), "account": [self.arns.account]}
        policy = policies.function_policy(arns, function, self.bucket, there._filled(function.grants))
        return {
            "first": (
                there._make_role(function.name, "lambda.amazonaws.com", policy),
                LogGroup(function.log_group, LOG_RETENTION_DAYS, stack.name),
                Queue(function.dead_letters, DEAD_LETTER_RETENTION_DAYS, stack.name),
            ),
            "second": (there._function(function),),
            "third": (
                there._rule(function.rule, pattern, arns.function(function.name)),
                *there._permissions(),
                *there._asynchronous_invocations(),
            ),
        }

    def _rule(self, name: str, pattern: Pattern, target: str, role: str | None = None) -> Rule:
        return Rule(name, pattern, target, self.stack.name, role)

    def _make_role(self, owner: str, service: str, policy: policies.Document) -> Role:
        return Role(self._role(owner), service, policy, self.stack.name)

    def _role(self, owner: str) -> str:
        """The name of a role; with the region, because an account's roles are not regional, but what they allow is."""
        return f"{owner}Role-{self.arns.region}"

    def _bus_of(self, consumer: ConsumerSpec) -> str:
        return Arns(consumer.account, self.arns.region).bus(EVENT_BUS)

    def _queue_url(self, name: str) -> str:
        # Whatever the endpoint, for a definition must not change with who looks at it.
        return f"https://sqs.{self.arns.region}.amazonaws.com/{self.arns.account}/{name}"

    def _filled(self, grants: Sequence[GrantSpec]) -> list[GrantSpec]:
        return [GrantSpec(grant.actions, fill_in(grant.resource, self.values)) for grant in grants]


def _invocation_failed(functions: Sequence[FunctionSpec]) -> Pattern:
    """What Lambda itself puts on the bus when a function crashed, ran out of time, or failed as often as it is retried.

    https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
    """
    arns = [{"suffix": f":function:{function.name}:$LATEST"} for function in functions]
    return {
        "source": ["lambda"],
        "detail-type": ["Lambda Function Invocation Result - Failure"],
        "detail": {"requestContext": {"functionArn": arns}},
    }
