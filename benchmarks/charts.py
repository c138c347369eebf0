"""The results as charts, in SVG."""

from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FormatStrFormatter, NullLocator

from benchmarks.results import Results
from benchmarks.works import WARM_RUN, Work, step_of

WIDTH_INCHES = 7.0
HEIGHT_INCHES = 4.0


def draw_people(results: Results, path: Path) -> None:
    """Draw people against seconds, both logarithmic.

    Args:
        results: What was measured.
        path: The SVG file.
    """
    figure, axes = _new_chart()
    people: set[int] = set()
    for subject in results.subjects:
        if works := _warm_runs(results, subject):
            seconds = [results.median(work, subject) or 0 for work in works]
            axes.plot([work.people for work in works], seconds, marker="o", label=f"{subject}, {_widths(works)}")
            people.update(work.people for work in works)
    axes.set(xscale="log", yscale="log", xlabel="people", ylabel="seconds", title="warm runs")
    axes.xaxis.set_major_locator(FixedLocator(sorted(people)))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FormatStrFormatter("%g"))
        axis.set_minor_locator(NullLocator())
    axes.grid(visible=True, alpha=0.3)
    axes.legend()
    _save(figure, path)


def draw_steps(results: Results, path: Path) -> None:
    """Draw where the time of a warm run goes: seconds by step, a bar for each subject and number of people.

    Args:
        results: What was measured.
        path: The SVG file.
    """
    bars = [
        (f"{subject}\n{work.people} people, {work.at_a_time} at a time", work, subject)
        for work in _largest_of_each_width(results)
        for subject in results.subjects
        if results.median(work, subject) is not None
    ]
    figure, axes = _new_chart()
    labels = [label for label, _work, _subject in bars]
    left = [0.0] * len(bars)
    # The last step is the end, and takes no time.
    for step in [*dict.fromkeys(work.step for work in results.works(lambda work: bool(work.step)))][:-1]:
        seconds = [results.median(step_of(work, step), subject) or 0 for _label, work, subject in bars]
        axes.barh(labels, seconds, left=left, label=step)
        left = [start + length for start, length in zip(left, seconds, strict=True)]
    axes.invert_yaxis()
    axes.set(xlabel="seconds", title="warm runs by step")
    axes.legend()
    _save(figure, path)


def _warm_runs(results: Results, subject: str) -> list[Work]:
    """Those with most people at a time, where a subject did several of them; else all that it did."""
    works = [work for work in _all_warm_runs(results) if results.median(work, subject) is not None]
    widest = [work for work in works if work.at_a_time == max(other.at_a_time for other in works)]
    return widest if len(widest) > 1 else works


def _largest_of_each_width(results: Results) -> list[Work]:
    largest = {work.at_a_time: work for work in _all_warm_runs(results)}
    return [largest[width] for width in sorted(largest)]


def _all_warm_runs(results: Results) -> list[Work]:
    """Those with fewer people first."""
    return sorted(results.works(lambda work: work.name == WARM_RUN and not work.step))


def _widths(works: list[Work]) -> str:
    return f"{' and '.join(str(width) for width in sorted({work.at_a_time for work in works}))} at a time"


def _new_chart() -> tuple[Figure, Axes]:
    # The same results make the same file.
    mpl.rcParams["svg.hashsalt"] = "benchmarks"
    figure = Figure(figsize=(WIDTH_INCHES, HEIGHT_INCHES), layout="constrained")
    return figure, figure.add_subplot()


def _save(figure: Figure, path: Path) -> None:
    figure.savefig(path, format="svg", metadata={"Date": None})
