"""Who consumes which event: what the rules on the bus say, and those on the buses that they forward events to."""

import json
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from bootstrap.clients import Clients
from bootstrap.description import Stack
from bootstrap.policies import EVENT_BUS
from handlers.shared.detail_types import INVOCATION_FAILED, LAMBDA

KINDS = {"lambda": "function", "states": "machine", "sqs": "queue", "events": "bus", "logs": "log group"}
FUNCTION, MACHINE, BUS = "function", "machine", "bus"
# https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
DEFAULT_RETRIES = 2
PARALLEL_REQUESTS = 8


@dataclass(frozen=True)
class Consumer:
    """What a rule sends events to.

    Args:
        rule: The rule's name.
        type: The detail type of the events; None for all.
        kind: function, machine, queue, bus, log group, or the name of another service.
        name: What it is called there.
        is_side_effect: Whether no state waits for it; so with all that others have hung on an event.
        account: The account that it is in, if that is another one.
        via: The rule that forwards the events there.
        tries: How often Lambda lets a function try at most, where that is known.
    """

    rule: str
    type: str | None
    kind: str
    name: str
    is_side_effect: bool = True
    account: str | None = None
    via: str | None = None
    tries: int | None = None

    @property
    def label(self) -> str:
        """What people call it."""
        return label(self.name, self.account)

    def takes(self, detail_type: str) -> bool:
        """Whether it gets the events of a detail type; all of the stack's are not those of Lambda."""
        return self.type == detail_type or (self.type is None and detail_type != INVOCATION_FAILED)

    def to_json_object(self) -> dict[str, Any]:
        """Return the consumer for programs."""
        return {
            "rule": self.rule,
            "type": self.type,
            "kind": self.kind,
            "name": self.name,
            "sideEffect": self.is_side_effect,
            "account": self.account,
            "via": self.via,
        }


def label(name: str, account: str | None) -> str:
    """What people call something that may be in another account."""
    return f"{name} in {account}" if account else name


def fetch_consumers(clients: Clients, stack: Stack) -> tuple[Consumer, ...]:
    """Ask who consumes a stack's events now.

    A state waits for a machine of the stack, and for a function whose failures Lambda reports on the bus; nothing else
    could tell it that there will be no answer.

    Args:
        clients: How to reach the services.
        stack: Whose events.
    """
    rules = _fetch_rules(clients)
    functions = {arn for rule in rules for arn in _arns(rule) if _kind(arn) == FUNCTION}
    with ThreadPoolExecutor(PARALLEL_REQUESTS) as pool:
        answers = pool.map(lambda arn: _asynchronous_invocation(clients, arn), functions)
        asked = dict(zip(functions, answers, strict=True))
    waited_for = {arn for arn, said in asked.items() if _answers_on_bus(said)}
    tries = {arn: 1 + said.get("MaximumRetryAttempts", DEFAULT_RETRIES) for arn, said in asked.items()}
    machines = (*(machine.name for machine in stack.machines), stack.finisher)
    all_waited_for = waited_for | {clients.arns.machine(name) for name in machines}
    consumers = read_consumers(rules, stack.source, all_waited_for, tries=tries)
    return (*consumers, *_fetch_forwarded(clients, stack, rules))


def read_consumers(
    rules: Iterable[Mapping[str, Any]],
    source: str,
    waited_for: Iterable[str],
    own: str | None = None,
    tries: Mapping[str, int] | None = None,
) -> tuple[Consumer, ...]:
    """Read who consumes the events of a source.

    Args:
        rules: The rules, each with its targets under `Targets`.
        source: The source.
        waited_for: The ARNs of those that a state waits for.
        own: The account of the rules, if it is another one than that of the events.
        tries: How often Lambda lets functions try, by their ARNs.
    """
    known = tries or {}
    return tuple(
        Consumer(
            rule["Name"],
            detail_type,
            _kind(arn),
            _name(arn),
            arn not in waited_for,
            own or _account(arn, rule),
            tries=known.get(arn),
        )
        for rule in rules
        for detail_type in _detail_types(json.loads(rule.get("EventPattern") or "{}"), source)
        for arn in _arns(rule)
    )


def _fetch_rules(clients: Clients) -> list[dict[str, Any]]:
    pages = clients.events.get_paginator("list_rules").paginate(EventBusName=EVENT_BUS)
    rules = [rule for page in pages for rule in page["Rules"] if rule.get("EventPattern")]
    targets = clients.events.list_targets_by_rule
    return [{**rule, "Targets": targets(Rule=rule["Name"], EventBusName=EVENT_BUS)["Targets"]} for rule in rules]


def _fetch_forwarded(clients: Clients, stack: Stack, rules: Iterable[Mapping[str, Any]]) -> Iterator[Consumer]:
    """Those behind each bus of another account that a rule forwards events to, as far as that account lets us look."""
    for rule in rules:
        types = _detail_types(json.loads(rule["EventPattern"]), stack.source)
        for arn in _arns(rule) if types else ():
            account = _account(arn, rule)
            if _kind(arn) != BUS or account is None:
                continue
            try:
                there = _fetch_rules(clients.of_account(account))
            except (BotoCoreError, ClientError):
                # The bus itself is among the consumers; who is behind it, only that account may know.
                continue
            for consumer in read_consumers(there, stack.source, (), account):
                for detail_type in types:
                    if taken := _taken_by_both(detail_type, consumer.type):
                        yield Consumer(
                            consumer.rule, taken[0], consumer.kind, consumer.name, account=account, via=rule["Name"]
                        )


def _taken_by_both(first: str | None, second: str | None) -> tuple[str | None] | None:
    """The detail type that two rules take, one after the other, in a tuple, for None is one as well."""
    if first is None or first == second:
        return (second,)
    return (first,) if second is None else None


def _asynchronous_invocation(clients: Clients, function: str) -> Mapping[str, Any]:
    try:
        return clients.lambda_.get_function_event_invoke_config(FunctionName=function)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        return {}


def _answers_on_bus(said: Mapping[str, Any]) -> bool:
    return _kind(said.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination", "")) == BUS


def _detail_types(pattern: Mapping[str, Any], source: str) -> list[str | None]:
    """The detail types that a pattern takes of a source's events, or of Lambda's; not those that it only describes."""
    sources = pattern.get("source", [source])
    if source not in sources:
        taken = LAMBDA in sources and INVOCATION_FAILED in pattern.get("detail-type", [INVOCATION_FAILED])
        return [INVOCATION_FAILED] if taken else []
    if "detail-type" not in pattern:
        return [None]
    return [each for each in pattern["detail-type"] if isinstance(each, str)]


def _arns(rule: Mapping[str, Any]) -> list[str]:
    return [target["Arn"] for target in rule["Targets"]]


def _parts(arn: str) -> list[str]:
    return [*arn.split(":", 5), "", "", "", "", ""][:6]


def _kind(arn: str) -> str:
    return KINDS.get(_parts(arn)[2], _parts(arn)[2])


def _name(arn: str) -> str:
    resource = _parts(arn)[5]
    if _kind(arn) == BUS:
        return resource.removeprefix("event-bus/")
    return resource.split(":")[1] if ":" in resource else resource


def _account(arn: str, rule: Mapping[str, Any]) -> str | None:
    """The account of a target, if it is another one than its rule's."""
    account, own = _parts(arn)[4], _parts(rule.get("Arn", ""))[4]
    return account if own and account not in {"", own} else None
