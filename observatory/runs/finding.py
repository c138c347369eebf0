"""Find runs: which ones are wanted, in which order, and a page of them; for the pages and for the command alike."""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from bootstrap.description import Stack
from observatory.errors import UnknownRunError, UnreadableWishError
from observatory.records.executions import LATEST, choose_execution, standard_machines
from observatory.records.states import ABORTED, BAD, FAILED, RUNNING, SUCCEEDED, TIMED_OUT
from observatory.runs.outcomes import Outcomes
from observatory.runs.runs import Run

PAGE_RUNS = 50
# Of each run so many before it say whether it took longer than they do.
TREND_RUNS = 12
STATUSES = (RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED)
AGO = re.compile(r"(\d{1,9})\s*([smhd])")
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
NEWEST = "newest"
ORDERS: dict[str, Callable[[Run], Any]] = {
    NEWEST: lambda run: -run.execution.started.timestamp(),
    "oldest": lambda run: run.execution.started.timestamp(),
    "slowest": lambda run: -run.seconds,
    "fastest": lambda run: run.seconds,
    "failures": lambda run: -run.failures,
}


@dataclass(frozen=True)
class Wanted:
    """Which runs somebody wants to see; what is empty leaves none out.

    Args:
        statuses: How they are.
        machine: The machine's name.
        since: When they began at the earliest.
        until: When they began at the latest.
        text: What is in their id, in what started them or in their columns, in any case of letters.
        item: What is in the name of one of their items.
        error: What is in the cause of their failure.
        sort: One of the orders, or the name of a column, whose largest value comes first.
        page: Which page of them, from 1.
    """

    statuses: frozenset[str] = frozenset()
    machine: str = ""
    since: datetime | None = None
    until: datetime | None = None
    text: str = ""
    item: str = ""
    error: str = ""
    sort: str = NEWEST
    page: int = 1


