"""The resources of a stack, spelled out for one account and region."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from pathlib import Path

from bootstrap import policies
from bootstrap.arns import Arns
from bootstrap.definitions import Definition, load_definition, states_in
from bootstrap.description import ConsumerSpec, FunctionSpec, MachineSpec, Pattern, QueueSpec, Stack, Value
from bootstrap.function_part import function_part, variables_of
from bootstrap.grants import Owner, needs
from bootstrap.place import LOG_RETENTION_DAYS, Part, Place, Stage
from bootstrap.policies import EVENT_BUS
from bootstrap.resources.bucket import Bucket
from bootstrap.resources.bus_permission import BusPermission
from bootstrap.resources.description import Description
from bootstrap.resources.in_account import InAccount
from bootstrap.resources.log_group import LogGroup
from bootstrap.resources.log_policy import LogPolicy
from bootstrap.resources.queue import Queue
from bootstrap.resources.resource import Resource
from bootstrap.resources.rule import Rule
from bootstrap.resources.state_machine import StateMachine
from bootstrap.settings import Settings
from handlers.shared.detail_types import DONE, FAILED, INVOCATION_FAILED, LAMBDA

FINISHER_DEFINITION = Path(__file__).parent / "machines" / "step_finisher.asl.json"
# What Lambda lets an event's age be: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
SHORTEST_EVENT_AGE_SECONDS = 60
LONGEST_EVENT_AGE_SECONDS = 6 * 60 * 60


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

    def stages(self) -> tuple[Stage, ...]:
        """All resources; those of one stage need only those of the stages before.

        Raises:
            DefinitionError: A definition cannot be read.
        """
        parts = (
            self._common(),
            *map(self._function, self.stack.functions),
            *map(self._machine, self.machines),
            *map(self._queue, self.stack.queues),
            *map(self._consumer, self.stack.consumers),
            *map(self._other_account, self.stack.other_accounts),
        )
        return tuple(tuple(chain.from_iterable(stages)) for stages in zip(*parts, strict=True))

    @property
    def machines(self) -> tuple[MachineSpec, ...]:
        """All machines, and the finisher if one of them can wait for something."""
        finisher = MachineSpec(self.stack.finisher, str(FINISHER_DEFINITION), type="EXPRESS")
        return (*self.stack.machines, *([finisher] if self._waiting else []))

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
        return self._place.values

    def variables_of(self, function: FunctionSpec) -> Mapping[str, str]:
        """The environment that a function gets of the stack."""
        return variables_of(self._place, function)

    def role_of(self, function: FunctionSpec) -> str:
        """The ARN of the role that a function acts in."""
        return self._place.role_arn(function.name)

    def rules(self) -> Iterator[Rule]:
        """All rules on the bus of this account."""
        return (resource for stage in self.stages() for resource in stage if isinstance(resource, Rule))

    @cached_property
    def _place(self) -> Place:
        return Place(self.stack, self.arns, self.bucket, self.settings)

    @property
    def _waiting(self) -> list[str]:
        """The machines that may wait for a task: https://docs.aws.amazon.com/step-functions/latest/dg/choosing-workflow-type.html."""
        return [machine.name for machine in self.stack.machines if machine.type == "STANDARD"]

    def _common(self) -> Part:
        """What every stack has: the bucket, its description in there, and the ledger."""
        stack, rule = self.stack, self.stack.ledger_rule
        return (
            (
                Bucket(self.bucket, stack.name),
                LogGroup(stack.ledger, LOG_RETENTION_DAYS, stack.name),
                LogPolicy(rule, policies.ledger_policy(self.arns, stack.ledger, rule)),
            ),
            (Description(self.bucket, stack),),
            (self._place.rule(rule, self._recorded, self.arns.log_group(stack.ledger)),),
        )

    @property
    def _recorded(self) -> Pattern:
        """What the ledger holds: the stack's events, and what Lambda says of the functions that a state waits for."""
        own, waited_for = self.stack.events_of(), self.stack.waited_for
        return {"$or": [own, _invocation_failed(waited_for)]} if waited_for else own

    def _function(self, spec: FunctionSpec) -> Part:
        return function_part(self._place, spec, self.stack.events_of(spec.event), self._oldest_event_seconds)

    @property
    def _oldest_event_seconds(self) -> int:
        # Once every task has timed out, nobody waits for what an event would come to.
        states = chain.from_iterable(map(states_in, self.definitions.values()))
        timeouts = [timeout for _name, state in states if isinstance(timeout := state.get("TimeoutSeconds"), int)]
        return min(max((*timeouts, SHORTEST_EVENT_AGE_SECONDS)), LONGEST_EVENT_AGE_SECONDS)

    def _machine(self, spec: MachineSpec) -> Part:
        place, arn, definition = self._place, self.arns.machine(spec.name), self.definitions[spec.name]
        granted = place.filled(spec.grants)
        owner = Owner(spec.name, self.arns, self._waiting, [action for grant in granted for action in grant.actions])
        policy = policies.machine_policy(needs(definition, owner), granted)
        starting = policies.starting_policy(self.arns, spec.name)
        starts = self._starts(spec)
        return (
            (
                place.role(spec.name, "states.amazonaws.com", policy),
                *(place.role(rule, "events.amazonaws.com", starting) for rule in starts),
            ),
            (StateMachine(spec.name, arn, spec.type, definition, place.role_arn(spec.name), self.stack.name),),
            tuple(place.rule(rule, pattern, arn, role=True) for rule, pattern in starts.items()),
        )

    def _starts(self, spec: MachineSpec) -> dict[str, Pattern]:
        """The rules that start a machine, and the patterns of what they look for."""
        stack = self.stack
        if spec.name != stack.finisher:
            return {start.rule: stack.events_of(start.event) for start in spec.starts}
        starts = {stack.finisher_rule: stack.events_of(DONE), stack.failed_rule: stack.events_of(FAILED)}
        if stack.waited_for:
            starts[stack.invocation_failed_rule] = _invocation_failed(stack.waited_for)
        return starts

    def _queue(self, spec: QueueSpec) -> Part:
        arn, rule = self.arns.queue(spec.name), self.arns.rule(spec.rule)
        policy = policies.queue_policy(arn, rule) if spec.event else None
        rules = (self._place.rule(spec.rule, self.stack.events_of(spec.event), arn),) if spec.event else ()
        return (Queue(spec.name, spec.retention_days, self.stack.name, policy),), (), rules

    def _consumer(self, spec: ConsumerSpec) -> Part:
        """The rule that forwards events to a consumer, and what it has in its own account."""
        place, function = self._place, spec.function
        pattern = self.stack.events_of(function.event)
        bus = Arns(spec.account, self.arns.region).bus(EVENT_BUS)
        forwarding = place.role(spec.forwarding_rule, "events.amazonaws.com", policies.forwarding_policy(bus))
        there = replace(
            place,
            stack=replace(self.stack, machines=(), functions=(function,), queues=(), consumers=()),
            arns=Arns(spec.account, self.arns.region),
        )
        received = {**pattern, "account": [self.arns.account]}
        first, second, third = function_part(there, function, received, self._oldest_event_seconds)
        return (
            (forwarding, *_all_in(spec.account, first)),
            _all_in(spec.account, second),
            (
                place.rule(spec.forwarding_rule, pattern, bus, role=True),
                *_all_in(spec.account, third),
            ),
        )

    def _other_account(self, account: str) -> Part:
        permission = BusPermission(self.stack.name, Arns(account, self.arns.region).bus(EVENT_BUS), self.arns.account)
        return _all_in(account, (permission,)), (), ()


def _all_in(account: str, resources: Sequence[Resource]) -> Stage:
    return tuple(InAccount(account, resource) for resource in resources)


def _invocation_failed(functions: Sequence[FunctionSpec]) -> Pattern:
    """What Lambda itself puts on the bus about functions that failed."""
    arns = [{"suffix": f":function:{function.name}:$LATEST"} for function in functions]
    return {
        "source": [LAMBDA],
        "detail-type": [INVOCATION_FAILED],
        "detail": {"requestContext": {"functionArn": arns}},
    }
