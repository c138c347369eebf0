"""The state machines, as they are in the files."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from statelint.linter import Linter

from bootstrap.policies import EVENT_BUS
from bootstrap.settings import Settings
from bootstrap.stack import STACK
from tests.stacks import system_of
from tests.unit.bootstrap.fake_account import SETTINGS
from tests.unit.bootstrap.machines import EMIT_AND_WAIT, states_of

MACHINE = STACK.machines[0].name
DEFINITIONS = system_of(SETTINGS).definitions
MAIN, FINISHER = DEFINITIONS[MACHINE], DEFINITIONS[STACK.finisher]
EMITTING = {name: state for name, state in states_of(MAIN) if state.get("Resource") == EMIT_AND_WAIT}
STATES = dict(states_of(MAIN))
CATCHING = {name: state for name, state in states_of(MAIN) if "Catch" in state}
ANSWERING = [name for name, state in FINISHER["States"].items() if "sendTask" in state.get("Resource", "")]
# What Step Functions calls it when EventBridge did not take a task's event: an entry of it, or the request.
NOT_TAKEN = {
    "EventBridge.EventBridgeException",
    "EventBridge.FailedEntry",
    "EventBridge.InternalException",
    "EventBridge.SdkClientException",
    "EventBridge.ThrottlingException",
}
EVERY_DETAIL = {
    "TaskToken.$": "$$.Task.Token",
    "execution.$": "$$.Execution.Id",
    "stateMachine.$": "$$.StateMachine.Name",
    "stateName.$": "$$.State.Name",
}


def main(settings: Settings) -> dict[str, Any]:
    """The definition of the cookies' machine, with some settings."""
    return system_of(settings).definitions[MACHINE]


@pytest.mark.parametrize("machine", DEFINITIONS)
def test_a_definition_is_valid_once_it_is_filled_in(machine: str, tmp_path: Path) -> None:
    file = tmp_path / "definition.asl.json"
    file.write_text(json.dumps(DEFINITIONS[machine]))
    assert Linter.validate(str(file)) == []


@pytest.mark.parametrize("machine", DEFINITIONS)
def test_no_placeholder_is_left(machine: str) -> None:
    assert "${" not in json.dumps(DEFINITIONS[machine])


def test_bucket_concurrency_timeouts_and_tolerance_are_set_wherever_they_are_needed() -> None:
    settings = replace(SETTINGS, map_concurrency=40, task_timeout_seconds=7, tolerated_failures=25)
    states = dict(states_of(main(settings)))
    assert states["ProcessMultiple"]["MaxConcurrency"] == 40
    assert states["ProcessMultiple"]["ItemSelector"]["toleratedFailures"] == 25
    assert states["PostProcessAll"]["Parameters"]["Entries"][0]["Detail"]["toleratedFailures"] == 25
    assert {states[name]["TimeoutSeconds"] for name in EMITTING} == {7}
    assert {states[name]["Parameters"]["Bucket"] for name in ("StoreFailure", "StorePersonsFailure")} == {"cookies"}


def test_what_the_finisher_has_time_for_is_nobodys_choice() -> None:
    settings = replace(SETTINGS, task_timeout_seconds=7)
    assert system_of(settings).definitions[STACK.finisher]["TimeoutSeconds"] == 300


def test_the_steps_come_in_their_order() -> None:
    order, state = [], MAIN["StartAt"]
    while state:
        order.append(state)
        state = MAIN["States"][state].get("Next")
    assert order == ["GetMultiple", "ProcessMultiple", "PostProcessAll", "Success"]


def test_three_states_emit() -> None:
    assert EMITTING.keys() == {"GetMultiple", "ProcessSingle", "PostProcessAll"}


@pytest.mark.parametrize("state", EMITTING.values(), ids=EMITTING)
class TestEveryEmittingState:
    def test_gives_up_after_five_minutes(self, state: dict[str, Any]) -> None:
        assert state["TimeoutSeconds"] == 300

    def test_puts_one_event_of_the_project_on_the_bus(self, state: dict[str, Any]) -> None:
        (entry,) = state["Parameters"]["Entries"]
        assert (entry["EventBusName"], entry["Source"]) == (EVENT_BUS, STACK.source)

    def test_says_who_waits_and_for_which_run(self, state: dict[str, Any]) -> None:
        detail = state["Parameters"]["Entries"][0]["Detail"]
        assert detail.items() >= EVERY_DETAIL.items()
        assert detail.keys() >= {"job.$", "start.$"}

    def test_tries_again_when_the_bus_did_not_take_the_event(self, state: dict[str, Any]) -> None:
        (retry,) = state["Retry"]
        assert set(retry["ErrorEquals"]) == NOT_TAKEN


