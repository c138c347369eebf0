import pytest

from bootstrap.errors import UnreachableError
from observatory.runs.following import Follower, Snapshot
from observatory.runs.steps import Step
from tests.unit.observatory.fakes import (
    EXECUTION,
    MACHINE,
    PAGE_EVENTS,
    STACK,
    FakeClock,
    FakeEndpoint,
    load_history,
)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def follow(endpoint: FakeEndpoint, *, in_detail: bool, for_secs: float = 1000) -> list[Snapshot]:
    follower = Follower(endpoint.clients, EXECUTION, endpoint.clock, MACHINE, STACK.item_key)
    return list(follower.snapshots(endpoint.clock.now() + for_secs, in_detail=in_detail))


def waiting_step(snapshot: Snapshot) -> Step | None:
    """The step that it is in."""
    return next((step for step in snapshot.steps if step.status == "RUNNING"), None)


def recorded_secs(history: str) -> float:
    events = load_history(history)
    seconds: float = (events[-1]["timestamp"] - events[0]["timestamp"]).total_seconds()
    return seconds


def test_following_ends_with_the_execution(clock: FakeClock) -> None:
    snapshots = follow(FakeEndpoint(clock), in_detail=True)

    assert [snapshot.running for snapshot in snapshots] == [True] * (len(snapshots) - 1) + [False]
    assert snapshots[-1].succeeded
    assert snapshots[-1].seconds == pytest.approx(recorded_secs("succeeded"))


@pytest.mark.parametrize("pages_histories", [True, False])
def test_snapshots_show_steps_and_items_come_on(clock: FakeClock, pages_histories: bool) -> None:
    endpoint = FakeEndpoint(clock)
    endpoint.pages_histories = pages_histories

    snapshots = follow(endpoint, in_detail=True)

    waiting = [step.name for snapshot in snapshots if (step := waiting_step(snapshot))]
    assert list(dict.fromkeys(waiting))[:2] == ["GetMultiple", "ProcessMultiple"]
    done = [step.done for snapshot in snapshots for step in snapshot.steps if step.name == "ProcessMultiple"]
    assert done == sorted(done)
    assert set(done) == {0, 2, 3}


@pytest.mark.parametrize("in_detail", [True, False])
def test_the_end_of_a_short_run_is_noticed_within_half_its_time(clock: FakeClock, in_detail: bool) -> None:
    before = clock.now()

    follow(FakeEndpoint(clock), in_detail=in_detail)

    assert clock.now() - before < 1.5 * recorded_secs("succeeded")


@pytest.mark.parametrize("in_detail", [True, False])
def test_a_long_run_is_followed_with_about_a_call_a_second(clock: FakeClock, in_detail: bool) -> None:
    endpoint = FakeEndpoint(clock, "waiting_in_map")

    follow(endpoint, in_detail=in_detail, for_secs=200)

    assert 150 < len(endpoint.calls) < 240


def test_without_detail_a_success_costs_no_look_at_its_history(clock: FakeClock) -> None:
    endpoint = FakeEndpoint(clock)

    assert follow(endpoint, in_detail=False)[-1].succeeded

    assert set(endpoint.calls) == {"describe_execution"}


@pytest.mark.parametrize("in_detail", [True, False])
def test_what_was_waited_for_is_known_at_the_deadline(clock: FakeClock, in_detail: bool) -> None:
    last = follow(FakeEndpoint(clock, "waiting_in_map"), in_detail=in_detail, for_secs=30)[-1]

    assert last.running
    assert last.seconds is None
    waiting = waiting_step(last)
    assert waiting
    assert [name for name, _since in waiting.open] == ["Valerie Lee", "Margaret Haynes"]


def test_following_stops_at_the_deadline(clock: FakeClock) -> None:
    before = clock.now()

    follow(FakeEndpoint(clock, "waiting_in_map"), in_detail=False, for_secs=30)

    assert 30 <= clock.now() - before < 31


@pytest.mark.parametrize("in_detail", [True, False])
def test_a_failed_execution_tells_error_and_cause(clock: FakeClock, in_detail: bool) -> None:
    last = follow(FakeEndpoint(clock, "failed"), in_detail=in_detail)[-1]

    assert last.status == "FAILED"
    assert str(last.failure) == "processSingle failed for Valerie Lee: ValueError: no city"
    assert next(run.length for run in last.states.runs if run.type == "Map") == 3


def test_an_endpoint_that_goes_down_is_noticed_at_the_next_call(clock: FakeClock) -> None:
    endpoint = FakeEndpoint(clock, "waiting_in_map")
    endpoint.goes_down_after_secs = 60
    before = clock.now()

    with pytest.raises(UnreachableError):
        follow(endpoint, in_detail=True)

    assert 60 < clock.now() - before < 63


def test_the_report_is_known_to_be_waited_for(clock: FakeClock) -> None:
    snapshots = follow(FakeEndpoint(clock, "waiting_for_report"), in_detail=True, for_secs=30)

    waiting = waiting_step(snapshots[-2])
    assert waiting is not None
    assert waiting.name == "PostProcessAll"


def test_each_event_of_a_history_is_asked_for_about_once(clock: FakeClock) -> None:
    endpoint = FakeEndpoint(clock)
    endpoint.pages_histories = True

    last = follow(endpoint, in_detail=True)[-1]

    pages = endpoint.calls.count("get_execution_history")
    assert len(last.states.runs) == 7
    assert pages <= len(load_history("succeeded")) / PAGE_EVENTS + len(endpoint.calls) / 2


def test_a_history_that_is_slow_to_come_is_seldom_read(clock: FakeClock) -> None:
    endpoint = FakeEndpoint(clock, "waiting_for_report")
    endpoint.call_secs["get_execution_history"] = 1.0

    follow(endpoint, in_detail=True, for_secs=200)

    assert endpoint.calls.count("get_execution_history") < 15
