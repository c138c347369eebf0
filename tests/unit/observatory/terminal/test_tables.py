import json
from datetime import UTC, datetime, timedelta

from rich.console import Console

from observatory.records.history import STEPS, Person, Step, Timeline
from observatory.records.reports import Report
from observatory.runs.following import Snapshot
from observatory.terminal.tables import people_table, printable, report_line, steps_table

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def seconds(number: float) -> datetime:
    return NOON + timedelta(seconds=number)


def snapshot(status: str, *steps: Step, people_done: int = 0) -> Snapshot:
    ahead = tuple(Step(name) for name in STEPS[len(steps) :])
    timeline = Timeline((*steps, *ahead), names=("Ann Lee", "Bob Ray", "Cy Poe"))
    return Snapshot(status, NOON, seconds(9), timeline=timeline, people_done=people_done)


def lines(renderable: object, *, terminal: bool = False) -> list[str]:
    console = Console(width=100, force_terminal=terminal, color_system=None, legacy_windows=False)
    with console.capture() as capture:
        console.print(renderable)
    return [line.rstrip() for line in capture.get().splitlines()]


def many_people(count: int) -> Timeline:
    people = [Person(f"Person {number:02}", NOON, NOON, cookies=number % 10) for number in range(count)]
    return Timeline(people=tuple(people))


def test_each_step_is_shown_with_its_state_and_time() -> None:
    shown = snapshot(
        "RUNNING", Step("GetMultiple", NOON, seconds(1.25)), Step("ProcessMultiple", seconds(2)), people_done=2
    )

    assert lines(steps_table(shown, with_bar=False)) == [
        "GetMultiple      SUCCEEDED  1.2 s",
        "ProcessMultiple  RUNNING    7.0 s  2 of 3 people",
        "PostProcessAll",
        "Success",
    ]


def test_the_step_in_which_an_execution_failed_is_shown_as_failed() -> None:
    shown = snapshot("FAILED", Step("GetMultiple", NOON))

    assert lines(steps_table(shown, with_bar=False))[0] == "GetMultiple      FAILED  9.0 s"


def test_a_bar_grows_with_the_people() -> None:
    lengths = [
        lines(steps_table(snapshot("RUNNING", people_done=done), with_bar=True), terminal=True)[1].count("━")
        for done in (0, 1, 3)
    ]

    assert lengths[0] < lengths[1] < lengths[2]


def test_a_step_of_an_endpoint_whose_clock_is_ahead_takes_no_negative_time() -> None:
    ahead = Step("GetMultiple", datetime.now(UTC) + timedelta(minutes=5))
    shown = Snapshot("RUNNING", NOON, timeline=Timeline((ahead,)))

    assert "0.0 s" in lines(steps_table(shown, with_bar=False))[0]


def test_people_are_shown_with_most_cookies_first() -> None:
    people = (Person("Bob Ray", NOON, NOON, 3), Person("Ann Lee", NOON, NOON, 3), Person("Cy Poe", NOON, NOON, 9))

    assert lines(people_table(Timeline(people=people))) == [
        "person   cookies",
        "Cy Poe         9",
        "Ann Lee        3",
        "Bob Ray        3",
    ]


def test_of_many_people_the_top_is_shown() -> None:
    shown = lines(people_table(many_people(60)))

    assert len(shown) == 22
    assert shown[1].split() == ["Person", "09", "9"]
    assert shown[-1] == "and 40 more"


def test_a_long_name_is_cut_in_the_table() -> None:
    timeline = Timeline(people=(Person("x" * 1000, NOON, NOON, 1),))

    assert lines(people_table(timeline))[1] == "x" * 39 + "…        1"


def test_a_name_that_looks_like_markup_is_shown_as_it_is() -> None:
    timeline = Timeline(people=(Person("[red]Ann[/red]", NOON, NOON, 1),))

    assert lines(people_table(timeline))[1].startswith("[red]Ann[/red]")


def test_a_short_report_is_shown_whole() -> None:
    report = Report(names=["Ann Lee", "Zoë [b]"], numberOfPeople=2, totalCookiesConsumed=7)

    assert json.loads(report_line(report).plain) == report
    assert "Zoë [b]" in report_line(report).plain


def test_a_long_report_is_shown_with_its_first_names() -> None:
    names = [f"Person {number}" for number in range(500)]
    report = Report(names=names, numberOfPeople=500, totalCookiesConsumed=7)

    shown = json.loads(report_line(report).plain)

    assert shown["names"] == [*names[:20], "and 480 more"]
    assert shown["numberOfPeople"] == 500


def test_control_characters_do_not_reach_the_terminal() -> None:
    assert printable("a\x1b[31mb\x07\u202ec\nd").plain == "a?[31mb??c\nd"
