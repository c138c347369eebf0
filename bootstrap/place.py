"""A stack in one account: what its things are called there, and the few that all of them are made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from bootstrap.arns import Arns
from bootstrap.definitions import fill_in
from bootstrap.description import GrantSpec, Pattern, Stack, Value
from bootstrap.policies import EVENT_BUS, Document
from bootstrap.resources.resource import Resource
from bootstrap.resources.role import Role
from bootstrap.resources.rule import Rule
from bootstrap.settings import Settings

LOG_RETENTION_DAYS = 1
DEAD_LETTER_RETENTION_DAYS = 14

Stage = tuple[Resource, ...]
# What there must be first, what acts, and what sets it off: those of a stage need only those of the stages before.
Part = tuple[Stage, Stage, Stage]


@dataclass(frozen=True)
class Place:
    """Where a stack, or a part of it, is to be.

    Args:
        stack: What is to be there.
        arns: Whose account, and which region.
        bucket: The bucket's name.
        settings: What can be chosen about it.
    """

    stack: Stack
    arns: Arns
    bucket: str
    settings: Settings

    @cached_property
    def values(self) -> Mapping[str, Value]:
        """What the placeholders of every definition, grant and variable stand for."""
        arns, stack = self.arns, self.stack
        machines = [*(machine.name for machine in stack.machines), stack.finisher]
        queues = [queue.name for queue in stack.queues]
        queues += [function.dead_letters for function in stack.functions if not function.waited_for]
        return {
            "Bucket": self.bucket,
            "EventBus": EVENT_BUS,
            "EventSource": stack.source,
            "ItemKey": stack.item_key,
            "MapConcurrency": self.settings.map_concurrency,
            "TaskTimeoutSeconds": self.settings.task_timeout_seconds,
            "ToleratedFailures": self.settings.tolerated_failures,
            "Account": arns.account,
            "Region": arns.region,
            **{f"{function.name}Arn": arns.function(function.name) for function in stack.functions},
            **{f"{queue}Arn": arns.queue(queue) for queue in queues},
            **{f"{queue}Url": self._queue_url(queue) for queue in queues},
            **{f"{machine}Arn": arns.machine(machine) for machine in machines},
        }

    def filled(self, grants: Sequence[GrantSpec]) -> list[GrantSpec]:
        """Grants with their placeholders filled in."""
        return [GrantSpec(grant.actions, fill_in(grant.resource, self.values)) for grant in grants]

    def rule(self, name: str, pattern: Pattern, target: str, *, role: bool = False) -> Rule:
        """A rule, and whether it acts in a role of its own."""
        return Rule(name, pattern, target, self.stack.name, self.role_arn(name) if role else None)

    def role(self, owner: str, service: str, policy: Document) -> Role:
        """The role of a function, machine or rule."""
        return Role(role_name(owner, self.arns.region), service, policy, self.stack.name)

    def role_arn(self, owner: str) -> str:
        """The ARN of that role."""
        return self.arns.role(role_name(owner, self.arns.region))

    def _queue_url(self, name: str) -> str:
        # Whatever the endpoint, for a definition must not change with who looks at it.
        return f"https://sqs.{self.arns.region}.amazonaws.com/{self.arns.account}/{name}"


def role_name(owner: str, region: str) -> str:
    """The name of the role of a function, machine or rule.

    With the region, because an account's roles are not regional, but what they allow is.
    """
    return f"{owner}Role-{region}"
