"""Who may do what: the policy documents of the roles, each as narrow as AWS allows."""

from collections.abc import Sequence
from typing import Any

from bootstrap.arns import Arns
from bootstrap.stack import DEAD_LETTERS, EVENT_BUS, MACHINE, FunctionSpec

Document = dict[str, Any]
Statement = dict[str, Any]


def trust(service: str) -> Document:
    """Let an AWS service act in a role.

    Args:
        service: Its principal, such as `lambda.amazonaws.com`.
    """
    return _document([{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}])


def function_policy(arns: Arns, function: FunctionSpec, log_group: str, bucket: str) -> Document:
    """Let a function put events on the bus, write its log, and do the rest of what it is there for."""
    statements = [
        _allow(["events:PutEvents"], arns.bus(EVENT_BUS)),
        # Not CreateLogGroup: a late invocation would make the group again, without its retention.
        _allow(["logs:CreateLogStream", "logs:PutLogEvents"], arns.log_streams(log_group)),
    ]
    if function.uses_bucket:
        statements.append(_allow(["s3:GetObject", "s3:PutObject"], f"arn:aws:s3:::{bucket}/*"))
    if not function.waited_for:
        statements.append(_allow(["sqs:SendMessage"], arns.queue(DEAD_LETTERS)))
    return _document(statements)


def emitting_policy(arns: Arns, bucket: str) -> Document:
    """Let the main state machine put events on the bus and store failures; to wait for a token needs no permission."""
    run = f"arn:aws:s3:::{bucket}/{arns.executions(MACHINE)}"
    return _document(
        [
            _allow(["events:PutEvents"], arns.bus(EVENT_BUS)),
            _allow(["s3:PutObject"], f"{run}/0-failed.json", f"{run}/failed-*.json"),
        ]
    )


def finishing_policy(arns: Arns) -> Document:
    """Let a state machine close tasks of the main one.

    IAM's reference lists no resource for this action, but AWS asks for the machine that the token comes from: see
    https://github.com/aws/aws-cdk/pull/8486 and `StateMachine.grantTaskResponse`, which came of it.
    """
    return _document([_allow(["states:SendTaskSuccess", "states:SendTaskFailure"], arns.machine(MACHINE))])


def starting_policy(arns: Arns, machine: str) -> Document:
    """Let a rule start one state machine."""
    return _document([_allow(["states:StartExecution"], arns.machine(machine))])


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
    return _document([{**writer, "Action": "logs:CreateLogStream"}, {**writer, "Action": "logs:PutLogEvents", **named}])


def _document(statements: Sequence[Statement]) -> Document:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _allow(actions: Sequence[str], *resources: str) -> Statement:
    return {
        "Effect": "Allow",
        "Action": list(actions),
        "Resource": resources[0] if len(resources) == 1 else [*resources],
    }
