"""Roles are handed only to services that may act in them, and only by who may hand them over."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from testkit.waiting import wait_for
from tests.emulator.environments.test_lambda_service import zipped
from tests.emulator.iam.conftest import OWN, Account, allow, unique
from tests.permissions import document

PASS = json.dumps({"StartAt": "Pass", "States": {"Pass": {"Type": "Pass", "End": True}}})


def function_with(client: Any, role: str) -> None:
    client.create_function(
        FunctionName=unique("function"), Role=role, Code={"ZipFile": zipped()}, Runtime="python3.13", Handler="a.b"
    )


def machine_with(client: Any, role: str) -> None:
    client.create_state_machine(name=unique("machine"), definition=PASS, roleArn=role)


def rule_with(client: Any, role: str) -> None:
    rule = unique("rule")
    client.put_rule(Name=rule, EventPattern='{"source": ["none"]}')
    target: Any = {"Id": "1", "Arn": "arn:aws:states:us-east-1:000000000000:stateMachine:m", "RoleArn": role}
    client.put_targets(Rule=rule, Targets=[target])


HANDED = [
    ("lambda", "lambda", function_with, "The role defined for the function cannot be assumed by Lambda"),
    ("stepfunctions", "states", machine_with, "Neither the global service principal states.amazonaws.com"),
    ("events", "events", rule_with, "cannot be assumed by principal 'events.amazonaws.com'"),
]


@pytest.mark.parametrize(("service", "principal", "hand", "refusal"), HANDED)
def test_a_role_must_exist_and_trust_the_service(
    account: Account, service: str, principal: str, hand: Callable[[Any, str], None], refusal: str
) -> None:
    client = account.client(service)
    untrusting = account.make_role(trusted={"Service": "ec2.amazonaws.com"})
    for role in ("none-such", untrusting):
        with pytest.raises(ClientError, match=refusal):
            hand(client, f"arn:aws:iam::{OWN}:role/{role}")
    trusting = account.make_role(trusted={"Service": f"{principal}.amazonaws.com"})
    hand(client, f"arn:aws:iam::{OWN}:role/{trusting}")


@pytest.mark.parametrize(("service", "principal", "hand", "refusal"), HANDED)
def test_who_may_not_pass_a_role_cannot_hand_it_over(
    account: Account, service: str, principal: str, hand: Callable[[Any, str], None], refusal: str
) -> None:
    own = allow([f"{principal}:*"])
    role, target = account.make_role(own), account.make_role(trusted={"Service": f"{principal}.amazonaws.com"})
    arn = f"arn:aws:iam::{OWN}:role/{target}"
    client = account.acting(role, service)
    for service_name in ("ec2.amazonaws.com", f"{principal}.amazonaws.com"):
        with pytest.raises(ClientError, match=f"not authorized to perform: iam:PassRole on resource: {arn}"):
            hand(client, arn)
        condition = {"StringEquals": {"iam:PassedToService": service_name}}
        account.allow(role, own, allow("iam:PassRole", arn, Condition=condition))
    hand(client, arn)


def test_a_trust_policy_may_name_the_account_and_the_resource(account: Account) -> None:
    trust = {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}
    iam, states = account.client("iam"), account.client("stepfunctions")
    task = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sts:getCallerIdentity", "End": True}
    definition = json.dumps({"StartAt": "Who", "States": {"Who": task}})
    for machine, is_trusted in (("expected", True), ("another", False)):
        role, name = account.make_role(), unique(machine)
        condition = {
            "StringEquals": {"aws:SourceAccount": OWN},
            "ArnLike": {"aws:SourceArn": "arn:aws:states:*:*:stateMachine:expected-*"},
        }
        iam.update_assume_role_policy(RoleName=role, PolicyDocument=document({**trust, "Condition": condition}))
        arn = f"arn:aws:iam::{OWN}:role/{role}"
        if not is_trusted:
            with pytest.raises(ClientError, match="Neither the global service principal"):
                states.create_state_machine(name=name, definition=definition, roleArn=arn)
            continue
        made = states.create_state_machine(name=name, definition=definition, roleArn=arn)
        assert f":assumed-role/{role}/" in output_of(states, made["stateMachineArn"])


def output_of(states: Any, machine: str) -> str:
    """What an execution comes to."""
    run = states.start_execution(stateMachineArn=machine)["executionArn"]
    wait_for("the end", lambda: states.describe_execution(executionArn=run)["status"] != "RUNNING")
    output: str = states.describe_execution(executionArn=run)["output"]
    return output
