"""Two runs side by side: what is new in the later one, what is gone, what takes longer, and what came out otherwise.

As JSON, a comparison is

    before, after   of each run: `job`, `machine`, `status`, `startedAt`, `seconds`, `start` (its input), `dollars`
    sameInput       whether both were started with the same
    parts           each state and each function, for each item: `kind` (state or function), `name`, `item` (what those
                    around it are called, too, the outermost first), `change` (new, gone, slower, faster or same), and
                    of each run `began`, `ended` and `seconds`, in seconds since it began, and whether it `failed`; null
                    where the run has no such part
    names           the same for each state and function in all: how many parts each run has, their median and longest
    values          what is worth a column and differs: of the run (`item` null) and of its items
    events          detail types of which the runs have not as many
    failures        sentences: those that are `new`, and those that are `gone`
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any, Literal

from observatory.clock import iso
from observatory.records.states import json_object
from observatory.runs.outcomes import lengths_of
from observatory.runs.runs import Known
from observatory.story.story import Story
from observatory.story.totals import costs
from observatory.story.troubles import failures

NEW, GONE, SLOWER, FASTER, SAME = "new", "gone", "slower", "faster", "same"
# Less than both of these is what any two runs differ by.
NOTABLE_SECONDS = 0.02
NOTABLE_SHARE = 0.25
WITHIN = " › "

type Kind = Literal["state", "function"]
type Key = tuple[Kind, str, str | None]


@dataclass(frozen=True)
class Span:
    """When something went on in a run, in seconds since it began; how long of that it took; whether it failed."""

    began: float
    ended: float
    seconds: float
    failed: bool = False

    def joined(self, other: "Span") -> "Span":
        """Both of them, of which *other* began later: another try, or another turn."""
        seconds = self.seconds + other.seconds
        return Span(self.began, max(self.ended, other.ended), seconds, other.failed)


@dataclass(frozen=True)
class Part:
    """A state or a function, for an item of a Map or for none, in two runs; None in the one that has no such part."""

    kind: Kind
    name: str
    item: str | None
    before: Span | None
    after: Span | None

    @property
    def change(self) -> str:
        """What became of it from one run to the other."""
        if self.before is None or self.after is None:
            return NEW if self.before is None else GONE
        return change_of(self.before.seconds, self.after.seconds)

    def to_json_object(self) -> dict[str, Any]:
        """Return the part for programs."""
        return {**asdict(self), "change": self.change}


@dataclass(frozen=True)
class Name:
    """All parts of a name: how many of them the runs have, and how many seconds they take at the median and at most."""

    kind: Kind
    name: str
    before: tuple[int, float, float]
    after: tuple[int, float, float]

    @property
    def change(self) -> str:
        """What became of it from one run to the other."""
        if not self.before[0] or not self.after[0]:
            return NEW if not self.before[0] else GONE
        return change_of(self.before[1], self.after[1])

    def to_json_object(self) -> dict[str, Any]:
        """Return the parts in all for programs."""
        keys = ("count", "median", "longest")
        sides = {side: dict(zip(keys, getattr(self, side), strict=True)) for side in ("before", "after")}
        return {"kind": self.kind, "name": self.name, "change": self.change, **sides}


@dataclass(frozen=True)
class Value:
    """Something worth a column that came out otherwise: of the run, or of one of its items."""

    title: str
    item: str | None
    before: Any
    after: Any


@dataclass(frozen=True)
class Comparison:
    """Two runs, and what tells them apart; see the module for what its parts mean."""

    before: Story
    after: Story
    parts: tuple[Part, ...]
    names: tuple[Name, ...]
    values: tuple[Value, ...]
    events: Mapping[str, tuple[int, int]]
    new_failures: tuple[str, ...]
    gone_failures: tuple[str, ...]

    @property
    def has_same_input(self) -> bool:
        """Whether both were started with the same."""
        before, after = self.before.execution, self.after.execution
        return (before.event, before.given) == (after.event, after.given)

    def to_json_object(self) -> dict[str, Any]:
        """Return the comparison for programs."""
        return {
            "before": _head(self.before),
            "after": _head(self.after),
            "sameInput": self.has_same_input,
            "parts": [part.to_json_object() for part in self.parts],
            "names": [name.to_json_object() for name in self.names],
            "values": [asdict(value) for value in self.values],
            "events": [{"type": kind, "before": b, "after": a} for kind, (b, a) in self.events.items()],
            "failures": {"new": self.new_failures, "gone": self.gone_failures},
        }


def compare(before: Story, after: Story) -> Comparison:
    """Compare two runs, such as the same one before and after an edit.

    Args:
        before: The earlier one.
        after: The later one.
    """
    parts = tuple(_parts(_spans(before), _spans(after)))
    counts = [Counter(event.type for event in story.events) for story in (before, after)]
    types = dict.fromkeys((*counts[0], *counts[1]))
    failed = [dict.fromkeys(failure.sentence for failure in failures(story)) for story in (before, after)]
    return Comparison(
        before,
        after,
        parts,
        tuple(_names(parts)),
        tuple(_values(before, after)),
        {kind: (counts[0][kind], counts[1][kind]) for kind in types if counts[0][kind] != counts[1][kind]},
        tuple(sentence for sentence in failed[1] if sentence not in failed[0]),
        tuple(sentence for sentence in failed[0] if sentence not in failed[1]),
    )


def change_of(before: float, after: float) -> str:
    """Whether something takes notably longer or shorter."""
    difference = after - before
    if abs(difference) < NOTABLE_SECONDS or abs(difference) < NOTABLE_SHARE * min(before, after):
        return SAME
    return SLOWER if difference > 0 else FASTER


def _head(story: Story) -> dict[str, Any]:
    execution = story.execution
    return {
        "job": story.job,
        "machine": execution.machine,
        "status": execution.status,
        "startedAt": iso(execution.started),
        "seconds": (story.ended - execution.started).total_seconds(),
        "start": execution.start,
        "dollars": sum(line.dollars for line in costs(story)),
    }


def _spans(story: Story) -> dict[Key, Span]:
    """What went on in a run: its states, then its functions, each in the order in which they began."""
    spans: dict[Key, Span] = {}
    for key, span in (*_states(story), *_functions(story)):
        spans[key] = spans[key].joined(span) if key in spans else span
    return spans


def _whose(story: Story) -> dict[int, str | None]:
    """Of each state, by its id, what the items are called that it is in, the outermost first; None outside of any."""
    names = _item_names(story)
    return {
        state.id: WITHIN.join(names[one.parent, one.iteration] for one in story.states.items_around(state)[::-1])
        or None
        for state in story.states.runs
    }


def _item_names(story: Story) -> dict[tuple[int | None, int | None], str]:
    """What each item is called, by its Map and its number; of those of one name, all but the first with that."""
    names: dict[tuple[int | None, int | None], str] = {}
    taken: set[tuple[int, str]] = set()
    for (map_, index), item in sorted({(item.map, item.index): item for item in story.states.items}.items()):
        name = item.called(story.words(story.states.by_id[map_]).one)
        names[map_, index] = f"{name} ({index})" if (map_, name) in taken else name
        taken.add((map_, name))
    return names


def _states(story: Story) -> Iterator[tuple[Key, Span]]:
    origin, whose = story.execution.started, _whose(story)
    for state in story.states.runs:
        began, ended = ((moment - origin).total_seconds() for moment in (state.entered, story.end_of(state)))
        yield ("state", state.name, whose[state.id]), Span(began, ended, ended - began, bool(state.failed))


def _functions(story: Story) -> Iterator[tuple[Key, Span]]:
    origin, whose = story.execution.started, _whose(story)
    for one in story.invocations:
        event = story.event_by_id.get(one.event_id or "")
        if event and event.replay_of:
            continue
        began, ended = ((moment - origin).total_seconds() for moment in (one.started, one.ended or story.told))
        state = story.state_of(event) if event else None
        item = whose[state.id] if state else story.item_of(event) if event else None
        yield ("function", one.label, item), Span(began, ended, ended - began, one.error is not None)


def _parts(before: Mapping[Key, Span], after: Mapping[Key, Span]) -> Iterator[Part]:
    for key in sorted(dict.fromkeys((*after, *before)), key=lambda key: key[0], reverse=True):
        yield Part(*key, before.get(key), after.get(key))


def _names(parts: Iterable[Part]) -> Iterator[Name]:
    groups: defaultdict[tuple[Kind, str], list[Part]] = defaultdict(list)
    for part in parts:
        groups[part.kind, part.name].append(part)
    for (kind, name), group in groups.items():
        yield Name(kind, name, _summary(part.before for part in group), _summary(part.after for part in group))


def _summary(spans: Iterable[Span | None]) -> tuple[int, float, float]:
    seconds = [span.seconds for span in spans if span]
    return len(seconds), median(seconds) if seconds else 0.0, max(seconds, default=0.0)


def _values(before: Story, after: Story) -> Iterator[Value]:
    """The columns of both runs, and the results of their items, where they differ."""
    first, second = (_results(story) for story in (before, after))
    for key in dict.fromkeys((*second, *first)):
        if first.get(key) != second.get(key):
            yield Value(*key, first.get(key), second.get(key))


def _results(story: Story) -> dict[tuple[str, str | None], Any]:
    output = json_object(story.execution.output)
    known, whose = Known(output, story.execution.start, lengths_of(story.states)), _whose(story)
    found: dict[tuple[str, str | None], Any] = {(one.title, None): known.value(one) for one in story.machine.columns}
    for state in story.states.runs:
        map_ = story.map_of(state)
        words = story.words(map_) if map_ else None
        if words and words.result and words.result in (answer := json_object(state.answer)):
            found[words.result_title or words.result, whose[state.id]] = answer[words.result]
    return found
