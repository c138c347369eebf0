import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from rich.console import Console

from bootstrap.description import ItemSpec, MachineSpec
from observatory.records.states import Item, StateRun, States
from observatory.runs.steps import Step
from observatory.terminal.tables import items_tables, json_line, printable, steps_table

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
PEOPLE = ItemSpec("person", "people", "cookiesEaten", "cookies")
MACHINE = MachineSpec("TheMachine", "", items={"Each": PEOPLE})


def seconds(number: float) -> datetime:
    return NOON + timedelta(seconds=number)


RESERVED = Step("Reserve", "Task", "SUCCEEDED", NOON, seconds(1.25))
EACH = Step("EachOrder", "Map", "RUNNING", seconds(2), None, ItemSpec("order", "orders"), 2, 3)


def lines(renderable: object, *, terminal: bool = False) -> list[str]:
    console = Console(width=100, force_terminal=terminal, color_system=None, legacy_windows=False)
    with console.capture() as capture:
        console.print(renderable)
    return [line.rstrip() for line in capture.get().splitlines()]


def table(*results: tuple[str, object]) -> list[str]:
    """The table of a Map whose items are called so, and came to that."""
    items = [Item(1, number, NOON, label, NOON, "SUCCEEDED") for number, (label, _result) in enumerate(results)]
    runs = [
        StateRun(number + 2, "Eat", "Task", NOON, 1, number, answer=json.dumps({"cookiesEaten": result}))
        for number, (_label, result) in enumerate(results)
        if result is not None
    ]
    (found,) = items_tables(States((StateRun(1, "Each", "Map", NOON), *runs), tuple(items)), MACHINE)
    return lines(found)


def test_each_step_is_shown_with_its_status_and_time() -> None:
    ahead = (Step("Ship", "Task"), Step("Done", "Succeed"))
    assert lines(steps_table((RESERVED, EACH, *ahead), seconds(9), with_bar=False)) == [
        "Reserve    SUCCEEDED  1.2 s",
        "EachOrder  RUNNING    7.0 s  2 of 3 orders",
        "Ship",
        "Done",
    ]


def test_a_step_that_was_not_left_took_until_the_execution_ended() -> None:
    aborted = Step("Reserve", "Task", "ABORTED", NOON)
    assert lines(steps_table([aborted], seconds(9), with_bar=False))[0] == "Reserve  ABORTED  9.0 s"


def test_a_bar_grows_with_the_items() -> None:
    lengths = [
        lines(steps_table([replace(EACH, done=done)], None, with_bar=True), terminal=True)[0].count("━")
        for done in (0, 1, 3)
    ]
    assert lengths[0] < lengths[1] < lengths[2]


def test_a_step_of_an_endpoint_whose_clock_is_ahead_takes_no_negative_time() -> None:
    ahead = Step("Reserve", "Task", "RUNNING", datetime.now(UTC) + timedelta(minutes=5))
    assert "0.0 s" in lines(steps_table([ahead], None, with_bar=False))[0]


def test_items_are_shown_with_the_largest_result_first() -> None:
    assert table(("Bob Ray", 3), ("Ann Lee", 3), ("Cy Poe", 9)) == [
        "person   cookies",
        "Cy Poe         9",
        "Ann Lee        3",
        "Bob Ray        3",
    ]


def test_an_item_without_a_result_has_a_question_mark() -> None:
    assert table(("Ann Lee", 3), ("Bob Ray", None))[2].split() == ["Bob", "Ray", "?"]


def test_a_result_may_be_anything() -> None:
    assert table(("Ann Lee", "many"))[1].split() == ["Ann", "Lee", "many"]
    assert table(("Ann Lee", {"a": 1}))[1].split() == ["Ann", "Lee", '{"a":', "1}"]


def test_of_many_items_the_top_is_shown() -> None:
    shown = table(*((f"Person {number:02}", number % 10) for number in range(60)))
    assert len(shown) == 22
    assert shown[1].split() == ["Person", "09", "9"]
    assert shown[-1] == "and 40 more"


def test_a_long_name_is_cut_in_the_table() -> None:
    assert table(("x" * 1000, 1))[1] == "x" * 39 + "…        1"


def test_a_name_that_looks_like_markup_is_shown_as_it_is() -> None:
    assert table(("[red]Ann[/red]", 1))[1].startswith("[red]Ann[/red]")


def test_items_that_come_to_nothing_worth_a_column_have_no_table() -> None:
    machine = MachineSpec("TheMachine", "", items={"Each": ItemSpec("order", "orders")})
    states = States((StateRun(1, "Each", "Map", NOON),), (Item(1, 0, NOON),))
    assert list(items_tables(states, machine)) == []


def test_a_short_report_is_shown_whole() -> None:
    report: dict[str, Any] = {"names": ["Ann Lee", "Zoë [b]"], "total": 7}
    assert json.loads(json_line(report).plain) == report
    assert "Zoë [b]" in json_line(report).plain


def test_a_long_report_is_shown_with_the_beginnings_of_its_lists() -> None:
    names = [f"Person {number}" for number in range(500)]
    assert json.loads(json_line({"names": names, "total": 7}).plain) == {
        "names": [*names[:20], "and 480 more"],
        "total": 7,
    }
    assert json.loads(json_line(names).plain) == [*names[:20], "and 480 more"]


def test_an_output_that_is_no_object_is_shown_as_it_is() -> None:
    assert [json_line(value).plain for value in (None, "done", 7)] == ["null", '"done"', "7"]


def test_control_characters_do_not_reach_the_terminal() -> None:
    assert printable("a\x1b[31mb\x07\u202ec\nd").plain == "a?[31mb??c\nd"
