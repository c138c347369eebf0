"""The results as Markdown."""

from collections.abc import Iterable, Sequence

from benchmarks.results import Results
from benchmarks.subjects import SANDBOX, STOCK
from benchmarks.targets import Outcome
from benchmarks.works import SECONDS, Work

NOT_MEASURED = "–"
WORDS = {True: "yes", False: "**no**", None: "not measured"}


def render(results: Results, outcomes: Sequence[Outcome]) -> str:
    """Write the tables: the machine, the targets, and every median.

    Args:
        results: What was measured.
        outcomes: What came of the targets.
    """
    parts = [_machine(results), _table(("work", "target", "this sandbox", "met"), map(_target_row, outcomes))]
    parts.append(
        f"Medians; in brackets, how many values and the range they span. {STOCK} is as it comes, except that its Lambda"
        " environments are plain processes; its larger runs would take minutes and are left out."
    )
    names = results.subjects
    heads = ("work", *names, *(f"{SANDBOX} / {name}" for name in names if name != SANDBOX))
    parts.append(_table(heads, (_row(results, work) for work in results.works(lambda work: not work.step))))
    parts += [f"{failure.subject} failed: {failure.work}: {failure.error}" for failure in results.failures]
    return "\n\n".join(parts) + "\n"


def _machine(results: Results) -> str:
    return ", ".join(f"{name} {value}" for name, value in results.machine.items())


def _target_row(outcome: Outcome) -> tuple[str, ...]:
    target = outcome.target
    value = NOT_MEASURED if outcome.value is None else f"{outcome.value:.2f} {target.unit}"
    return target.work, f"at most {target.most:.3g} {target.unit}", value, WORDS[outcome.met]


def _row(results: Results, work: Work) -> tuple[str, ...]:
    ratios = (results.ratio(work, SANDBOX, name) for name in results.subjects if name != SANDBOX)
    return (
        str(work),
        *(_values(results, work, name) for name in results.subjects),
        *(NOT_MEASURED if ratio is None else f"{ratio:.2f}" for ratio in ratios),
    )


def _values(results: Results, work: Work, subject: str) -> str:
    middle, values = results.median(work, subject), results.values[work].get(subject)
    if middle is None or not values:
        return NOT_MEASURED
    digits = 2 if work.unit == SECONDS else 0
    spread = f"{min(values):.{digits}f}–{max(values):.{digits}f}"
    return f"{middle:.{digits}f} {work.unit} ({len(values)}: {spread})"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
