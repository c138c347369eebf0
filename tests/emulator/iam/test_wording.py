"""A denial as AWS words it: code, status and message of each service."""

from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.iam.conftest import OWN, REGION, Account, error_of, unique

ARN = f"arn:aws:{{}}:{REGION}:{OWN}:{{}}"
FUNCTION = ARN.format("lambda", "function:f")
GROUP = ARN.format("logs", "log-group:/g:log-stream:")
MACHINE = ARN.format("states", "stateMachine:m")
QUEUE = f"http://127.0.0.1:4566/{OWN}/q"
ENTRY = {"Source": "s", "DetailType": "d", "Detail": "{}"}


@dataclass(frozen=True)
class Call:
    """A call that a role without policies makes, and what comes of it."""

    service: str
    operation: str
    parameters: dict[str, Any]
    error: tuple[str, int]
    action: str
    resource: str


REFUSED, FORBIDDEN = ("AccessDeniedException", 400), ("AccessDenied", 403)
CALLS = [
    Call(
        "events",
        "put_events",
        {"Entries": [ENTRY]},
        REFUSED,
        "events:PutEvents",
        ARN.format("events", "event-bus/default"),
    ),
    Call("stepfunctions", "start_execution", {"stateMachineArn": MACHINE}, REFUSED, "states:StartExecution", MACHINE),
    Call("lambda", "invoke", {"FunctionName": "f"}, ("AccessDeniedException", 403), "lambda:InvokeFunction", FUNCTION),
    Call("logs", "create_log_group", {"logGroupName": "/g"}, REFUSED, "logs:CreateLogGroup", GROUP),
    Call(
        "sqs",
        "send_message",
        {"QueueUrl": QUEUE, "MessageBody": "m"},
        FORBIDDEN,
        "sqs:SendMessage",
        ARN.format("sqs", "q"),
    ),
    Call("iam", "create_user", {"UserName": "u"}, FORBIDDEN, "iam:CreateUser", f"arn:aws:iam::{OWN}:user/u"),
]


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.action)
def test_each_service_denies_as_on_aws(account: Account, call: Call) -> None:
    role = account.make_role()
    with pytest.raises(ClientError) as caught:
        getattr(account.acting(role, call.service), call.operation)(**call.parameters)
    assert error_of(caught) == (
        *call.error,
        f"User: arn:aws:sts::{OWN}:assumed-role/{role}/tests is not authorized to perform: {call.action} on resource:"
        f" {call.resource} because no identity-based policy allows the {call.action} action",
    )


def test_s3_quotes_the_resource(account: Account, bucket: str) -> None:
    role = account.make_role()
    with pytest.raises(ClientError) as caught:
        account.acting(role, "s3").get_object(Bucket=bucket, Key="stored")
    assert error_of(caught) == (
        "AccessDenied",
        403,
        f"User: arn:aws:sts::{OWN}:assumed-role/{role}/tests is not authorized to perform: s3:GetObject on resource:"
        f' "arn:aws:s3:::{bucket}/stored" because no identity-based policy allows the s3:GetObject action',
    )


def test_s3_tells_another_account_nothing(account: Account, other: Account, bucket: str) -> None:
    with pytest.raises(ClientError) as caught:
        other.client("s3").get_object(Bucket=bucket, Key="stored")
    assert error_of(caught) == ("AccessDenied", 403, "Access Denied")


def test_sts_gives_no_reason(account: Account) -> None:
    role, target = account.make_role(), account.make_role(trusted={"Service": "lambda.amazonaws.com"})
    arn = f"arn:aws:iam::{OWN}:role/{target}"
    with pytest.raises(ClientError) as caught:
        account.acting(role, "sts").assume_role(RoleArn=arn, RoleSessionName="tests")
    assert error_of(caught) == (
        "AccessDenied",
        403,
        f"User: arn:aws:sts::{OWN}:assumed-role/{role}/tests is not authorized to perform: sts:AssumeRole on resource:"
        f" {arn}",
    )


def test_a_key_that_nobody_has_is_refused(account: Account, bucket: str) -> None:
    user = unique("user")
    account.client("iam").create_user(UserName=user)
    key = account.client("iam").create_access_key(UserName=user)["AccessKey"]["AccessKeyId"]
    gone = Account(account.server, key)
    assert gone.client("sts").get_caller_identity()["Arn"] == f"arn:aws:iam::{OWN}:user/{user}"
    account.client("iam").delete_access_key(UserName=user, AccessKeyId=key)
    with pytest.raises(ClientError, match=r"InvalidClientTokenId.*security token included in the request is invalid"):
        gone.client("sts").get_caller_identity()
    with pytest.raises(ClientError, match="InvalidAccessKeyId"):
        gone.client("s3").get_object(Bucket=bucket, Key="stored")


def test_a_denial_is_listed_with_the_statement_that_would_allow_it(account: Account) -> None:
    role = account.make_role()
    with pytest.raises(ClientError):
        account.acting(role, "iam").create_user(UserName="u")
    last = account.denials()[-1]
    assert (last["caller"], last["action"]) == (f"arn:aws:sts::{OWN}:assumed-role/{role}/tests", "iam:CreateUser")
    assert last["policy"] == f"a policy of arn:aws:iam::{OWN}:role/{role}"
    account.allow(role, last["statement"])
    user = account.acting(role, "iam").create_user(UserName="u")["User"]
    account.client("iam").delete_user(UserName=user["UserName"])
    assert f"{last['message']}. In {last['policy']} this would allow it: {{" in account.server.log.read_text()
