"""What was made for a stack and is no longer part of it: found by its tag, whichever branch or version made it."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from bootstrap.clients import Clients
from bootstrap.description import FunctionSpec
from bootstrap.errors import refusals
from bootstrap.policies import EVENT_BUS
from bootstrap.resources.bucket import Bucket
from bootstrap.resources.bus_permission import BusPermission
from bootstrap.resources.function import Function
from bootstrap.resources.in_account import InAccount
from bootstrap.resources.log_group import LogGroup
from bootstrap.resources.queue import Queue
from bootstrap.resources.resource import Resource, Tagged
from bootstrap.resources.role import Role
from bootstrap.resources.rule import Rule
from bootstrap.resources.state_machine import StateMachine

PARALLEL_QUESTIONS = 16


def leftovers(clients: Clients, wanted: Iterable[Resource]) -> list[Resource]:
    """Find what carries the stack's tag and is not wanted, in the order in which it can be removed.

    A policy or permission goes with what it is a part of, so it is not looked for.

    Args:
        clients: How to reach the account.
        wanted: What the stack consists of.

    Raises:
        BootstrapError: They cannot be asked for.
    """
    known = {(resource.kind, resource.name) for resource in wanted}
    with refusals("what is left over", clients.settings):
        here = _tagged(clients, clients.stack.name)
        # Theirs first: what forwards to them says that there is something.
        found = [resource for account in _reached(clients, here) for resource in _in(account, clients)] + here
    return [resource for resource in found if (resource.kind, resource.name) not in known]


def _reached(clients: Clients, tagged: Iterable[Resource]) -> list[str]:
    """The other accounts that the stack reaches into, or did when a rule was made that is still there."""
    rules = [resource for resource in tagged if isinstance(resource, Rule)]
    with ThreadPoolExecutor(PARALLEL_QUESTIONS) as pool:
        targets = [arn for found in pool.map(lambda rule: rule.target_arns(clients), rules) for arn in found]
    accounts = [arn.split(":")[4] for arn in targets if ":event-bus/" in arn]
    return [*dict.fromkeys([*clients.stack.other_accounts, *accounts])]


def _in(account: str, clients: Clients) -> Iterator[InAccount]:
    there, stack = clients.of_account(account), clients.stack.name
    permission = BusPermission(stack, there.arns.bus(EVENT_BUS), clients.account)
    if permission.read(there):
        yield InAccount(account, permission)
    for resource in _tagged(there, stack):
        yield InAccount(account, resource)


def _tagged(clients: Clients, stack: str) -> list[Resource]:
    with ThreadPoolExecutor(PARALLEL_QUESTIONS) as pool:
        candidates = [resource for found in pool.map(lambda kind: [*kind(clients, stack)], KINDS) for resource in found]
        owners = pool.map(lambda resource: resource.owner(clients), candidates)
        return [resource for resource, owner in zip(candidates, owners, strict=True) if owner == stack]


def _rules(clients: Clients, stack: str) -> Iterator[Rule]:
    for rule in _pages(clients.events, "list_rules", "Rules", EventBusName=EVENT_BUS):
        yield Rule(rule["Name"], {}, "", stack)


def _machines(clients: Clients, stack: str) -> Iterator[StateMachine]:
    for machine in _pages(clients.states, "list_state_machines", "stateMachines"):
        yield StateMachine(machine["name"], machine["stateMachineArn"], machine["type"], {}, "", stack)


def _functions(clients: Clients, stack: str) -> Iterator[Function]:
    for function in _pages(clients.lambda_, "list_functions", "Functions"):
        # Every name that a module's derives to is its own.
        yield Function(FunctionSpec(function["FunctionName"], ""), stack, "", {})


def _roles(clients: Clients, stack: str) -> Iterator[Role]:
    for role in _pages(clients.iam, "list_roles", "Roles"):
        # Roles are all regions', but the stack is made in one; and services have some that nobody may ask about.
        if role["RoleName"].endswith(f"-{clients.settings.region}") and not role["Path"].startswith("/aws-"):
            yield Role(role["RoleName"], "", {}, stack)


def _log_groups(clients: Clients, stack: str) -> Iterator[LogGroup]:
    for group in _pages(clients.logs, "describe_log_groups", "logGroups"):
        yield LogGroup(group["logGroupName"], 0, stack)


def _queues(clients: Clients, stack: str) -> Iterator[Queue]:
    for url in _pages(clients.sqs, "list_queues", "QueueUrls"):
        yield Queue(url.rpartition("/")[2], 0, stack)


def _buckets(clients: Clients, stack: str) -> Iterator[Bucket]:
    region = clients.settings.region
    for bucket in _pages(clients.s3, "list_buckets", "Buckets", BucketRegion=region):
        if bucket.get("BucketRegion", region) == region:
            yield Bucket(bucket["Name"], stack)


def _pages(client: Any, operation: str, key: str, **given: str) -> Iterator[Any]:  # noqa: ANN401
    for page in client.get_paginator(operation).paginate(**given):
        yield from page.get(key, ())


Find = Callable[[Clients, str], Iterator[Tagged]]
KINDS: tuple[Find, ...] = (_rules, _machines, _functions, _queues, _log_groups, _roles, _buckets)
