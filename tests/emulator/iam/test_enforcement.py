"""Policies count for whoever calls, at once, and all of AWS's kinds of them."""

import json
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.emulator.iam.conftest import OTHER, OWN, REGION, Account, allow, client_of, deny, fetch, unique
from tests.permissions import document

DENIED = "AccessDenied"
READS = "s3:GetObject"


def reads(s3: Any, bucket: str, key: str = "stored") -> bool:
    """Whether a client may read an object."""
    try:
        s3.get_object(Bucket=bucket, Key=key)
    except ClientError as error:
        assert error.response["Error"]["Code"] == DENIED, error
        return False
    return True


@pytest.mark.parametrize(
    ("service", "operation", "given"),
    [
        ("stepfunctions", "start_execution", {"stateMachineArn": "MyMachine"}),
        ("stepfunctions", "describe_execution", {"executionArn": "latest"}),
        ("stepfunctions", "create_state_machine", {"name": "m", "definition": "{}", "roleArn": "role"}),
        ("events", "put_events", {"Entries": [{"EventBusName": "arn:bad", "Source": "s", "DetailType": "d"}]}),
        ("events", "put_rule", {"Name": "r", "EventPattern": "{}", "RoleArn": "role"}),
        ("lambda", "invoke", {"FunctionName": "arn:aws:lambda"}),
        ("lambda", "invoke", {"FunctionName": f"arn:aws:lambda:{REGION}:{OWN}:function"}),
        ("sts", "assume_role", {"RoleArn": "arn:aws:iam:role/none", "RoleSessionName": "tests"}),
        ("s3", "copy_object", {"Key": "key", "CopySource": "bucket"}),
    ],
)
def test_an_arn_that_is_none_is_the_callers_mistake(
    account: Account, bucket: str, service: str, operation: str, given: Any
) -> None:
    where = {"Bucket": bucket} if service == "s3" else {}
    try:
        answer = getattr(account.client(service), operation)(**given, **where)
    except ClientError as error:
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] < 500, error
    else:
        assert answer["FailedEntryCount"] == 1


def test_a_change_of_a_policy_counts_at_once(account: Account, bucket: str) -> None:
    role = account.make_role(allow(READS, f"arn:aws:s3:::{bucket}/*"))
    s3, iam = account.acting(role, "s3"), account.client("iam")
    assert reads(s3, bucket)
    account.allow(role, allow(READS, f"arn:aws:s3:::{bucket}/other/*"))
    assert not reads(s3, bucket)
    account.allow(role, allow("s3:Get*"))
    assert reads(s3, bucket)
    iam.delete_role_policy(RoleName=role, PolicyName="own")
    assert not reads(s3, bucket)


def test_an_attached_policy_counts_in_its_default_version(account: Account, bucket: str) -> None:
    iam, role = account.client("iam"), account.make_role()
    s3 = account.acting(role, "s3")
    arn = iam.create_policy(PolicyName=unique("policy"), PolicyDocument=document(allow(READS)))["Policy"]["Arn"]
    iam.attach_role_policy(RoleName=role, PolicyArn=arn)
    assert reads(s3, bucket)
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=document(allow("s3:PutObject")))
    assert reads(s3, bucket)
    iam.set_default_policy_version(PolicyArn=arn, VersionId="v2")
    assert not reads(s3, bucket)
    iam.attach_role_policy(RoleName=role, PolicyArn="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess")
    assert reads(s3, bucket)


def test_a_permissions_boundary_limits_a_role(account: Account, bucket: str) -> None:
    iam = account.client("iam")
    arn = iam.create_policy(PolicyName=unique("limit"), PolicyDocument=document(allow("s3:PutObject")))["Policy"]["Arn"]
    role = account.make_role(allow("s3:*"), PermissionsBoundary=arn)
    s3 = account.acting(role, "s3")
    with pytest.raises(ClientError, match="because no permissions boundary allows the s3:GetObject action"):
        s3.get_object(Bucket=bucket, Key="stored")
    assert account.denials()[-1]["policy"] == f"the permissions boundary of arn:aws:iam::{OWN}:role/{role}"
    s3.put_object(Bucket=bucket, Key="written", Body=b"")
    iam.delete_role_permissions_boundary(RoleName=role)
    assert reads(s3, bucket)


def test_a_session_policy_limits_a_session(account: Account, bucket: str) -> None:
    role = account.make_role(allow("s3:*"))
    inline = account.acting(role, "s3", Policy=document(allow("s3:PutObject")))
    managed = account.acting(role, "s3", PolicyArns=[{"arn": "arn:aws:iam::aws:policy/AmazonSQSFullAccess"}])
    for s3 in (inline, managed):
        with pytest.raises(ClientError, match="because no session policy allows the s3:GetObject action"):
            s3.get_object(Bucket=bucket, Key="stored")
    assert reads(account.acting(role, "s3"), bucket)