@pytest.mark.parametrize("name", EMITTING)
class TestEveryWaitingState:
    def test_says_that_it_waited_in_vain(self, name: str) -> None:
        catch = EMITTING[name]["Catch"][0]
        assert catch["ErrorEquals"] == ["States.Timeout"]
        assert f"{name} waited" in str(STATES[catch["Next"]]["Parameters"])

    def test_says_that_its_event_was_not_taken_and_why(self, name: str) -> None:
        catch = EMITTING[name]["Catch"][1]
        assert set(catch["ErrorEquals"]) == NOT_TAKEN | {"EventBridge.ValidationException"}
        said = STATES[catch["Next"]]["Parameters"]
        assert said["Error.$"] == "$.failure.Error"
        assert f"{name} could not put its event" in said["Cause.$"]
        assert "$.failure.Cause" in said["Cause.$"]

    def test_names_the_person_if_it_is_about_one(self, name: str) -> None:
        for catch in EMITTING[name]["Catch"][:2]:
            assert ("$.name" in str(STATES[catch["Next"]]["Parameters"])) == (name == "ProcessSingle")


def test_no_error_is_named_as_only_step_functions_may_name_one() -> None:
    """https://states-language.net: names of errors that states report must not begin with `States.`."""
    named = [state["Parameters"]["Error"] for state in STATES.values() if "Error" in state.get("Parameters", {})]
    assert named == ["TaskTimedOut"] * 3


@pytest.mark.parametrize(
    ("state", "detail_type", "added"),
    [
        ("GetMultiple", "getUsers", {}),
        ("ProcessSingle", "getUserProfile", {"name.$": "$.name"}),
        (
            "PostProcessAll",
            "generateReport",
            {"names.$": "$.names.value", "outcomes.$": "$.outcomes", "toleratedFailures": 0},
        ),
    ],
)
def test_each_asks_for_its_own_work(state: str, detail_type: str, added: dict[str, object]) -> None:
    (entry,) = EMITTING[state]["Parameters"]["Entries"]
    assert entry["DetailType"] == detail_type
    others = {key: path for key, path in entry["Detail"].items() if key not in EVERY_DETAIL}
    assert others.keys() - {"job.$", "start.$"} == added.keys()
    assert others.items() >= added.items()


def test_the_job_and_the_start_event_reach_every_person() -> None:
    given = MAIN["States"]["ProcessMultiple"]["ItemSelector"]
    person = {"name.$": "$$.Map.Item.Value", "number.$": "$$.Map.Item.Index", "job.$": "$.id", "start.$": "$.detail"}
    assert given == {**person, "toleratedFailures": 0}


def test_only_the_names_are_kept_of_the_first_answer() -> None:
    state = EMITTING["GetMultiple"]
    assert (state["ResultSelector"], state["ResultPath"]) == ({"value.$": "$.names"}, "$.names")
    assert MAIN["States"]["ProcessMultiple"]["ItemsPath"] == "$.names.value"


def test_a_word_is_kept_of_what_each_person_comes_to() -> None:
    states = dict(states_of(MAIN))
    for state, outcome in (("ProcessSingle", "done"), ("StorePersonsFailure", "failed")):
        assert states[state]["ResultSelector"] == {"outcome": outcome}
        assert states[state]["OutputPath"] == "$.outcome"
    assert states["ProcessMultiple"]["ResultPath"] == "$.outcomes"


def test_the_output_of_a_run_is_its_report_and_totals() -> None:
    kept = EMITTING["PostProcessAll"]["ResultSelector"]
    assert kept == {f"{key}.$": f"$.{key}" for key in ("report", "numberOfPeople", "totalCookiesConsumed")}


def test_every_failure_is_stored_before_the_run_fails() -> None:
    states = MAIN["States"]
    caught = {catch["Next"] for state in states.values() for catch in state.get("Catch", [])} - {"Failed"}
    assert {states[name]["Next"] if states[name]["Type"] == "Pass" else name for name in caught} == {"StoreFailure"}
    assert states["StoreFailure"]["Next"] == "Failed"


@pytest.mark.parametrize("state", CATCHING.values(), ids=CATCHING)
def test_whatever_a_state_fails_with_is_caught_with_what_it_had(state: dict[str, Any]) -> None:
    assert state["Catch"][-1]["ErrorEquals"] == ["States.ALL"]
    assert {catch["ResultPath"] for catch in state["Catch"]} <= {"$.failure", None}


def test_the_finisher_answers_the_token_with_the_detail_within_five_minutes() -> None:
    assert FINISHER["TimeoutSeconds"] == 300
    task = FINISHER["States"]["SendTaskSuccess"]
    assert task["Resource"] == "arn:aws:states:::aws-sdk:sfn:sendTaskSuccess"
    assert task["Parameters"] == {"TaskToken.$": "$.detail.TaskToken", "Output.$": "States.JsonToString($.detail)"}


@pytest.mark.parametrize("name", ANSWERING)
class TestEveryAnsweringState:
    def test_takes_a_token_that_is_gone_or_closed_as_done(self, name: str) -> None:
        catch = FINISHER["States"][name]["Catch"][0]
        assert set(catch["ErrorEquals"]) == {
            "Sfn.TaskTimedOutException",
            "Sfn.TaskDoesNotExistException",
            "Sfn.InvalidTokenException",
        }
        assert FINISHER["States"][catch["Next"]]["Type"] == "Succeed"

    def test_does_not_try_again_with_a_token_that_is_closed(self, name: str) -> None:
        state = FINISHER["States"][name]
        retried = {name for retry in state["Retry"] for name in retry["ErrorEquals"]}
        assert not retried & {*state["Catch"][0]["ErrorEquals"], "States.ALL", "States.TaskFailed"}
