from datetime import UTC, datetime, timedelta, timezone

from bootstrap.description import ItemSpec
from observatory.runs.steps import BRANCHES, Step
from observatory.runs.waiting import describe_waiting

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ORDERS = ItemSpec("order", "orders")


def test_a_step_that_waits_is_told_with_its_time() -> None:
    done, ahead = Step("Reserve", "Task", "SUCCEEDED", NOON, NOON), Step("Ship", "Task")
    waiting = Step("Charge", "Task", "RUNNING", NOON)
    assert describe_waiting((done, waiting, ahead)) == "Charge has been waiting since 12:00:00 UTC"


def test_times_are_told_in_utc_whatever_zone_they_come_in() -> None:
    elsewhere = NOON.astimezone(timezone(timedelta(hours=5)))
    assert describe_waiting([Step("Charge", "Task", "RUNNING", elsewhere)]).endswith("12:00:00 UTC")


def test_a_map_tells_how_many_items_it_waits_for_and_which_are_under_way() -> None:
    going_on = (("order 3", NOON), ("order 4", NOON))
    step = Step("Each", "Map", "RUNNING", NOON, None, ORDERS, 3, 7, going_on)
    assert describe_waiting([step]) == (
        "Each has been waiting since 12:00:00 UTC for 4 of 7 orders (order 3 since 12:00:00, order 4 since 12:00:00)"
    )


def test_a_parallel_tells_which_branches_it_waits_for() -> None:
    step = Step("Both", "Parallel", "RUNNING", NOON, None, BRANCHES, 1, 2, (("Pick", NOON),))
    assert describe_waiting([step]).endswith("for 1 of 2 branches (Pick since 12:00:00)")


def test_of_many_items_only_the_first_are_named() -> None:
    going_on = tuple((f"order {number}", NOON) for number in range(40))
    sentence = describe_waiting([Step("Each", "Map", "RUNNING", NOON, None, ORDERS, 100, 500, going_on)])
    assert "for 400 of 500 orders (order 0 since" in sentence
    assert sentence.endswith("order 4 since 12:00:00, 35 more under way)")


def test_where_nothing_is_known_to_be_under_way_the_map_tells_the_number() -> None:
    assert describe_waiting([Step("Each", "Map", "RUNNING", NOON, None, ORDERS, 3, 7)]).endswith("for 4 of 7 orders")


def test_an_execution_between_two_steps_waits_for_none() -> None:
    assert describe_waiting([Step("Charge", "Task", "SUCCEEDED", NOON, NOON)]) == "no step was waiting"