def test_a_user_has_the_policies_of_its_groups(account: Account, bucket: str) -> None:
    iam, user, group = account.client("iam"), unique("user"), unique("group")
    iam.create_user(UserName=user)
    key = iam.create_access_key(UserName=user)["AccessKey"]
    s3 = client_of(boto3.Session(key["AccessKeyId"], key["SecretAccessKey"], region_name=REGION), account.server, "s3")
    assert not reads(s3, bucket)
    iam.create_group(GroupName=group)
    iam.put_group_policy(GroupName=group, PolicyName="own", PolicyDocument=document(allow(READS)))
    iam.add_user_to_group(GroupName=group, UserName=user)
    assert reads(s3, bucket)
    iam.put_user_policy(UserName=user, PolicyName="own", PolicyDocument=document(deny(READS)))
    assert not reads(s3, bucket)


def test_the_root_may_do_all_but_what_a_resource_denies(account: Account) -> None:
    s3, bucket = account.client("s3"), unique("closed")
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="stored", Body=b"")
    assert reads(s3, bucket)
    denial = deny(READS, f"arn:aws:s3:::{bucket}/*", Principal="*")
    s3.put_bucket_policy(Bucket=bucket, Policy=document(denial))
    assert not reads(s3, bucket)
    s3.delete_bucket_policy(Bucket=bucket)
    assert reads(s3, bucket)


def test_who_signs_nothing_may_do_what_everyone_may(account: Account) -> None:
    s3, bucket = account.client("s3"), unique("public")
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="stored", Body=b"x")
    url = f"{account.server.endpoint_url}/{bucket}/stored"
    with pytest.raises(urllib.error.HTTPError, match="403"):
        fetch(url)
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_bucket_policy(Bucket=bucket, Policy=document(allow(READS, f"arn:aws:s3:::{bucket}/*", Principal="*")))
    assert fetch(url) == b"x"


def test_nobody_outside_passes_as_localstack_itself(account: Account) -> None:
    internal = boto3.Session("__internal_call__", "__internal_call__", region_name=REGION)
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        client_of(internal, account.server, "sqs").list_queues()
    with pytest.raises(ClientError, match="InvalidAccessKeyId"):
        client_of(internal, account.server, "s3").list_buckets()


def test_a_queue_answers_at_its_url_who_may_ask_it(account: Account, other: Account) -> None:
    sqs = account.client("sqs")
    url = sqs.create_queue(QueueName=unique("queue"))["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="secret")

    def receive(signed: str | None) -> str:
        credential = f"AWS4-HMAC-SHA256 Credential={signed}/20260101/{REGION}/sqs/aws4_request, Signature=x"
        headers = {"Authorization": credential} if signed else {}
        there = f"{account.server.endpoint_url}{urlsplit(url).path}?Action=ReceiveMessage&VisibilityTimeout=0"
        try:
            with urllib.request.urlopen(urllib.request.Request(there, headers=headers)) as answer:  # noqa: S310
                said: str = answer.read().decode()
        except urllib.error.HTTPError as error:
            said = error.read().decode()
        return said

    assert "<Body>secret</Body>" in receive("test")
    for nobody in (None, "__internal_call__", other.number):
        assert "<Code>AccessDenied</Code>" in receive(nobody)
    sqs.set_queue_attributes(
        QueueUrl=url, Attributes={"Policy": document(allow("sqs:*", "*", Principal={"AWS": other.number}))}
    )
    assert "<Body>secret</Body>" in receive(other.number)


def test_a_presigned_url_may_what_its_signer_may_now(account: Account, bucket: str) -> None:
    role = account.make_role(allow(READS))
    url = account.acting(role, "s3").generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "stored"})
    for more in ("", "&x-id=GetObject"):
        account.allow(role, allow(READS))
        assert fetch(url) == b"x"
        account.allow(role, allow("s3:PutObject"))
        with pytest.raises(urllib.error.HTTPError, match="403"):
            fetch(url + more)


def test_who_may_not_list_a_bucket_is_not_told_that_an_object_is_missing(account: Account, bucket: str) -> None:
    role = account.make_role(allow(READS))
    s3 = account.acting(role, "s3")
    with pytest.raises(ClientError, match="403"):
        s3.head_object(Bucket=bucket, Key="missing")
    with pytest.raises(ClientError, match="not authorized to perform: s3:ListBucket"):
        s3.get_object(Bucket=bucket, Key="missing")
    account.allow(role, allow(READS), allow("s3:ListBucket", f"arn:aws:s3:::{bucket}"))
    with pytest.raises(ClientError, match="404"):
        s3.head_object(Bucket=bucket, Key="missing")