@dataclass(frozen=True)
class Found:
    """A page of the runs that are wanted.

    Args:
        runs: Those of the page.
        found: How many are wanted in all.
        total: How many there are.
        page: Which page it is.
        is_complete: Whether all was read that decides on it; if not, ask again.
        trends: How many seconds the runs before each of these took, with its own at the end; by the runs' ids.
    """

    runs: tuple[Run, ...]
    found: int
    total: int
    page: int
    is_complete: bool
    trends: Mapping[str, Sequence[float]] = field(default_factory=dict)

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return max(-(-self.found // PAGE_RUNS), 1)

    def to_json_object(self) -> dict[str, Any]:
        """Return the page for programs."""
        return {
            "runs": [{**run.to_json_object(), "trend": self.trends.get(run.id, ())} for run in self.runs],
            "found": self.found,
            "total": self.total,
            "page": self.page,
            "pages": self.pages,
            "complete": self.is_complete,
        }


def read_wanted(asked: Mapping[str, str], stack: Stack, now: datetime) -> Wanted:
    """Read what somebody wants to see from texts, by the names that the address and the command have for them.

    Args:
        asked: The texts; an empty one asks for nothing.
        stack: Whose machines and columns there are.
        now: What `1h` is an hour before.

    Raises:
        UnreadableWishError: Something is asked for that there cannot be; the message says what there is.
    """
    readers: dict[str, Callable[[str], Mapping[str, Any]]] = {
        "status": lambda text: {
            "statuses": frozenset(_one_of("status", one.upper(), STATUSES) for one in text.split(","))
        },
        "machine": lambda text: {"machine": _one_of("machine", text, [one.name for one in standard_machines(stack)])},
        "since": lambda text: {"since": _read_time("since", text, now)},
        "until": lambda text: {"until": _read_time("until", text, now)},
        "text": lambda text: {"text": text.casefold()},
        "item": lambda text: {"item": text.casefold()},
        "error": lambda text: {"error": text.casefold()},
        "sort": lambda text: {"sort": _one_of("sort", text, [*ORDERS, *_columns(stack)])},
        "page": lambda text: {"page": _read_page(text)},
    }
    wanted: dict[str, Any] = {}
    for name, text in asked.items():
        _one_of("filter", name, readers)
        if text.strip():
            wanted |= readers[name](text.strip())
    return Wanted(**wanted)


def find_runs(runs: Sequence[Run], wanted: Wanted, outcomes: Outcomes, seconds: float) -> Found:
    """Find a page of runs.

    Args:
        runs: All that there are, newest first.
        wanted: Which of them.
        outcomes: What is known of those that have ended, which is read on as far as it decides or is shown.
        seconds: How long that may take.

    Raises:
        BootstrapError: Something that decides cannot be read.
    """
    fitting = [run for run in runs if _fits(run, wanted)]
    is_complete = outcomes.read_outputs((run.execution for run in fitting if _is_up_to_output(run, wanted)), seconds)
    fitting = [run for run in _known(fitting, outcomes) if not wanted.text or wanted.text in _text_of(run)]
    deciding = [run for run in fitting if wanted.sort == "failures" or (wanted.error and run.execution.status in BAD)]
    is_complete &= outcomes.read((run.execution for run in deciding), seconds)
    found = [run for run in _known(fitting, outcomes) if wanted.error in (run.cause or "").casefold()]
    found.sort(key=ORDERS.get(wanted.sort) or (lambda run: _by_column(run, wanted.sort)))
    page = min(wanted.page, max(-(-len(found) // PAGE_RUNS), 1))
    shown = found[(page - 1) * PAGE_RUNS : page * PAGE_RUNS]
    is_complete &= outcomes.read((run.execution for run in shown), seconds)
    shown = list(_known(shown, outcomes))
    return Found(tuple(shown), len(found), len(runs), page, is_complete, dict(_trends(runs, shown)))


def find_run(runs: Sequence[Run], job: str) -> Run | None:
    """Find the run that is meant; None if there is no such run.

    Args:
        runs: All that there are, newest first.
        job: What `find_execution` takes.

    Raises:
        UnknownRunError: Nothing is wanted.
        AmbiguousRunError: There are several.
    """
    if job == LATEST:
        return next(iter(runs), None)
    arn = choose_execution(job, [run.execution.arn for run in runs])
    return next((run for run in runs if run.execution.arn == arn), None)


def counterpart(runs: Sequence[Run], job: str) -> Run:
    """The run that a run is worth comparing with: the last one before it of the same machine and with the same input.

    Where no run before it had the same input, it is the last of its machine.

    Args:
        runs: All that there are, newest first.
        job: What `find_execution` takes.

    Raises:
        UnknownRunError: There is no such run, or none before it.
        AmbiguousRunError: There are several.
    """
    run = find_run(runs, job)
    if run is None:
        raise UnknownRunError(f"there is no run {job!r:.100}: `python scripts/runs.py` lists them")
    started, machine = run.execution.started, run.machine.name
    earlier = [one for one in runs if one.machine.name == machine and one.execution.started < started]
    if not earlier:
        raise UnknownRunError(f"run {run.id} is the first of {machine}: start it again to compare the two")
    same = [one for one in earlier if one.start == run.start and run.start is not None]
    return (same or earlier)[0]


def _known(runs: Iterable[Run], outcomes: Outcomes) -> Iterator[Run]:
    """Runs with what is known by now of their outcome."""
    for run in runs:
        yield run.with_outcome(outcomes.find(run.execution), outcomes.find_output(run.execution))


def _is_up_to_output(run: Run, wanted: Wanted) -> bool:
    """Whether what a run came to may decide if it is wanted, or where it stands."""
    columns = [column for column in run.machine.columns if column.output]
    is_sorted = any(column.name == wanted.sort for column in columns)
    return is_sorted or bool(columns and wanted.text and wanted.text not in _text_of(run))


def _fits(run: Run, wanted: Wanted) -> bool:
    """Whether a run is wanted, as far as neither its outcome nor its columns decide."""
    started = run.execution.started
    return (
        (not wanted.statuses or run.execution.status in wanted.statuses)
        and wanted.machine in {"", run.machine.name}
        and (wanted.since is None or started >= wanted.since)
        and (wanted.until is None or started <= wanted.until)
        and (not wanted.item or any(wanted.item in name.casefold() for name in run.items.copy()))
    )


def _text_of(run: Run) -> str:
    return json.dumps([run.job, run.start or {}, run.columns], ensure_ascii=False).casefold()


def _by_column(run: Run, name: str) -> tuple[bool, float]:
    value = run.columns.get(name)
    is_number = isinstance(value, int | float)
    return not is_number, -value if isinstance(value, int | float) else 0.0


def _trends(runs: Iterable[Run], shown: Iterable[Run]) -> Iterator[tuple[str, list[float]]]:
    ended: defaultdict[str, list[Run]] = defaultdict(list)
    for run in runs:
        if not run.is_running:
            ended[run.machine.name].append(run)
    places = {run.id: (name, place) for name, group in ended.items() for place, run in enumerate(group)}
    for run in shown:
        if run.id in places:
            name, place = places[run.id]
            yield run.id, [round(one.seconds, 3) for one in ended[name][place : place + TREND_RUNS][::-1]]


def _columns(stack: Stack) -> list[str]:
    return [column.name for machine in standard_machines(stack) for column in machine.columns]


def _one_of(what: str, text: str, known: Iterable[str]) -> str:
    if text not in known:
        raise UnreadableWishError(f"there is no {what} {text!r:.100}: give one of {', '.join(dict.fromkeys(known))}")
    return text


def _read_time(what: str, text: str, now: datetime) -> datetime:
    if ago := AGO.fullmatch(text):
        try:
            return now - timedelta(**{UNITS[ago[2]]: int(ago[1])})
        except OverflowError:
            return datetime.min.replace(tzinfo=UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        advice = "give how long ago, such as 5m, 1h or 2d, or a time in UTC, such as 2026-03-01T12:00"
        raise UnreadableWishError(f"{what} is {text!r:.100}: {advice}") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _read_page(text: str) -> int:
    if not re.fullmatch("[0-9]{1,6}", text) or int(text) == 0:
        raise UnreadableWishError(f"page is {text!r:.100}: give a whole number from 1")
    return int(text)
