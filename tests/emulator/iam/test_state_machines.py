"""A task state does what its machine's role may, and a machine sees a denial by AWS's name for it."""

import json
from typing import Any

import pytest

from testkit.waiting import wait_for
from tests.emulator.iam.conftest import OWN, REGION, Account, allow, unique

CAUGHT = {"ErrorEquals": ["States.ALL"], "Next": "Caught"}
ENTRY = {"Source": "any", "DetailType": "any", "Detail": {}}
FUNCTION = f"arn:aws:lambda:{REGION}:{OWN}:function:f"


def task(resource: str, **parameters: Any) -> dict[str, Any]:
    """A task whose failure is caught."""
    return {"Type": "Task", "Resource": f"arn:aws:states:::{resource}", "Parameters": parameters, "Catch": [CAUGHT]}


def make_machine(account: Account, role: str, first: dict[str, Any]) -> str:
    """A machine with one task; return its ARN."""
    definition = {"StartAt": "Do", "States": {"Do": {**first, "End": True}, "Caught": {"Type": "Succeed"}}}
    made = account.client("stepfunctions").create_state_machine(
        name=unique("machine"), definition=json.dumps(definition), roleArn=f"arn:aws:iam::{OWN}:role/{role}"
    )
    arn: str = made["stateMachineArn"]
    return arn


def run(account: Account, machine: str, given: Any = None) -> Any:
    """What an execution comes to."""
    states = account.client("stepfunctions")
    execution = states.start_execution(stateMachineArn=machine, input=json.dumps(given or {}))["executionArn"]
    wait_for("the end", lambda: states.describe_execution(executionArn=execution)["status"] != "RUNNING")
    return json.loads(states.describe_execution(executionArn=execution)["output"])


@pytest.mark.parametrize(
    ("first", "name", "action"),
    [
        (task("events:putEvents", Entries=[ENTRY]), "EventBridge.EventBridgeException", "events:PutEvents"),
        (task("lambda:invoke", FunctionName=FUNCTION), "Lambda.AWSLambdaException", "lambda:InvokeFunction"),
        (task("aws-sdk:s3:listBuckets"), "S3.S3Exception", "s3:ListAllMyBuckets"),
        (task("aws-sdk:sfn:listActivities"), "Sfn.SfnException", "states:ListActivities"),
    ],
)
def test_a_denial_has_aws_name_in_a_machine(account: Account, first: dict[str, Any], name: str, action: str) -> None:
    role = account.make_role(trusted={"Service": "states.amazonaws.com"})
    caught = run(account, make_machine(account, role, first))
    assert caught["Error"] == name
    assert f"assumed-role/{role}/" in caught["Cause"]
    assert f"is not authorized to perform: {action} on resource: " in caught["Cause"]


def test_a_token_is_handed_back_only_by_who_may_do_so_to_its_machine(account: Account) -> None:
    queue = account.client("sqs").create_queue(QueueName=unique("queue"))["QueueUrl"]
    body = {"token.$": "$$.Task.Token"}
    waits = task("sqs:sendMessage.waitForTaskToken", QueueUrl=queue, MessageBody=body)
    role = account.make_role(allow("sqs:SendMessage"), trusted={"Service": "states.amazonaws.com"})
    machine = make_machine(account, role, waits)
    states = account.client("stepfunctions")
    execution = states.start_execution(stateMachineArn=machine)["executionArn"]

    def received() -> Any:
        return account.client("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=1).get("Messages")

    token = json.loads(wait_for("the token", received)[0]["Body"])["token"]
    worker = account.make_role(allow("states:SendTask*", f"{machine}-of-another-name"))
    worker_states = account.acting(worker, "stepfunctions")
    with pytest.raises(worker_states.exceptions.ClientError, match=f"states:SendTaskSuccess on resource: {machine} "):
        worker_states.send_task_success(taskToken=token, output="{}")
    account.allow(worker, allow("states:SendTask*", machine))
    worker_states.send_task_success(taskToken=token, output="{}")
    wait_for("the end", lambda: states.describe_execution(executionArn=execution)["status"] == "SUCCEEDED")
    # Once it is over, the token still says what it was for.
    with pytest.raises(worker_states.exceptions.ClientError, match=r"TaskTimedOut|TaskDoesNotExist|InvalidToken"):
        worker_states.send_task_success(taskToken=token, output="{}")


def test_a_distributed_map_needs_leave_to_start_its_children(account: Account) -> None:
    inner = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "P",
        "States": {"P": {"Type": "Pass", "End": True}},
    }
    each = {"Type": "Map", "ItemProcessor": inner, "ItemsPath": "$.items", "Catch": [CAUGHT]}
    role = account.make_role(trusted={"Service": "states.amazonaws.com"})
    machine = make_machine(account, role, each)
    caught = run(account, machine, {"items": [1]})
    assert caught["Error"] == "States.Permissions"
    assert f"is not authorized to perform: states:StartExecution on resource: {machine}" in caught["Cause"]
    assert account.denials()[-1]["resource"] == machine
    states = account.client("stepfunctions")
    execution = states.list_executions(stateMachineArn=machine)["executions"][0]["executionArn"]
    (map_run,) = states.list_map_runs(executionArn=execution)["mapRuns"]
    assert states.describe_map_run(mapRunArn=map_run["mapRunArn"])["status"] == "FAILED"
    account.allow(role, allow("states:StartExecution", machine))
    assert run(account, machine, {"items": [1]}) == [1]
