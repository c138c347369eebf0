"""Task tokens, and when they are good."""

import json

import pytest

from tests.emulator.repairs.states.conftest import Machines, code


def test_a_token_is_good_once(machines: Machines) -> None:
    execution = machines.start(machines.make(machines.task()))
    token = machines.token()
    machines.api.send_task_success(taskToken=token, output='{"first": true}')
    assert code(machines.api.send_task_success, taskToken=token, output="{}") == "TaskTimedOut"
    assert code(machines.api.send_task_failure, taskToken=token) == "TaskTimedOut"
    assert code(machines.api.send_task_heartbeat, taskToken=token) == "TaskTimedOut"
    assert json.loads(machines.end(execution)["output"]) == {"first": True}


def test_it_is_good_no_more_when_its_task_has_timed_out(machines: Machines) -> None:
    execution = machines.start(machines.make(machines.task(TimeoutSeconds=1)))
    token = machines.token()
    assert machines.end(execution)["error"] == "States.Timeout"
    assert code(machines.api.send_task_success, taskToken=token, output="{}") == "TaskTimedOut"


def test_an_answer_that_comes_before_heartbeats_are_waited_for_counts(machines: Machines) -> None:
    answers_itself = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:sfn:sendTaskSuccess.waitForTaskToken",
        "Parameters": {"TaskToken.$": "$$.Task.Token", "Output": "1"},
        "HeartbeatSeconds": 2,
        "TimeoutSeconds": 30,
        "End": True,
    }
    ended = machines.run(answers_itself)
    assert (ended["status"], ended.get("output")) == ("SUCCEEDED", "1")


def test_what_is_none_is_said_to_be_none(machines: Machines) -> None:
    for output in ("{}", "no JSON"):
        assert code(machines.api.send_task_success, taskToken="none", output=output) == "InvalidToken"
    assert code(machines.api.send_task_heartbeat, taskToken="none") == "InvalidToken"


@pytest.mark.parametrize("output", ["", "{nope", "NaN", "{} {}"])
def test_an_output_that_is_no_json_is_refused_and_the_task_waits_on(machines: Machines, output: str) -> None:
    execution = machines.start(machines.make(machines.task()))
    token = machines.token()
    assert code(machines.api.send_task_success, taskToken=token, output=output) == "InvalidOutput"
    machines.api.send_task_success(taskToken=token, output="1")
    assert machines.end(execution)["output"] == "1"


def test_each_attempt_of_a_task_has_a_token_of_its_own(machines: Machines) -> None:
    retry = [{"ErrorEquals": ["Again"], "IntervalSeconds": 1}]
    execution = machines.start(machines.make(machines.task(Retry=retry)))
    first = machines.token()
    machines.api.send_task_failure(taskToken=first, error="Again")
    second = machines.token()
    assert first != second
    assert code(machines.api.send_task_success, taskToken=first, output="{}") == "TaskTimedOut"
    machines.api.send_task_success(taskToken=second, output='"done"')
    assert machines.end(execution)["output"] == '"done"'


def test_a_state_is_tried_with_a_token_of_the_callers_own(machines: Machines) -> None:
    name, time = {"Id": "arn", "Name": "name"}, "2026-01-01T00:00:00Z"
    execution, state = name | {"StartTime": time}, {"Name": "name", "EnteredTime": time}
    context = {"Execution": execution, "State": state, "StateMachine": name, "Task": {"Token": "mine"}}
    tried = machines.api.test_state(
        definition=json.dumps(machines.task()), context=json.dumps(context), mock={"result": '{"done": true}'}
    )
    assert (tried["status"], tried.get("output")) == ("SUCCEEDED", '{"done": true}'), tried


def test_an_activity_gets_no_task_of_an_execution_that_was_stopped(machines: Machines) -> None:
    activity = machines.api.create_activity(name="activity")["activityArn"]
    machine = machines.make({"Type": "Task", "Resource": activity, "End": True})
    # Some just before they come to the activity, some just after.
    for _number in range(20):
        machines.api.stop_execution(executionArn=machines.start(machine, {"is": "stopped"}))
    execution = machines.start(machine, {"is": "wanted"})
    task = machines.api.get_activity_task(activityArn=activity)
    assert json.loads(task["input"]) == {"is": "wanted"}
    machines.api.send_task_success(taskToken=task["taskToken"], output="2")
    assert machines.end(execution)["output"] == "2"
    assert code(machines.api.send_task_success, taskToken=task["taskToken"], output="2") == "TaskTimedOut"


def test_an_activity_that_nobody_takes_up_times_out(machines: Machines) -> None:
    activity = machines.api.create_activity(name="idle")["activityArn"]
    ended = machines.run({"Type": "Task", "Resource": activity, "TimeoutSeconds": 1, "End": True})
    assert ended["error"] == "States.Timeout"
