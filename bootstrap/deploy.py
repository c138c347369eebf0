"""Make, compare and remove a stack: one engine for every kind of resource."""

import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from itertools import chain, groupby
from typing import Any

from botocore.exceptions import ClientError
from tenacity import retry, retry_if_exception, stop_after_delay, wait_exponential

from bootstrap.changes import OWNER, Action, Change, compare
from bootstrap.clients import Clients
from bootstrap.errors import BootstrapError, RefusedError, refusals
from bootstrap.loading import folder_of
from bootstrap.place import Stage
from bootstrap.policies import EVENT_BUS
from bootstrap.resources.in_account import located
from bootstrap.resources.resource import Resource, Tagged
from bootstrap.system import System

PARALLEL_RESOURCES = 16
SETTLE_TIMEOUT_SECONDS = 90
FIRST_SETTLE_SECONDS = 0.5
LONGEST_SETTLE_SECONDS = 5

# What AWS answers while an earlier change is not known everywhere: a role that was just made, a bucket or machine that
# was just removed, a queue whose name is free again after a minute, a function that is still being changed.
SETTLING = re.compile(
    "cannot be assumed by|authorized to assume the provided role|OperationAborted|BucketNotEmpty"
    "|StateMachineDeleting|QueueDeletedRecently|ResourceConflictException|ConcurrentModification"
    # A creation whose answer got lost was tried again by the client.
    "|EntityAlreadyExists|ResourceAlreadyExists|BucketAlreadyOwnedByYou"
)

OnChange = Callable[[Change], object]
Work = Callable[[Resource, Clients], Change]


def system(clients: Clients) -> System:
    """The stack in the account that the clients speak to.

    Raises:
        BootstrapError: The account cannot be asked who it is.
    """
    with refusals("account", clients.settings):
        module = clients.settings.stack
        return System(clients.stack, folder_of(module), clients.arns, clients.bucket, clients.settings)


def up(clients: Clients, on_change: OnChange, *, prune: bool = False) -> None:
    """Create what does not exist and update what differs.

    Args:
        clients: How to reach the account.
        on_change: Told about each resource once it is as it should be.
        prune: Also remove what was made for the stack and is no longer part of it.

    Raises:
        BootstrapError: Some resource could not be made; a later `up` goes on from there.
    """
    stages = system(clients).stages()
    for resource in chain.from_iterable(stages):
        # Before anything is made, for what a function is packed from may be broken.
        resource.desired()
    for stage in stages:
        bring_about(stage, clients, on_change)
    if prune:
        _remove_all(_no_longer_wanted(clients, stages), clients, on_change)


def bring_about(resources: Sequence[Resource], clients: Clients, on_change: OnChange) -> None:
    """Create or update just some resources, all at the same time.

    Args:
        resources: Those; what they need exists.
        clients: How to reach the account.
        on_change: Told about each resource once it is as it should be.

    Raises:
        BootstrapError: Some resource could not be made; the others are.
    """
    _work_on(resources, _bring_about, clients, on_change)


def diff(clients: Clients) -> tuple[Change, ...]:
    """Say what `up --prune` would do.

    Args:
        clients: How to reach the account.

    Raises:
        BootstrapError: Some resource could not be read.
    """
    changes: list[Change] = []
    stages = system(clients).stages()
    _work_on([*chain.from_iterable(stages)], compare, clients, changes.append)
    changes += [Change(resource, Action.REMOVED) for resource in _no_longer_wanted(clients, stages)]
    return tuple(changes)


def down(clients: Clients, on_change: OnChange) -> None:
    """Remove all that was ever made for the stack, and what is in it.

    Args:
        clients: How to reach the account.
        on_change: Told about each resource once it is gone.

    Raises:
        BootstrapError: Some resource could not be removed; a later `down` goes on from there.
    """
    stages = system(clients).stages()
    _remove_all(_no_longer_wanted(clients, stages), clients, on_change)
    for stage in reversed(stages):
        _work_on(stage, _remove, clients, on_change)


def _no_longer_wanted(clients: Clients, stages: Sequence[Stage]) -> list[Resource]:
    # Not above: an `up` that prunes nothing does without.
    from bootstrap.leftovers import leftovers

    return leftovers(clients, chain.from_iterable(stages))


def _remove_all(resources: Sequence[Resource], clients: Clients, on_change: OnChange) -> None:
    """Remove resources in their order, those of a kind at the same time."""
    for _kind, group in groupby(resources, key=lambda resource: resource.kind):
        _work_on([*group], _remove, clients, on_change)


def outputs(clients: Clients) -> dict[str, Any]:
    """The names and ARNs of what `up` makes.

    Args:
        clients: How to reach the account.

    Raises:
        BootstrapError: The account cannot be asked who it is.
    """
    made = system(clients)
    arns = made.arns
    return {
        "endpoint": clients.settings.endpoint_url,
        "stack": made.stack.name,
        "region": arns.region,
        "account": arns.account,
        "bus": EVENT_BUS,
        "bucket": made.bucket,
        "functions": {function.name: arns.function(function.name) for function in made.stack.functions},
        "machines": {machine.name: arns.machine(machine.name) for machine in made.machines},
        "rules": {rule.name: arns.rule(rule.name) for rule in made.rules()},
    }


def _work_on(resources: Sequence[Resource], work: Work, clients: Clients, on_change: OnChange) -> None:
    """Do the same with every resource, all at the same time, and raise what failed once the others are done."""
    failed: list[BootstrapError] = []
    with ThreadPoolExecutor(PARALLEL_RESOURCES) as pool:
        for future in as_completed([pool.submit(_report, resource, work, clients) for resource in resources]):
            try:
                on_change(future.result())
            except BootstrapError as error:
                failed.append(error)
    if failed:
        # As one of them, its kind decides the exit status; without those that say the same.
        raise type(failed[0])("\n".join(dict.fromkeys(str(error) for error in failed))) from failed[0]


def _report(resource: Resource, work: Work, clients: Clients) -> Change:
    with refusals(f"{resource.kind} {resource.name}", clients.settings):
        return work(resource, clients)


def _is_settling(error: BaseException) -> bool:
    return isinstance(error, ClientError | RefusedError) and SETTLING.search(str(error)) is not None


_until_settled = retry(
    retry=retry_if_exception(_is_settling),
    stop=stop_after_delay(SETTLE_TIMEOUT_SECONDS),
    wait=wait_exponential(FIRST_SETTLE_SECONDS, max=LONGEST_SETTLE_SECONDS),
    reraise=True,
)


@_until_settled
def _bring_about(resource: Resource, clients: Clients) -> Change:
    change = compare(resource, clients)
    if change.action is Action.CREATED:
        resource.create(clients)
    elif change.action is Action.UPDATED:
        fields = {difference.path[0] for difference in change.differences}
        part, there = located(resource, clients)
        # First, for it may be refused.
        if OWNER in fields and isinstance(part, Tagged):
            part.claim(there)
        if others := fields - {OWNER}:
            part.update(there, others)
    return change


@_until_settled
def _remove(resource: Resource, clients: Clients) -> Change:
    if resource.read(clients) is None or _is_another_stacks(resource, clients):
        return Change(resource, Action.ABSENT)
    try:
        resource.delete(clients)
    except ClientError:
        # A deletion whose answer got lost was tried again by the client, and found nothing.
        if resource.read(clients) is not None:
            raise
    return Change(resource, Action.REMOVED)


def _is_another_stacks(resource: Resource, clients: Clients) -> bool:
    part, there = located(resource, clients)
    return isinstance(part, Tagged) and part.owner(there) not in {None, part.stack}
