"""Make, compare and remove the system: one engine for every kind of resource."""

import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any

from botocore.exceptions import ClientError
from tenacity import retry, retry_if_exception, stop_after_delay, wait_exponential

from bootstrap.changes import Action, Change, compare
from bootstrap.clients import Clients
from bootstrap.errors import BootstrapError, RefusedError, refusals
from bootstrap.resources.resource import Resource
from bootstrap.stack import EVENT_BUS, FUNCTIONS, MACHINES
from bootstrap.system import Stage, rules, stages

PARALLEL_RESOURCES = 16
SETTLE_TIMEOUT_SECONDS = 90
FIRST_SETTLE_SECONDS = 0.5
LONGEST_SETTLE_SECONDS = 5

# What AWS answers while an earlier change is not known everywhere: a role that was just made, a bucket or machine that
# was just removed, a queue whose name is free again after a minute, a function that is still being changed.
SETTLING = re.compile(
    "cannot be assumed by|authorized to assume the provided role|OperationAborted|BucketNotEmpty"
    "|StateMachineDeleting|QueueDeletedRecently|ResourceConflictException|ConcurrentModification"
)

OnChange = Callable[[Change], object]
Work = Callable[[Resource, Clients], Change]


def system(clients: Clients) -> tuple[Stage, ...]:
    """The resources of the system in the account that the clients speak to.

    Raises:
        BootstrapError: The account cannot be asked who it is.
    """
    with refusals("account", clients.settings):
        return stages(clients.arns, clients.bucket, clients.settings)


def up(clients: Clients, on_change: OnChange) -> None:
    """Create what does not exist and update what differs.

    Args:
        clients: How to reach the account.
        on_change: Told about each resource once it is as it should be.

    Raises:
        BootstrapError: Some resource could not be made; a later `up` goes on from there.
    """
    for stage in system(clients):
        bring_about(stage, clients, on_change)


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
    """Say what `up` would do.

    Args:
        clients: How to reach the account.

    Raises:
        BootstrapError: Some resource could not be read.
    """
    changes: list[Change] = []
    _work_on([resource for stage in system(clients) for resource in stage], compare, clients, changes.append)
    return tuple(changes)


def down(clients: Clients, on_change: OnChange) -> None:
    """Remove all that `up` makes, and what is in it.

    Args:
        clients: How to reach the account.
        on_change: Told about each resource once it is gone.

    Raises:
        BootstrapError: Some resource could not be removed; a later `down` goes on from there.
    """
    for stage in reversed(system(clients)):
        _work_on(stage, _remove, clients, on_change)


def outputs(clients: Clients) -> dict[str, Any]:
    """The names and ARNs of what `up` makes.

    Args:
        clients: How to reach the account.

    Raises:
        BootstrapError: The account cannot be asked who it is.
    """
    with refusals("account", clients.settings):
        arns = clients.arns
    return {
        "endpoint": clients.settings.endpoint_url,
        "region": arns.region,
        "account": arns.account,
        "bus": EVENT_BUS,
        "bucket": clients.bucket,
        "functions": {function.name: arns.function(function.name) for function in FUNCTIONS},
        "machines": {machine.name: arns.machine(machine.name) for machine in MACHINES},
        "rules": {rule.name: arns.rule(rule.name) for rule in rules(arns)},
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
        resource.update(clients, {difference.path[0] for difference in change.differences})
    return change


@_until_settled
def _remove(resource: Resource, clients: Clients) -> Change:
    if resource.read(clients) is None:
        return Change(resource, Action.ABSENT)
    resource.delete(clients)
    return Change(resource, Action.REMOVED)
