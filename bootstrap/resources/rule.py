"""A rule on the bus, and the one target that it sends events to."""

import json
from collections.abc import Collection, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from bootstrap import tags
from bootstrap.clients import Clients
from bootstrap.description import Pattern
from bootstrap.errors import RefusedError
from bootstrap.policies import EVENT_BUS
from bootstrap.resources.resource import Fields

if TYPE_CHECKING:
    from mypy_boto3_events.type_defs import (
        PutTargetsResponseTypeDef,
        RemoveTargetsResponseTypeDef,
        TargetOutputTypeDef,
        TargetTypeDef,
    )

TARGET_ID = "target"
ENABLED: Literal["ENABLED"] = "ENABLED"


@dataclass(frozen=True)
class Rule:
    """Sends events to a function, a state machine or a log group.

    Args:
        name: The rule's name.
        pattern: What the events are like.
        target: The ARN of what they are sent to.
        stack: The stack that it is for.
        role: The ARN of the role that the rule acts in; a function and a log group have a policy instead.
    """

    kind: ClassVar[str] = "rule"
    name: str
    pattern: Pattern
    target: str
    stack: str
    role: str | None = None

    def desired(self) -> Fields:
        """How it should be."""
        return {"pattern": self.pattern, "state": ENABLED, "targets": {TARGET_ID: self._target}}

    def read(self, clients: Clients) -> Fields | None:
        """How it is."""
        try:
            rule = clients.events.describe_rule(Name=self.name, EventBusName=EVENT_BUS)
        except clients.events.exceptions.ResourceNotFoundException:
            return None
        pattern = json.loads(rule.get("EventPattern") or "null")
        return {"pattern": pattern, "state": rule["State"], "targets": self._targets(clients)}

    def create(self, clients: Clients) -> None:
        """Make the rule, then its target."""
        self.update(clients, self.desired().keys())

    def update(self, clients: Clients, fields: Set[str]) -> None:
        """Set what it listens to, or where it sends events, and nowhere else."""
        if fields & {"pattern", "state"}:
            pattern = json.dumps(self.pattern)
            clients.events.put_rule(
                Name=self.name,
                EventBusName=EVENT_BUS,
                EventPattern=pattern,
                State=ENABLED,
                # Of a rule that exists, AWS ignores them.
                Tags=tags.as_list(self.stack),
            )
        if "targets" in fields:
            self._remove_targets(clients, self._targets(clients).keys() - {TARGET_ID})
            answer = clients.events.put_targets(Rule=self.name, EventBusName=EVENT_BUS, Targets=[self._target])
            self._check(answer)

    def delete(self, clients: Clients) -> None:
        """Remove it after its targets, as AWS wants it."""
        self._remove_targets(clients, self._targets(clients).keys())
        clients.events.delete_rule(Name=self.name, EventBusName=EVENT_BUS)

    def owner(self, clients: Clients) -> str | None:
        """The stack that it was made for."""
        return tags.owner(clients.events.list_tags_for_resource(ResourceARN=clients.arns.rule(self.name))["Tags"])

    def claim(self, clients: Clients) -> None:
        """Tag it with its stack."""
        clients.events.tag_resource(ResourceARN=clients.arns.rule(self.name), Tags=tags.as_list(self.stack))

    def target_arns(self, clients: Clients) -> list[str]:
        """The ARNs of all that it sends events to now."""
        return [target["Arn"] for target in self._targets(clients).values()]

    @property
    def _target(self) -> "TargetTypeDef":
        target: TargetTypeDef = {"Id": TARGET_ID, "Arn": self.target}
        return {**target, "RoleArn": self.role} if self.role else target

    def _targets(self, clients: Clients) -> "dict[str, TargetOutputTypeDef]":
        found = clients.events.list_targets_by_rule(Rule=self.name, EventBusName=EVENT_BUS)["Targets"]
        return {target["Id"]: target for target in found}

    def _remove_targets(self, clients: Clients, ids: Collection[str]) -> None:
        if ids:
            answer = clients.events.remove_targets(Rule=self.name, EventBusName=EVENT_BUS, Ids=[*ids])
            self._check(answer)

    def _check(self, answer: "PutTargetsResponseTypeDef | RemoveTargetsResponseTypeDef") -> None:
        for failed in answer["FailedEntries"]:
            raise RefusedError(
                f"rule {self.name}: target {failed['TargetId']}: {failed['ErrorCode']}: {failed['ErrorMessage']}"
            )
