"""Who may do what: the policy documents, each as narrow as AWS allows."""

from collections.abc import Iterable, Sequence
from typing import Any

from bootstrap.arns import Arns
from bootstrap.description import FunctionSpec, GrantSpec
from bootstrap.grants import Need

Document = dict[str, Any]
Statement = dict[str, Any]

EVENT_BUS = "default"


def trust(service: str) -> Document:
    """Let an AWS service act in a role.

    Args:
        service: Its principal, such as `lambda.amazonaws.com`.
    """
    return document([{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}])


def function_policy(arns: Arns, function: FunctionSpec, bucket: str, granted: Sequence[GrantSpec]) -> Document:
    """Let a function put events on the bus, write its log, and do the rest of what it is there for."""
    statements = [
        allow(["events:PutEvents"], arns.bus(EVENT_BUS)),
        # Not CreateLogGroup: a late invocation would make the group again, without its retention.
        allow(["logs:CreateLogStream", "logs:PutLogEvents"], arns.log_streams(function.log_group)),
    ]
    if function.uses_bucket:
        statements.append(allow(["s3:GetObject", "s3:PutObject"], f"arn:aws:s3:::{bucket}/*"))
    if not function.waited_for:
        statements.append(allow(["sqs:SendMessage"], arns.queue(function.dead_letters)))
    return document([*statements, *(allow(grant.actions, grant.resource) for grant in granted)])


def machine_policy(needs: Iterable[Need], granted: Sequence[GrantSpec]) -> Document:
    """Let a state machine do what its states do; to wait for a token needs no permission."""
    actions: dict[str, list[str]] = {}
    for need in needs:
        actions.setdefault(need.resource, []).append(need.action)
    resources: dict[tuple[str, ...], list[str]] = {}
    for resource, allowed in actions.items():
        resources.setdefault(tuple(allowed), []).append(resource)
    statements = [allow(allowed, *found) for allowed, found in resources.items()]
    return document([*statements, *(allow(grant.actions, grant.resource) for grant in granted)])


def starting_policy(arns: Arns, machine: str) -> Document:
    """Let a rule start one state machine."""
    return document([allow(["states:StartExecution"], arns.machine(machine))])


def forwarding_policy(bus: str) -> Document:
    """Let a rule put events on the bus of another account.

    Args:
        bus: The ARN of that bus.
    """
    return document([allow(["events:PutEvents"], bus)])


def invoke_permission(name: str, function: str, rule: str) -> Statement:
    """The statement in a function's own policy that lets just one rule invoke it.

    Args:
        name: The statement's name.
        function: The function's ARN.
        rule: The rule's ARN.
    """
    return {
        "Sid": name,
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "lambda:InvokeFunction",
        "Resource": function,
        "Condition": {"ArnLike": {"AWS:SourceArn": rule}},
    }


def queue_policy(queue: str, rule: str) -> Document:
    """Let one rule send the events that it gets to a queue.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-sqs-permissions

    Args:
        queue: The queue's ARN.
        rule: The rule's ARN.
    """
    return document(
        [
            {
                "Effect": "Allow",
                "Principal": {"Service": "events.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": queue,
                "Condition": {"ArnEquals": {"aws:SourceArn": rule}},
            }
        ]
    )


def bus_statement(name: str, account: str, bus: str) -> Statement:
    """The statement in a bus's policy that lets another account put events on it.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-bus-example-policy-cross-account-custom-bus-source.html

    Args:
        name: The statement's name.
        account: That account.
        bus: The bus's ARN.
    """
    return {
        "Sid": name,
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
        "Action": "events:PutEvents",
        "Resource": bus,
    }


def ledger_policy(arns: Arns, log_group: str, rule: str) -> Document:
    """Let one rule write the events that it gets to a log group.

    EventBridge takes no role for such a target, and names its rule only when it puts events: see
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-cloudwatchlogs-permissions
    """
    writer = {
        "Principal": {"Service": ["delivery.logs.amazonaws.com", "events.amazonaws.com"]},
        "Resource": arns.log_streams(log_group),
        "Effect": "Allow",
    }
    named = {"Condition": {"ArnEquals": {"aws:SourceArn": arns.rule(rule)}}}
    return document([{**writer, "Action": "logs:CreateLogStream"}, {**writer, "Action": "logs:PutLogEvents", **named}])


def document(statements: Sequence[Statement]) -> Document:
    """A policy of some statements."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(actions: Sequence[str], *resources: str) -> Statement:
    """A statement that allows some actions on some resources."""
    return {
        "Effect": "Allow",
        "Action": list(actions),
        "Resource": resources[0] if len(resources) == 1 else [*resources],
    }
