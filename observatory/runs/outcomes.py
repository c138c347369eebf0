"""What came of a run, as its own execution and history say: how many things failed for good, and why it failed."""

from observatory.records.states import BAD, MAP, PARALLEL, StateRun, States

AROUND = frozenset({MAP, PARALLEL})


def count_failures(states: States, status: str) -> int:
    """Count what failed for good: each item of a Map once, each branch of a Parallel, and each state outside of any.

    What failed and went well when it was tried again has not, and side effects are no part of the run. One that did not
    end well, though nothing in it failed, counts as one.

    Args:
        states: What the run's history says.
        status: How its execution is.
    """
    things = {_thing(states, run) for run in states.runs if _failed_for_good(states, run)}
    return max(len(things), int(status in BAD))


def _thing(states: States, run: StateRun) -> tuple[object, ...]:
    """What a failure is one of: the innermost item that a state is in, else the innermost branch, else the state."""
    around = (run, *states.around(run))
    item = next(((one.parent, one.iteration) for one in around if one.iteration is not None), None)
    branch = next(((one.parent, one.branch, "branch") for one in around if one.branch is not None), None)
    return item or branch or (run.id,)


def _failed_for_good(states: States, run: StateRun) -> bool:
    # A Fail outside of any other state says only how the run ends.
    if not run.failed or run.type in AROUND or (run.type == "Fail" and run.parent is None):
        return False
    taker = states.by_id.get(run.caught_by or 0)
    # A Map or a Parallel that was not left after it failed was tried again.
    return taker is None or taker is run or bool(taker.failed and taker.exited)
