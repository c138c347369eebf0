"""What was made for a stack and is no longer part of it: found by its tag, whichever branch or version made it."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from bootstrap.clients import Clients
from bootstrap.description import FunctionSpec
from bootstrap.errors import refusals
from bootstrap.policies import EVENT_BUS
from bootstrap.resources.function import Function
from bootstrap.resources.in_account import InAccount
from bootstrap.resources.log_group import LogGroup
from bootstrap.resources.queue import Queue
from bootstrap.resources.resource import Resource, Tagged
from bootstrap.resources.role import Role
from bootstrap.resources.rule import Rule
from bootstrap.resources.state_machine import StateMachine

Found = Iterator[Tagged]

PARALLEL_QUESTIONS = 16


def leftovers(clients: Clients, wanted: Iterable[Resource], accounts: Iterable[str]) -> list[Resource]:
    """Find what carries the stack's tag and is not wanted, in the order in which it can be removed.

    A policy or permission goes with what it is a part of, so it is not looked for.

    Args:
        clients: How to reach the account.
        wanted: What the stack consists of.
        accounts: The other accounts that it reaches into.

    Raises:
        BootstrapError: They cannot be asked for.
    """
    known = {(resource.kind, resource.name) for resource in wanted}
    with refusals("what is left over", clients.settings):
        found: list[Resource] = [*_tagged(clients)]
        for account in accounts:
            found += [InAccount(account, resource) for resource in _tagged(clients.of_account(account))]
    return [resource for resource in found if (resource.kind, resource.name) not in known]


def _tagged(clients: Clients) -> list[Resource]:
    stack = clients.stack.name
    with ThreadPoolExecutor(PARALLEL_QUESTIONS) as pool:
        candidates = [resource for found in pool.map(lambda kind: [*kind(clients)], KINDS) for resource in found]
        owners = pool.map(lambda resource: resource.owner(clients), candidates)
        return [resource for resource, owner in zip(candidates, owners, strict=True) if owner == stack]


def _rules(clients: Clients) -> Found:
    for rule in _pages(clients.events, "list_rules", "Rules", EventBusName=EVENT_BUS):
        yield Rule(rule["Name"], {}, "", clients.stack.name)


def _machines(clients: Clients) -> Found:
    for machine in _pages(clients.states, "list_state_machines", "stateMachines"):
        arn, kind = machine["stateMachineArn"], machine["type"]
        yield StateMachine(machine["name"], arn, kind, {}, "", clients.stack.name)


def _functions(clients: Clients) -> Found:
    for function in _pages(clients.lambda_, "list_functions", "Functions"):
        # Every name that a module's derives to is its own.
        yield Function(FunctionSpec(function["FunctionName"], ""), clients.stack.name, "", {})


def _roles(clients: Clients) -> Found:
    for role in _pages(clients.iam, "list_roles", "Roles"):
        # Services have roles of their own, which nobody may ask about.
        if not role["Path"].startswith("/aws-"):
            yield Role(role["RoleName"], "", {}, clients.stack.name)


def _log_groups(clients: Clients) -> Found:
    for group in _pages(clients.logs, "describe_log_groups", "logGroups"):
        yield LogGroup(group["logGroupName"], 0, clients.stack.name)


def _queues(clients: Clients) -> Found:
    for url in _pages(clients.sqs, "list_queues", "QueueUrls"):
        yield Queue(url.rpartition("/")[2], 0, clients.stack.name)


def _pages(client: Any, operation: str, key: str, **given: str) -> Iterator[Any]:  # noqa: ANN401
    for page in client.get_paginator(operation).paginate(**given):
        yield from page.get(key, ())


KINDS: tuple[Callable[[Clients], Found], ...] = (_rules, _machines, _functions, _queues, _log_groups, _roles)
