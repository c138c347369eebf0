"""Play many seeds in one sandbox, judge each, and look at what they leave behind."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from bootstrap.clients import Clients
from bootstrap.stack import STACK
from tests.chaos.leftovers import wait_until_idle, wait_until_nothing_is_left
from tests.chaos.runs import collect, play
from tests.chaos.sandbox import ChaosSandbox
from tests.chaos.verdict import Outcome, judge

# They meet no fault; before the others, they make all that a sandbox which works keeps for good.
CALM_SEEDS = range(0, 100, 10)


@dataclass(frozen=True)
class Campaign:
    """What came of the seeds.

    Args:
        outcomes: Each seed's, in the order in which they ended, and as it was when all had ended.
        wrong: What is wrong with each seed of which something is.
        executions: What is wrong with the executions as a whole.
        left: What LocalStack has that a calm one has not.
    """

    outcomes: tuple[Outcome, ...]
    wrong: dict[int, list[str]]
    executions: list[str]
    left: list[str]

    @property
    def is_right(self) -> bool:
        """Whether all is as it should be."""
        return not (self.wrong or self.executions or self.left)


def run_campaign(sandbox: ChaosSandbox, seeds: Iterable[int], on_outcome: Callable[[Outcome], None]) -> Campaign:
    """Play the seeds, after the calm ones.

    Args:
        sandbox: Where; it has done nothing yet.
        seeds: Which.
        on_outcome: Told of each seed that has ended.
    """
    clients = sandbox.clients
    outcomes = list(play(clients, CALM_SEEDS))
    calm = wait_until_idle(sandbox)
    for outcome in play(clients, seeds):
        on_outcome(outcome)
        outcomes.append(outcome)
    left = wait_until_nothing_is_left(sandbox, calm)
    in_the_end = tuple(collect(clients, outcome.plan, outcome.job) for outcome in outcomes)
    wrong: dict[int, list[str]] = {}
    for before, after in zip(outcomes, in_the_end, strict=True):
        if found := [*judge(after, clients.settings), *_changed(before, after)]:
            wrong[after.plan.seed] = found
    return Campaign(in_the_end, wrong, list(_odd_executions(clients, {outcome.job for outcome in outcomes})), left)


def _changed(before: Outcome, after: Outcome) -> Iterator[str]:
    """What came late may add a report to a run that failed, and nothing else."""
    for name in ("status", "error", "cause", "failure"):
        if getattr(before, name) != getattr(after, name):
            yield f"{name} was {getattr(before, name)}, and is {getattr(after, name)} later"


def _odd_executions(clients: Clients, jobs: set[str]) -> Iterator[str]:
    """Each start event makes one execution, and none goes on."""
    pages = clients.states.get_paginator("list_executions").paginate(
        stateMachineArn=clients.arns.machine(STACK.machines[0].name)
    )
    executions = [execution for page in pages for execution in page["executions"]]
    if sorted(execution["name"] for execution in executions) != sorted(jobs):
        yield f"{len(executions)} executions of {len(jobs)} start events"
    running = [execution["name"] for execution in executions if execution["status"] == "RUNNING"]
    if running:
        yield f"still running: {', '.join(running)}"