def test_a_condition_holds_or_denies(account: Account, bucket: str) -> None:
    listed = allow("s3:ListBucket", Condition={"StringLike": {"s3:prefix": ["mine/*"]}})
    role = account.make_role(listed)
    s3 = account.acting(role, "s3")
    s3.list_objects_v2(Bucket=bucket, Prefix="mine/x")
    for prefix in ("yours/", ""):
        with pytest.raises(ClientError, match=DENIED):
            s3.list_objects_v2(Bucket=bucket, Prefix=prefix)
    account.allow(role, allow("s3:ListBucket", Condition={"StringEquals": {"s3:ExistingObjectTag/a": "b"}}))
    with pytest.raises(ClientError, match=r"nothing is known of the condition keys s3:existingobjecttag/a"):
        s3.list_objects_v2(Bucket=bucket)


def test_only_events_of_an_allowed_source_are_put(account: Account) -> None:
    only = {"ForAllValues:StringEquals": {"events:source": "mine", "events:detail-type": ["a", "b"]}}
    role = account.make_role(allow("events:PutEvents", Condition=only))
    events = account.acting(role, "events")
    entry = {"Source": "mine", "DetailType": "a", "Detail": "{}"}
    assert events.put_events(Entries=[entry, {**entry, "DetailType": "b"}])["FailedEntryCount"] == 0
    for wrong in ({"Source": "other"}, {"DetailType": "c"}):
        with pytest.raises(ClientError, match=DENIED):
            events.put_events(Entries=[entry, {**entry, **wrong}])


def test_variables_stand_for_what_the_caller_is(account: Account, bucket: str) -> None:
    own = "arn:aws:s3:::${aws:PrincipalTag/bucket}/${aws:PrincipalAccount}/*"
    role = account.make_role(allow("s3:PutObject", own), Tags=[{"Key": "bucket", "Value": bucket}])
    s3 = account.acting(role, "s3")
    s3.put_object(Bucket=bucket, Key=f"{OWN}/x", Body=b"")
    with pytest.raises(ClientError, match=DENIED):
        s3.put_object(Bucket=bucket, Key=f"{OTHER}/x", Body=b"")


def test_another_account_needs_leave_on_both_sides(account: Account, other: Account, bucket: str) -> None:
    role = other.make_role(allow(READS, f"arn:aws:s3:::{bucket}/*"))
    s3, owner = other.acting(role, "s3"), account.client("s3")
    assert not reads(s3, bucket)
    named = {"AWS": f"arn:aws:iam::{OTHER}:role/{role}"}
    owner.put_bucket_policy(Bucket=bucket, Policy=document(allow(READS, f"arn:aws:s3:::{bucket}/*", Principal=named)))
    assert reads(s3, bucket)
    other.allow(role, allow("s3:PutObject"))
    assert not reads(s3, bucket)
    owner.delete_bucket_policy(Bucket=bucket)


def test_a_role_of_another_account_is_assumed_with_leave_on_both_sides(account: Account, other: Account) -> None:
    target = account.make_role(trusted={"AWS": OTHER})
    arn = f"arn:aws:iam::{OWN}:role/{target}"
    role = other.make_role()
    sts = other.acting(role, "sts")
    with pytest.raises(ClientError, match=DENIED):
        sts.assume_role(RoleArn=arn, RoleSessionName="tests")
    other.allow(role, allow("sts:AssumeRole", arn))
    assert sts.assume_role(RoleArn=arn, RoleSessionName="tests")["AssumedRoleUser"]["Arn"].endswith(f"{target}/tests")
    trust = {"Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": "sts:AssumeRole"}
    trust["Condition"] = {"StringEquals": {"sts:ExternalId": "agreed"}}
    account.client("iam").update_assume_role_policy(RoleName=target, PolicyDocument=document(trust))
    with pytest.raises(ClientError, match=DENIED):
        sts.assume_role(RoleArn=arn, RoleSessionName="tests")
    sts.assume_role(RoleArn=arn, RoleSessionName="tests", ExternalId="agreed")


@pytest.mark.parametrize("account_key", ["test", OTHER])
def test_a_role_that_does_not_exist_is_not_assumed(account: Account, account_key: str) -> None:
    sts = Account(account.server, account_key).client("sts")
    with pytest.raises(ClientError, match=DENIED):
        sts.assume_role(RoleArn=f"arn:aws:iam::{OWN}:role/none", RoleSessionName="tests")


def test_what_needs_no_permission_is_allowed_to_all(account: Account) -> None:
    role = account.make_role(deny("*"))
    identity = account.acting(role, "sts").get_caller_identity()
    assert json.dumps(identity["Arn"]).endswith(f'assumed-role/{role}/tests"')
