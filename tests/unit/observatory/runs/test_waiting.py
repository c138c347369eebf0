from datetime import UTC, datetime, timedelta, timezone

from observatory.records.history import STEPS, Person, Step, Timeline
from observatory.runs.following import Snapshot
from observatory.runs.waiting import describe_waiting

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def waiting(step: str, *people: str, total: int = 0, done: int = 0, since: datetime = NOON) -> str:
    """Describe an execution that is in a step, with people whose turn has come."""
    timeline = Timeline(
        steps=tuple(Step(name, entered=since if name == step else None) for name in STEPS),
        names=("anyone",) * total,
        people=tuple(Person(name, since) for name in people),
    )
    return describe_waiting(Snapshot("RUNNING", since, timeline=timeline, people_done=done))


def test_a_step_that_waits_is_told_with_its_time() -> None:
    assert waiting("GetMultiple") == "GetMultiple has been waiting since 12:00:00 UTC"


def test_times_are_told_in_utc_whatever_zone_they_come_in() -> None:
    elsewhere = NOON.astimezone(timezone(timedelta(hours=5)))

    assert waiting("PostProcessAll", since=elsewhere) == "PostProcessAll has been waiting since 12:00:00 UTC"


def test_the_map_tells_how_many_people_it_waits_for_and_who_is_under_way() -> None:
    assert waiting("ProcessMultiple", "Ann Lee", "Bob Ray", total=7, done=3) == (
        "ProcessMultiple has been waiting since 12:00:00 UTC for 4 of 7 people "
        "(Ann Lee since 12:00:00, Bob Ray since 12:00:00)"
    )


def test_of_many_people_only_the_first_are_named() -> None:
    sentence = waiting("ProcessMultiple", *(f"Person {number}" for number in range(40)), total=500, done=100)

    assert "for 400 of 500 people (Person 0 since" in sentence
    assert sentence.endswith("Person 4 since 12:00:00, 35 more under way)")


def test_where_nobody_is_known_to_be_under_way_the_map_tells_the_number() -> None:
    assert waiting("ProcessMultiple", total=7, done=3).endswith("for 4 of 7 people")


def test_an_execution_between_two_steps_waits_for_none() -> None:
    assert waiting("no step") == "no step was waiting"
