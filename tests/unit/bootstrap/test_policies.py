"""Who may do what: each role of the system, and nothing beyond."""

from typing import Any

import pytest

from bootstrap.resources.function import Function
from bootstrap.resources.permission import Permission
from bootstrap.resources.role import Role
from bootstrap.resources.rule import Rule
from bootstrap.resources.state_machine import StateMachine
from bootstrap.stack import FUNCTIONS
from tests.stacks import ACCOUNT, system_of
from tests.unit.bootstrap.fake_account import SETTINGS

REGION = SETTINGS.region
RESOURCES = [resource for stage in system_of(SETTINGS).stages() for resource in stage]
ROLES = {resource.name.removesuffix(f"Role-{REGION}"): resource for resource in RESOURCES if isinstance(resource, Role)}

BUS = f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/default"
MACHINE = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:EventdrivenMachine"
FINISHER = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:StepFinisher"
OBJECTS = "arn:aws:s3:::cookies/*"
OBJECTS_OF_RUNS = f"arn:aws:s3:::cookies/arn:aws:states:{REGION}:{ACCOUNT}:execution:EventdrivenMachine:*"
DEAD_LETTERS = f"arn:aws:sqs:{REGION}:{ACCOUNT}:sideEffectDeadLetters"


def log(function: str) -> str:
    return f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/lambda/{function}:*"


def function_may(name: str, *, use_bucket: bool) -> set[tuple[str, str]]:
    may = {("events:PutEvents", BUS), ("logs:CreateLogStream", log(name)), ("logs:PutLogEvents", log(name))}
    return may | ({("s3:GetObject", OBJECTS), ("s3:PutObject", OBJECTS)} if use_bucket else set())


ALLOWED = {
    "getMultiple": function_may("getMultiple", use_bucket=False),
    "processSingle": function_may("processSingle", use_bucket=True),
    "postProcessSingle": function_may("postProcessSingle", use_bucket=True),
    "postProcessAll": function_may("postProcessAll", use_bucket=True),
    "sideEffect": function_may("sideEffect", use_bucket=False) | {("sqs:SendMessage", DEAD_LETTERS)},
    "EventdrivenMachine": {
        ("events:PutEvents", BUS),
        ("s3:PutObject", f"{OBJECTS_OF_RUNS}/0-failed.json"),
        ("s3:PutObject", f"{OBJECTS_OF_RUNS}/failed-*.json"),
    },
    "StepFinisher": {
        ("states:SendTaskSuccess", MACHINE),
        ("states:SendTaskFailure", MACHINE),
        ("events:PutEvents", BUS),
    },
    "StartMachineRule": {("states:StartExecution", MACHINE)},
    "FinisherRule": {("states:StartExecution", FINISHER)},
    "FailedRule": {("states:StartExecution", FINISHER)},
    "InvocationFailedRule": {("states:StartExecution", FINISHER)},
}


def test_whoever_acts_has_a_role_of_its_own() -> None:
    assert ROLES.keys() == ALLOWED.keys()


@pytest.mark.parametrize("owner", ALLOWED)
def test_a_role_allows_what_its_owner_does_and_nothing_else(owner: str) -> None:
    allowed = set()
    for statement in ROLES[owner].policy["Statement"]:
        assert statement.keys() == {"Effect", "Action", "Resource"}
        assert statement["Effect"] == "Allow"
        resources = statement["Resource"]
        resources = [resources] if isinstance(resources, str) else resources
        allowed |= {(action, resource) for action in statement["Action"] for resource in resources}
    assert allowed == ALLOWED[owner]


@pytest.mark.parametrize("owner", ALLOWED)
def test_only_the_service_of_its_owner_may_act_in_a_role(owner: str) -> None:
    service = "states" if owner in {"EventdrivenMachine", "StepFinisher"} else "lambda"
    service = "events" if owner.endswith("Rule") else service
    trusted = ROLES[owner].desired()["trust"]["Statement"]
    assert trusted == [
        {"Effect": "Allow", "Principal": {"Service": f"{service}.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ]


def test_whoever_acts_is_given_its_own_role() -> None:
    given = {resource.name: resource.role for resource in RESOURCES if isinstance(resource, Function | StateMachine)}
    given |= {resource.name: resource.role for resource in RESOURCES if isinstance(resource, Rule) and resource.role}
    assert given == {owner: f"arn:aws:iam::{ACCOUNT}:role/{role.name}" for owner, role in ROLES.items()}


def test_names_of_roles_are_as_long_as_iam_allows_in_every_region() -> None:
    for owner in ALLOWED:
        assert len(f"{owner}Role-ap-southeast-10") <= 64


def test_a_function_lets_just_its_rule_invoke_it() -> None:
    permissions = {resource.function: resource for resource in RESOURCES if isinstance(resource, Permission)}
    assert permissions.keys() == {function.name for function in FUNCTIONS}
    statement: dict[str, Any] = {**permissions["sideEffect"].desired()}
    assert statement == {
        "Sid": "sideEffectRule",
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "lambda:InvokeFunction",
        "Resource": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:sideEffect",
        "Condition": {"ArnLike": {"AWS:SourceArn": f"arn:aws:events:{REGION}:{ACCOUNT}:rule/sideEffectRule"}},
    }
