"""Who consumes which event: what the rules on the bus say."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bootstrap.clients import Clients
from bootstrap.policies import EVENT_BUS
from bootstrap.stack import STACK

WAITED_FOR = {one.name for one in STACK.waited_for} | {one.name for one in STACK.machines} | {STACK.finisher}
KINDS = {"lambda": "function", "states": "machine", "sqs": "queue", "events": "bus"}


@dataclass(frozen=True)
class Consumer:
    """What a rule sends events to.

    Args:
        rule: The rule's name.
        type: The detail type of the events; None for all.
        kind: function, machine, or the name of another service.
        name: What it is called there.
    """

    rule: str
    type: str | None
    kind: str
    name: str

    @property
    def is_side_effect(self) -> bool:
        """Whether no state waits for it; so with all that others have hung on an event."""
        return self.name not in WAITED_FOR

    def takes(self, detail_type: str) -> bool:
        """Whether it gets the events of a detail type."""
        return self.type is None or self.type == detail_type

    def to_json_object(self) -> dict[str, Any]:
        """Return the consumer for programs."""
        return {
            "rule": self.rule,
            "type": self.type,
            "kind": self.kind,
            "name": self.name,
            "sideEffect": self.is_side_effect,
        }


def fetch_rules(clients: Clients) -> list[dict[str, Any]]:
    """Ask for all rules of the bus, each with its targets under `Targets`."""
    pages = clients.events.get_paginator("list_rules").paginate(EventBusName=EVENT_BUS)
    rules = [rule for page in pages for rule in page["Rules"] if rule.get("EventPattern")]
    targets = clients.events.list_targets_by_rule
    return [{**rule, "Targets": targets(Rule=rule["Name"], EventBusName=EVENT_BUS)["Targets"]} for rule in rules]


def read_consumers(rules: Iterable[Mapping[str, Any]]) -> tuple[Consumer, ...]:
    """Read who consumes this project's events, from rules with their targets."""
    return tuple(
        Consumer(rule["Name"], detail_type, *_target(target["Arn"]))
        for rule in rules
        for detail_type in _detail_types(json.loads(rule.get("EventPattern") or "{}"))
        for target in rule["Targets"]
    )


def _detail_types(pattern: Mapping[str, Any]) -> list[str | None]:
    """The detail types that a pattern takes of this project's events; not those that it only describes."""
    if STACK.source not in pattern.get("source", [STACK.source]):
        return []
    if "detail-type" not in pattern:
        return [None]
    return [each for each in pattern["detail-type"] if isinstance(each, str)]


def _target(arn: str) -> tuple[str, str]:
    """The kind and the name of a target."""
    _, _, service, _, _, resource = arn.split(":", 5)
    kind = KINDS.get(service, service)
    return kind, resource.split(":")[1] if ":" in resource else resource
