"""Roles and policies for tests that are about something else: whoever is named may do what is asked."""

import json
from contextlib import suppress
from typing import Any

from tests.clients import client_at

SERVICES = ("events", "lambda", "states")
ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}
EVENTBRIDGE = {"Service": "events.amazonaws.com"}


def document(*statements: dict[str, Any]) -> str:
    """A policy of these statements."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def make_role(endpoint_url: str, name: str = "any", *statements: dict[str, Any], account: str = "test") -> str:
    """Make a role that services may act in, or find it; return its ARN.

    Args:
        endpoint_url: Where.
        name: The role's name.
        statements: What it may do; all, if nothing is said.
        account: Whose it is: 12 digits, or `test`.
    """
    iam = client_at(endpoint_url, "iam", account)
    trusted = {"Service": [f"{service}.amazonaws.com" for service in SERVICES]}
    with suppress(iam.exceptions.EntityAlreadyExistsException):
        trust = document({"Effect": "Allow", "Principal": trusted, "Action": "sts:AssumeRole"})
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
    iam.put_role_policy(RoleName=name, PolicyName="allowed", PolicyDocument=document(*(statements or (ALL,))))
    arn: str = iam.get_role(RoleName=name)["Role"]["Arn"]
    return arn


def open_queue(sqs: Any, url: str) -> None:
    """Let every rule send to a queue."""
    sends = {"Effect": "Allow", "Principal": EVENTBRIDGE, "Action": "sqs:SendMessage", "Resource": "*"}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": document(sends)})


def open_log_groups(logs: Any) -> None:
    """Let every rule write to every log group."""
    writes = ["logs:CreateLogStream", "logs:PutLogEvents"]
    policy = document({"Effect": "Allow", "Principal": EVENTBRIDGE, "Action": writes, "Resource": "*"})
    logs.put_resource_policy(policyName="tests", policyDocument=policy)
