"""A sandbox that is emptied has no runs, no events and no objects, and works on without a bootstrap."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bootstrap import deploy
from bootstrap.clients import Clients
from bootstrap.fresh import empty
from bootstrap.resources.description import KEY
from testkit.waiting import wait_for
from testkit.workflow import Workflow

PROJECT_FOLDER = Path(__file__).parents[2]
HANGS = """
import time

def lambda_handler(event, context):
    time.sleep(60)
"""


def left(clients: Clients) -> list[str]:
    """All that runs leave, by what it is."""
    machines = deploy.outputs(clients)["machines"]
    executions = clients.states.list_executions(stateMachineArn=machines["EventdrivenMachine"])["executions"]
    groups = clients.logs.describe_log_groups()["logGroups"]
    streams = [
        stream
        for group in groups
        for stream in clients.logs.describe_log_streams(logGroupName=group["logGroupName"])["logStreams"]
    ]
    objects = clients.s3.list_objects_v2(Bucket=clients.bucket)["Contents"]
    return [
        *(execution["executionArn"] for execution in executions),
        *(stream["arn"] for stream in streams),
        *(found["Key"] for found in objects if found["Key"] != KEY),
    ]


def test_nothing_is_left_but_what_was_made(workflow: Workflow) -> None:
    workflow.run({"people": 2}).event("async.done")
    assert left(workflow.clients)
    workflow.fresh()
    assert left(workflow.clients) == []
    assert {change.action.value for change in deploy.diff(workflow.clients)} == {"unchanged"}


def test_nothing_comes_after_it_that_was_on_its_way(workflow: Workflow) -> None:
    clients = workflow.clients
    put(clients, "before")
    workflow.fresh()
    put(clients, "after")
    ledger = clients.stack.ledger
    logged = wait_for("a new event", lambda: clients.logs.filter_log_events(logGroupName=ledger)["events"])
    assert [json.loads(event["message"])["detail-type"] for event in logged] == ["after"]


def put(clients: Clients, event: str) -> None:
    """Put an event that no function takes."""
    clients.events.put_events(Entries=[{"Source": clients.stack.source, "DetailType": event, "Detail": "{}"}])


def test_the_next_run_needs_no_bootstrap(workflow: Workflow) -> None:
    workflow.run({"people": 2})
    workflow.fresh()
    run = workflow.run({"people": 2})
    assert run.output["numberOfPeople"] == 2
    run.event("done", stateName="PostProcessAll")
    assert run.story().invocations


def test_what_still_runs_is_stopped_with_its_invocations_and_its_tokens(workflow: Workflow) -> None:
    workflow.break_function("processSingle", HANGS)
    run = workflow.start({"people": 2})
    token = run.event("getUserProfile").token
    workflow.fresh()
    states = workflow.clients.states
    with pytest.raises((states.exceptions.TaskTimedOut, states.exceptions.InvalidToken)):
        states.send_task_success(taskToken=token or "", output="{}")
    workflow.mend()
    assert workflow.run({"people": 3}).output["numberOfPeople"] == 3
    logged = workflow.clients.logs.filter_log_events(logGroupName="/aws/lambda/processSingle")["events"]
    assert logged
    assert not [line for line in logged if run.job in line["message"] or "killed" in line["message"]]


def test_it_is_a_command(workflow: Workflow) -> None:
    workflow.run({"people": 1})
    endpoint = str(workflow.clients.settings.endpoint_url)
    done = subprocess.run(
        [sys.executable, "-m", "bootstrap", "fresh"],
        cwd=PROJECT_FOLDER,
        env=os.environ | {"AWS_ENDPOINT_URL": endpoint},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout[:11]) == (0, "emptied in "), done.stderr
    assert left(workflow.clients) == []


def test_running_it_twice_changes_nothing(workflow: Workflow) -> None:
    empty(workflow.clients)
    empty(workflow.clients)
    assert left(workflow.clients) == []
