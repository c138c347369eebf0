"""What a machine's role must allow, read from its states."""

from typing import Any

import pytest

from bootstrap.arns import Arns
from bootstrap.definitions import DefinitionError
from bootstrap.grants import Need, Owner, needs

STATES = "arn:aws:states:eu-west-1:123456789012"
OWNER = Owner("Orders", Arns("123456789012", "eu-west-1"), ["Orders", "Returns"])
BUS = "arn:aws:events:eu-west-1:123456789012:event-bus"
OTHER_BUS = "arn:aws:events:eu-west-1:111122223333:event-bus/default"
FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function"
QUEUE = "arn:aws:sqs:eu-west-1"
RULE = "arn:aws:events:eu-west-1:123456789012:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule"
CHILD = f"{STATES}:stateMachine:Child"
PUT = "arn:aws:states:::events:putEvents.waitForTaskToken"


def task(resource: str, **parameters: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": resource, "Parameters": parameters, "End": True}


def needs_of(*states: dict[str, Any]) -> set[tuple[str, str]]:
    definition = {"States": {f"State{number}": state for number, state in enumerate(states)}}
    found = needs(definition, OWNER)
    assert len(set(found)) == len(found)
    return {(need.action, need.resource) for need in found}


SYNCHRONOUS = {
    ("states:StartExecution", CHILD),
    ("states:DescribeExecution", f"{STATES}:execution:Child:*"),
    ("states:StopExecution", f"{STATES}:execution:Child:*"),
    ("events:PutTargets", RULE),
    ("events:PutRule", RULE),
    ("events:DescribeRule", RULE),
}

TASKS: dict[str, tuple[dict[str, Any], set[tuple[str, str]]]] = {
    "an event": (task(PUT, Entries=[{"EventBusName": "default"}]), {("events:PutEvents", f"{BUS}/default")}),
    "an event on the default bus": (task(PUT, Entries=[{}]), {("events:PutEvents", f"{BUS}/default")}),
    "events on two buses": (
        task(PUT, Entries=[{"EventBusName": "shop"}, {"EventBusName": OTHER_BUS}]),
        {("events:PutEvents", f"{BUS}/shop"), ("events:PutEvents", OTHER_BUS)},
    ),
    "an event on a bus that its input names": (
        task(PUT, Entries=[{"EventBusName.$": "$.bus"}]),
        {("events:PutEvents", f"{BUS}/*")},
    ),
    "events that its input holds": (task(PUT, **{"Entries.$": "$.events"}), {("events:PutEvents", f"{BUS}/*")}),
    "a function": (
        task("arn:aws:states:::lambda:invoke", FunctionName="price"),
        {("lambda:InvokeFunction", f"{FUNCTION}:price")},
    ),
    "a function by its ARN": (
        task("arn:aws:states:::lambda:invoke.waitForTaskToken", FunctionName=f"{FUNCTION}:price"),
        {("lambda:InvokeFunction", f"{FUNCTION}:price")},
    ),
    "a function as the resource": (task(f"{FUNCTION}:price"), {("lambda:InvokeFunction", f"{FUNCTION}:price")}),
    "a message": (
        task("arn:aws:states:::sqs:sendMessage", QueueUrl="https://sqs.eu-west-1.amazonaws.com/123456789012/labels"),
        {("sqs:SendMessage", f"{QUEUE}:123456789012:labels")},
    ),
    "messages to another account": (
        task(
            "arn:aws:states:::aws-sdk:sqs:sendMessageBatch",
            QueueUrl="https://sqs.eu-west-1.amazonaws.com/111122223333/labels",
        ),
        {("sqs:SendMessage", f"{QUEUE}:111122223333:labels")},
    ),
    "a message to a queue that its input names": (
        task("arn:aws:states:::sqs:sendMessage", **{"QueueUrl.$": "$.queue"}),
        {("sqs:SendMessage", f"{QUEUE}:123456789012:*")},
    ),
    "an execution": (
        task("arn:aws:states:::states:startExecution", StateMachineArn=CHILD),
        {("states:StartExecution", CHILD)},
    ),
    "an execution by the SDK": (
        task("arn:aws:states:::aws-sdk:sfn:startSyncExecution", StateMachineArn=CHILD),
        {("states:StartSyncExecution", CHILD)},
    ),
    "an execution and its end": (
        task("arn:aws:states:::states:startExecution.sync:2", StateMachineArn=CHILD),
        SYNCHRONOUS,
    ),
    "an object": (
        task("arn:aws:states:::aws-sdk:s3:putObject", Bucket="shop", Key="a/b.json"),
        {("s3:PutObject", "arn:aws:s3:::shop/a/b.json")},
    ),
    "an object below its execution": (
        task(
            "arn:aws:states:::aws-sdk:s3:getObject",
            **{
                "Bucket": "shop",
                "Key.$": "States.Format('{}/order-{}.json', $$.Execution.Id, $.number)",
            },
        ),
        {("s3:GetObject", f"arn:aws:s3:::shop/{STATES}:execution:Orders:*/order-*.json")},
    ),
    "an object that its input names": (
        task("arn:aws:states:::aws-sdk:s3:headObject", **{"Bucket": "shop", "Key.$": "$.key"}),
        {("s3:GetObject", "arn:aws:s3:::shop/*")},
    ),
    "a copy": (
        task("arn:aws:states:::aws-sdk:s3:copyObject", Bucket="shop", Key="new", CopySource="archive/old"),
        {("s3:PutObject", "arn:aws:s3:::shop/new"), ("s3:GetObject", "arn:aws:s3:::archive/old")},
    ),
    "a list": (
        task("arn:aws:states:::aws-sdk:s3:listObjectsV2", Bucket="shop", Prefix="a"),
        {("s3:ListBucket", "arn:aws:s3:::shop")},
    ),
    "a token": (
        task("arn:aws:states:::aws-sdk:sfn:sendTaskHeartbeat"),
        {("states:SendTaskHeartbeat", f"{STATES}:stateMachine:{name}") for name in ("Orders", "Returns")},
    ),
    "arguments in JSONata": (
        {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:putObject", "Arguments": {"Bucket": "{% $bucket %}"}},
        {("s3:PutObject", "arn:aws:s3:::*/*")},
    ),
    "arguments that are one expression": (
        {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Arguments": "{% $all %}"},
        {("lambda:InvokeFunction", f"{FUNCTION}:*")},
    ),
    "a task in another role": (
        {**task("arn:aws:states:::dynamodb:putItem"), "Credentials": {"RoleArn": "arn:aws:iam::1:role/r"}},
        {("sts:AssumeRole", "arn:aws:iam::1:role/r")},
    ),
    "an activity": (task(f"{STATES}:activity:ask"), set()),
    "no task": ({"Type": "Pass", "Parameters": {"Resource": "x"}}, set()),
}


@pytest.mark.parametrize(("state", "needed"), TASKS.values(), ids=TASKS)
def test_a_state_needs_what_it_does_and_no_more(state: dict[str, Any], needed: set[tuple[str, str]]) -> None:
    assert needs_of(state) == needed


def test_states_are_found_in_branches_and_in_maps_within_maps() -> None:
    inner = {"Type": "Map", "ItemProcessor": {"States": {"A": task(f"{FUNCTION}:a")}}}
    older = {"Type": "Map", "Iterator": {"States": {"B": task(f"{FUNCTION}:b")}}}
    outer = {"Type": "Map", "ItemProcessor": {"States": {"Inner": inner}}}
    parallel = {"Type": "Parallel", "Branches": [{"States": {"O": outer}}, {"States": {"P": older}}]}
    assert needs_of(parallel) == {("lambda:InvokeFunction", f"{FUNCTION}:{name}") for name in "ab"}


def test_a_distributed_map_starts_its_own_children_reads_its_items_and_writes_its_results() -> None:
    state = {
        "Type": "Map",
        "ItemReader": task("arn:aws:states:::s3:getObject", Bucket="shop", Key="all.csv"),
        "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED"}, "States": {}},
        "ResultWriter": task("arn:aws:states:::s3:putObject", Bucket="shop", Prefix="out/"),
    }
    writing = ("PutObject", "GetObject", "ListMultipartUploadParts", "AbortMultipartUpload")
    assert needs_of(state) == {
        ("s3:GetObject", "arn:aws:s3:::shop/all.csv"),
        *((f"s3:{action}", "arn:aws:s3:::shop/out/*") for action in writing),
        ("states:StartExecution", f"{STATES}:stateMachine:Orders"),
        ("states:DescribeExecution", f"{STATES}:execution:Orders/*"),
        ("states:StopExecution", f"{STATES}:execution:Orders/*"),
    }


def test_an_action_that_nothing_is_known_about_is_refused_with_what_to_write() -> None:
    with pytest.raises(DefinitionError) as raised:
        needs_of(task("arn:aws:states:::dynamodb:putItem", TableName="orders"))
    assert str(raised.value) == (
        "state State0 of Orders: nothing is known about the permission that arn:aws:states:::dynamodb:putItem needs:"
        " give the machine `grants=(GrantSpec(('dynamodb:PutItem',), ARN),)`"
    )


@pytest.mark.parametrize("resource", ["arn:aws:states:::dynamodb:putItem", "arn:aws:states:::aws-sdk:dynamodb:putItem"])
def test_what_is_granted_already_is_not_asked_for(resource: str) -> None:
    granting = Owner(OWNER.machine, OWNER.arns, OWNER.closes, ["dynamodb:PutItem"])
    assert needs({"States": {"Put": task(resource)}}, granting) == []


def test_a_resource_that_is_none_is_refused() -> None:
    with pytest.raises(DefinitionError, match="state State0 of Orders: 'putEvents' is no resource"):
        needs_of(task("putEvents"))


def test_what_two_states_do_is_needed_once() -> None:
    definition = {"States": {name: task(PUT, Entries=[{}]) for name in "ab"}}
    assert needs(definition, OWNER) == [Need("events:PutEvents", f"{BUS}/default")]
