"""What a seed met and came to, in a line, and all seeds in a table."""

from collections import Counter
from collections.abc import Sequence

from rich.table import Table

from tests.chaos.plan import Fault
from tests.chaos.verdict import Outcome

NONE = "none"


def outcome_line(outcome: Outcome) -> str:
    """A seed in a line: the faults it met, and what it came to."""
    counted = Counter(f"{fault} {thing.what}" for fault, thing in outcome.happened)
    met = ", ".join(f"{what} ({count})" for what, count in counted.items()) or "nothing"
    why = f": {outcome.error}: {outcome.cause}" if outcome.error else ""
    return f"seed {outcome.plan.seed}: {met} → {outcome.status} after {outcome.seconds:.1f} s{why}"


def faults_table(outcomes: Sequence[Outcome]) -> Table:
    """How many runs met each fault, how often, and how they ended."""
    table = Table("fault", title=f"{len(outcomes)} seeds")
    for heading in ("times", "runs", "succeeded", "failed"):
        table.add_column(heading, justify="right")
    for fault in (*Fault, None):
        met = [outcome for outcome in outcomes if (fault in _faults(outcome) if fault else not outcome.happened)]
        times = sum(_faults(outcome).count(fault) for outcome in met) if fault else 0
        ended = Counter(outcome.status for outcome in met)
        table.add_row(fault or NONE, str(times), str(len(met)), str(ended["SUCCEEDED"]), str(ended["FAILED"]))
    ended = Counter(outcome.status for outcome in outcomes)
    total = sum(len(outcome.happened) for outcome in outcomes)
    table.add_row("all", str(total), str(len(outcomes)), str(ended["SUCCEEDED"]), str(ended["FAILED"]))
    return table


def _faults(outcome: Outcome) -> list[Fault]:
    return [fault for fault, _thing in outcome.happened]
