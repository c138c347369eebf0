"""The resources that come of the tables."""

from collections import Counter
from dataclasses import replace

import pytest

from bootstrap.resources.asynchronous_invocation import AsynchronousInvocation
from bootstrap.resources.function import Function
from bootstrap.resources.log_group import LogGroup
from bootstrap.resources.rule import Rule
from bootstrap.settings import load_settings
from bootstrap.stack import FUNCTIONS
from tests.stacks import system_of
from tests.unit.bootstrap.fake_account import SETTINGS

STAGES = system_of(SETTINGS).stages()
RESOURCES = [resource for stage in STAGES for resource in stage]


def test_no_two_resources_of_a_kind_have_the_same_name() -> None:
    assert max(Counter((resource.kind, resource.name) for resource in RESOURCES).values()) == 1


def test_what_acts_comes_after_its_role_and_before_what_sets_it_off() -> None:
    kinds = [{resource.kind for resource in stage} for stage in STAGES]
    assert kinds == [
        {"bucket", "role", "log group", "log policy", "queue"},
        {"function", "state machine", "description"},
        {"rule", "permission", "asynchronous invocation"},
    ]


def test_every_function_has_the_bus_the_source_and_the_key_of_an_item_and_only_some_the_bucket() -> None:
    variables = {resource.name: resource.variables for resource in RESOURCES if isinstance(resource, Function)}
    every = {"EVENT_BUS": "default", "EVENT_SOURCE": "project", "ITEM_KEY": "name"}
    for function in FUNCTIONS:
        assert variables[function.name] == every | ({"BUCKET": "cookies"} if function.uses_bucket else {})


def test_functions_are_python_with_a_minute_of_time() -> None:
    for function in (resource for resource in RESOURCES if isinstance(resource, Function)):
        desired = function.desired()
        assert (desired["Runtime"], desired["Timeout"]) == ("python3.13", 60)
        assert desired["Handler"] == f"{function.spec.module}.lambda_handler"


def test_logs_are_kept_for_a_day() -> None:
    groups = {resource.name: resource.retention_days for resource in RESOURCES if isinstance(resource, LogGroup)}
    assert set(groups.values()) == {1}
    assert groups.keys() >= {f"/aws/lambda/{function.name}" for function in FUNCTIONS}


def test_every_rule_listens_to_this_project_only_or_to_what_lambda_says_of_its_functions() -> None:
    rules = {resource.name: resource.desired() for resource in RESOURCES if isinstance(resource, Rule)}
    failed, recorded = (rules.pop(name)["pattern"] for name in ("InvocationFailedRule", "LedgerRule"))
    assert all(rule["pattern"]["source"] == ["project"] for rule in rules.values())
    assert failed["source"] == ["lambda"]
    assert failed["detail"]["requestContext"]["functionArn"] == [
        {"suffix": f":function:{function.name}:$LATEST"} for function in FUNCTIONS if function.waited_for
    ]
    assert rules["FailedRule"]["pattern"] == {"source": ["project"], "detail-type": ["failed"]}
    assert rules["StartMachineRule"]["pattern"] == {"source": ["project"], "detail-type": ["start"]}
    assert rules["FinisherRule"]["pattern"] == {"source": ["project"], "detail-type": ["done"]}
    assert recorded == {"$or": [{"source": ["project"]}, failed]}


def test_what_a_function_fails_at_goes_to_the_bus_or_if_nobody_waits_to_a_queue() -> None:
    failed = {resource.name: resource.failed for resource in RESOURCES if isinstance(resource, AsynchronousInvocation)}
    assert failed.pop("sideEffect") == "arn:aws:sqs:eu-west-1:123456789012:sideEffectDeadLetters"
    assert failed.keys() == {function.name for function in FUNCTIONS if function.waited_for}
    assert set(failed.values()) == {"arn:aws:events:eu-west-1:123456789012:event-bus/default"}


@pytest.mark.parametrize(("task_timeout", "oldest"), [(5, 60), (60, 60), (300, 300)])
def test_an_event_is_given_up_when_its_task_is_and_not_before_lambda_can(task_timeout: int, oldest: int) -> None:
    settings = replace(SETTINGS, async_retries=1, task_timeout_seconds=task_timeout)
    made = [resource for stage in system_of(settings).stages() for resource in stage]
    invocations = [resource for resource in made if isinstance(resource, AsynchronousInvocation)]
    assert {(invocation.retries, invocation.oldest_seconds) for invocation in invocations} == {(1, oldest)}


def test_a_function_logs_from_the_level_of_its_row_else_of_the_setting() -> None:
    system = system_of(load_settings({"LOG_LEVEL": "warn"}))
    row = system.stack.functions[0]
    assert system.variables_of(row)["LOG_LEVEL"] == "WARNING"
    assert system.variables_of(replace(row, variables={"LOG_LEVEL": "DEBUG"}))["LOG_LEVEL"] == "DEBUG"
    assert "LOG_LEVEL" not in system_of().variables_of(row)
