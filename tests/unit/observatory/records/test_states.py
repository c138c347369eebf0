"""What an execution went through, as recorded histories of real executions tell it."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from observatory.records.reading_states import StatesReader, read_states
from observatory.records.states import StateRun, States, describe_error
from tests.unit.observatory.fakes import load_definition, load_history

MACHINES = {
    "parallel": "parallel",
    "parallel_caught": "parallel",
    "nested": "nested",
    "retries": "retries",
    "waits_aborted": "waits",
    "waits_timed_out": "waits",
    "failing_map": "failing_map",
    "timed_out": "slow",
    "redriven": "redriven",
    "retried_map": "retried_map",
}
OF_THE_STACK = ("succeeded", "failed", "tolerated", "waiting_in_map", "waiting_for_report")


def read(history: str, *, until: str | None = None) -> States:
    """Read a recorded history, up to its first event of a type."""
    machine = MACHINES.get(history)
    events: list[Any] = load_history(history)
    types = [event["type"] for event in events]
    events = events[: types.index(until) + 1 if until else None]
    return read_states(events, load_definition(machine), "item" if machine else "name")


def only(states: States, name: str) -> StateRun:
    (found,) = (run for run in states.runs if run.name == name)
    return found


def statuses(states: States) -> dict[str, str]:
    return {run.name: run.status for run in states.runs}


def test_branches_belong_to_their_parallel_and_are_told_apart() -> None:
    states = read("parallel")
    both = only(states, "Both")
    assert [(run.name, run.branch) for run in states.inside[both.id]] == [
        ("IsPaid", 0),
        ("Charge", 0),
        ("Pick", 1),
        ("Pack", 1),
    ]
    assert [run.name for run in states.inside[None]] == ["Prepare", "Both", "Shipped"]
    assert set(statuses(states).values()) == {"SUCCEEDED"}


def test_a_parallel_fails_with_what_its_branch_failed_with_and_the_other_branch_is_aborted() -> None:
    states = read("parallel_caught")
    both, decline = only(states, "Both"), only(states, "Decline")
    assert statuses(states) == {
        "Prepare": "SUCCEEDED",
        "Both": "FAILED",
        "IsPaid": "SUCCEEDED",
        "Decline": "FAILED",
        "Pick": "ABORTED",
        "Release": "SUCCEEDED",
        "Cancelled": "SUCCEEDED",
    }
    assert (both.error, both.cause) == (decline.error, decline.cause) == ("CardDeclined", "no money")
    assert both.caught_by == decline.caught_by == both.id
    assert both.next == "Release"


def test_a_choice_says_which_way_it_went() -> None:
    ways = [only(read(history), "IsPaid").next for history in ("parallel", "parallel_caught")]
    assert ways == ["Charge", "Decline"]


def test_maps_in_maps_keep_their_items_apart() -> None:
    states = read("nested")
    outer = only(states, "EachOrder")
    assert [(item.index, item.label, item.status) for item in states.items_of[outer.id]] == [
        (0, "first", "SUCCEEDED"),
        (1, "second", "SUCCEEDED"),
        (2, "third", "SUCCEEDED"),
    ]
    inner = {run.item: run for run in states.maps("EachParcel")}
    assert {name: (run.iteration, run.length) for name, run in inner.items()} == {
        "first": (0, 2),
        "second": (1, 1),
        "third": (2, 0),
    }
    found = [(run.name, run.iteration, run.item) for run in states.inside[inner["first"].id]]
    assert found == [("Weigh", 0, "a"), ("Weigh", 1, "b"), ("Light", 0, "a"), ("Heavy", 1, "b")]


def test_a_parallel_in_a_map_belongs_to_the_item_and_so_do_its_branches() -> None:
    states = read("nested")
    for bill in (run for run in states.runs if run.name == "Bill"):
        assert [(run.name, run.branch, run.iteration, run.item) for run in states.inside[bill.id]] == [
            ("Print", 0, None, bill.item),
            ("Mail", 1, None, bill.item),
        ]
        assert [run.name for run in states.around(states.inside[bill.id][0])] == ["Bill", "EachOrder"]


def test_a_state_that_is_tried_again_counts_its_tries_and_says_why() -> None:
    send = only(read("retries"), "Send")
    assert (send.status, send.tries, send.caught_by, send.next) == ("FAILED", 3, send.id, "Recover")
    assert len(send.failed_tries) == 2
    assert send.failed_tries[0].startswith("SQS.QueueDoesNotExistException: The specified queue does not exist")


def test_a_state_that_puts_an_event_and_waits_for_nothing_knows_it() -> None:
    events = load_history("retries")[:4]
    details = {"resource": "putEvents", "resourceType": "events", "output": '{"Entries": [{"EventId": "e1"}]}'}
    done = {"id": 5, "previousEventId": 4, "type": "TaskSucceeded", "taskSucceededEventDetails": details}
    states = read_states([*events, {**done, "timestamp": datetime.now(UTC)}], load_definition("retries"), "item")
    assert only(states, "Send").event_ids == ("e1",)


def test_a_state_that_was_entered_twice_is_there_twice() -> None:
    again = [run for run in read("retries").runs if run.name == "Again"]
    assert [run.next for run in again] == ["Once", "Done"]


def test_a_token_that_nobody_hands_back_times_its_state_out_after_each_try() -> None:
    states = read("waits_timed_out")
    asked = [run for run in states.runs if run.name == "Ask"]
    assert [(run.status, run.tries, len(run.event_ids)) for run in asked] == [("TIMED_OUT", 2, 2)] * 2
    assert (only(states, "Each").status, only(states, "Each").error) == ("FAILED", "States.Timeout")


def test_an_item_fails_its_map_and_what_still_ran_is_aborted() -> None:
    states = read("failing_map")
    assert statuses(states) | {} == {
        "Each": "FAILED",
        "Is": "SUCCEEDED",
        "Good": "SUCCEEDED",
        "Slow": "ABORTED",
        "Bad": "FAILED",
    }
    assert only(states, "Bad").caught_by is None
    assert (only(states, "Each").error, only(states, "Each").cause) == ("BadItem", "this one is bad")


def test_an_item_that_is_a_text_is_called_by_it() -> None:
    assert [item.label for item in read("failing_map").items] == ["good", "slow", "bad"]


def test_what_a_timeout_of_the_execution_ended_was_aborted() -> None:
    assert statuses(read("timed_out")) == {"Wait": "ABORTED"}


@pytest.mark.parametrize("history", [*MACHINES, *OF_THE_STACK])
def test_at_each_moment_what_is_open_runs_and_all_it_is_in(history: str) -> None:
    machine = MACHINES.get(history)
    reader = StatesReader(load_definition(machine), "item" if machine else "name")
    for event in load_history(history):
        reader.take([event])
        states = reader.states()
        for run in states.runs:
            if run.is_open:
                assert all(around.is_open for around in states.around(run)), (event["id"], run)
            assert (run.status == "SUCCEEDED") == (run.exited is not None and run.failed is None)


@pytest.mark.parametrize("history", [*MACHINES, *OF_THE_STACK])
def test_reading_on_says_the_same_as_reading_at_once(history: str) -> None:
    machine = MACHINES.get(history)
    reader = StatesReader(load_definition(machine), "item" if machine else "name")
    for event in load_history(history):
        reader.take([event])
    assert reader.states() == read(history)


def test_a_task_is_emitted_and_answered_between_its_entry_and_its_exit() -> None:
    for run in read("succeeded").runs:
        moments = [moment for moment in (run.entered, run.emitted, run.answered, run.exited) if moment]
        assert moments == sorted(moments)
        assert (run.answered is not None) == (run.type == "Task") == bool(run.event_ids)


def test_a_failure_that_an_item_tolerates_fails_its_state_and_not_the_map() -> None:
    states = read("tolerated")
    failed = [run for run in states.runs if run.status == "FAILED"]
    assert [(run.name, run.item, run.caught_by) for run in failed] == [
        ("ProcessSingle", "Margaret Haynes", failed[0].id)
    ]
    assert {item.status for item in states.items} == {"SUCCEEDED"}


def test_a_fail_state_says_what_it_was_given_to_say() -> None:
    failed = only(read("failed"), "Failed")
    assert failed.error == "ValueError"
    assert json.loads(failed.cause or "")["message"] == "no city"
    assert failed.failure == "ValueError: no city"


def test_items_that_have_only_the_name_of_the_item_around_them_go_by_their_number() -> None:
    events = load_history("nested")
    for event in events:
        if (details := event.get("stateEnteredEventDetails")) and details["name"] == "Weigh":
            details["input"] = json.dumps({"item": "first"})
    states = read_states(events, load_definition("nested"), "item")
    inner = next(run for run in states.maps("EachParcel") if run.item == "first")
    (first, second) = states.items_of[inner.id]
    assert (first.label, first.called("parcel"), second.called("parcel")) == (None, "parcel 0", "parcel 1")


def test_a_map_that_is_tried_again_has_aborted_what_the_first_try_had_begun() -> None:
    events = load_history("failing_map")[:19]
    later = events[-1]["timestamp"] + timedelta(seconds=1)
    more: list[dict[str, Any]] = [
        {"type": "MapStateStarted", "previousEventId": 19, "mapStateStartedEventDetails": {"length": 4}},
        {"type": "MapIterationStarted", "mapIterationStartedEventDetails": {"name": "Each", "index": 0}},
        {"type": "ChoiceStateEntered", "stateEnteredEventDetails": {"name": "Is", "input": '"good"'}},
    ]
    for number, event in enumerate(more, 20):
        events.append({"previousEventId": number - 1, "id": number, "timestamp": later, **event})
    states = read_states(events, load_definition("failing_map"), "item")
    each = only(states, "Each")
    assert (each.status, each.tries, each.failed_tries) == ("RUNNING", 2, ("BadItem: this one is bad",))
    assert {run.status for run in states.runs if run.name == "Slow"} == {"ABORTED"}
    assert [run.status for run in states.runs if run.name == "Is"][-1] == "RUNNING"
    assert only(states, "Bad").caught_by == each.id
    assert [(item.label, item.attempt, item.status) for item in states.items] == [
        *(("good", 1, "SUCCEEDED"), ("slow", 1, "ABORTED"), ("bad", 1, "FAILED"), ("good", 2, "RUNNING"))
    ]


def test_the_items_of_each_try_of_a_map_have_their_own_states() -> None:
    states = read("retried_map")
    each = only(states, "Each")
    assert [(item.label, item.status) for item in states.last_items(each)] == [
        *(("a", "SUCCEEDED"), ("b", "SUCCEEDED"), ("c", "SUCCEEDED"))
    ]
    found = [states.within(item) for item in states.items]
    assert [(run.item, run.attempt) for (run,) in found] == [(item.label, item.attempt) for item in states.items]
    assert [states.is_last(run) for run in states.inside[each.id]] == [False] * 3 + [True] * 3


def test_a_map_is_tried_again_also_where_nothing_says_that_it_failed() -> None:
    states = read("retried_map")
    each = only(states, "Each")
    assert (each.status, each.tries, each.failed_tries) == ("SUCCEEDED", 2, ("Broken: on purpose",))
    assert [(run.item, run.status, run.tries) for run in states.runs if run.name == "Ask"] == [
        *(("a", "SUCCEEDED", 1), ("b", "FAILED", 1), ("c", "ABORTED", 1)),
        *(("b", "SUCCEEDED", 1), ("a", "SUCCEEDED", 1), ("c", "SUCCEEDED", 1)),
    ]
    failed = next(run for run in states.runs if run.failed)
    assert (each.tried[0].ended, failed.caught_by) == (failed.failed, each.id)


@pytest.mark.parametrize("history", ["parallel_caught", "redriven"])
def test_of_what_is_nested_the_innermost_that_goes_on_is_tried_again(history: str) -> None:
    events = load_history(history)
    last = next(number for number, event in enumerate(events) if event["type"] == "ParallelStateFailed")
    started = {"id": 100, "previousEventId": events[last]["previousEventId"], "type": "ParallelStateStarted"}
    now = {"timestamp": datetime.now(UTC)}
    states = read_states([*events[:last], {**started, **now}], load_definition(MACHINES[history]), "item")
    assert (only(states, "Both").status, only(states, "Both").tries) == ("RUNNING", 2)
    assert {run.status for run in states.inside[only(states, "Both").id]} <= {"SUCCEEDED", "FAILED", "ABORTED"}


def test_what_is_said_to_be_aborted_ends_with_its_item() -> None:
    events = load_history("waits_aborted")[:13]
    now = datetime.now(UTC)
    details = {"mapIterationAbortedEventDetails": {"name": "Each", "index": 0}}
    aborted = {"id": 14, "previousEventId": 3, "type": "MapIterationAborted", "timestamp": now, **details}
    states = read_states(
        [*events, aborted, {"id": 15, "previousEventId": 3, "type": "TaskStateAborted", "timestamp": now}],
        load_definition("waits"),
        "item",
    )
    assert {run.item: run.status for run in states.runs if run.name == "Ask"} == {"a": "ABORTED", "b": "RUNNING"}
    assert only(states, "Each").status == "RUNNING"


def test_an_execution_that_is_redriven_goes_on_where_it_had_failed() -> None:
    events = [event for event in load_history("retries") if event["id"] <= 11]
    now = datetime.now(UTC)
    failed = {"id": 12, "previousEventId": 11, "type": "ExecutionFailed", "timestamp": now}
    redriven = {"id": 13, "previousEventId": 0, "type": "ExecutionRedriven", "timestamp": now}
    scheduled = {"id": 14, "previousEventId": 11, "type": "TaskScheduled", "timestamp": now}
    for until, status in ((1, "FAILED"), (2, "FAILED"), (3, "RUNNING")):
        states = read_states([*events, *(failed, redriven, scheduled)[:until]], load_definition("retries"), "item")
        assert only(states, "Send").status == status


def test_after_a_redrive_maps_and_parallels_go_on_with_all_in_them_that_had_not_succeeded() -> None:
    states = read("redriven", until="ExecutionRedriven")
    assert statuses(states) == {"Both": "RUNNING", "Each": "RUNNING", "Ask": "RUNNING", "Tell": "RUNNING"}
    assert [item.status for item in states.items] == ["SUCCEEDED", "RUNNING", "RUNNING"]
    assert [(one.failed, one.failure) for one in (only(states, "Both"), only(states, "Each"))] == [(None, None)] * 2


def test_what_ended_well_after_a_redrive_has_succeeded() -> None:
    states = read("redriven")
    assert {run.status for run in states.runs} == {item.status for item in states.items} == {"SUCCEEDED"}
    assert read("redriven", until="ExecutionFailed").redriven is None
    assert states.redriven == next(e["timestamp"] for e in load_history("redriven") if e["type"] == "ExecutionRedriven")


def test_a_history_that_nothing_is_known_of_says_nothing() -> None:
    assert read_states([], {}, "item") == States()


@pytest.mark.parametrize("history", ["nested", "parallel_caught"])
def test_states_are_found_also_where_the_definition_is_not(history: str) -> None:
    without = read_states(load_history(history), {}, "item")
    assert [run.name for run in without.runs] == [run.name for run in read(history).runs]


def test_programs_get_all_of_it() -> None:
    states = read("nested")
    said = json.loads(json.dumps([run.to_json_object() for run in states.runs]))
    weigh = next(one for one in said if one["name"] == "Weigh")
    assert {key: weigh[key] for key in ("type", "parent", "iteration", "branch", "item", "status", "next")} == {
        "type": "Choice",
        "parent": only_id(states, "first"),
        "iteration": 0,
        "branch": None,
        "item": "a",
        "status": "SUCCEEDED",
        "next": "Light",
    }
    assert json.dumps([item.to_json_object() for item in states.items])


def only_id(states: States, item: str) -> int:
    return next(run.id for run in states.maps("EachParcel") if run.item == item)


@pytest.mark.parametrize(
    ("error", "cause", "line"),
    [
        ("An.Error", "of some kind", "An.Error: of some kind"),
        ("An.Error", '{"function": "f", "message": "no city"}', "An.Error: no city"),
        ("An.Error", None, "An.Error"),
        (None, None, None),
    ],
)
def test_a_failure_is_a_line(error: str | None, cause: str | None, line: str | None) -> None:
    assert describe_error(error, cause) == line
