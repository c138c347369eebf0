"""The engine, over an account in memory: what `up`, `diff` and `down` do, in which order, and when something fails."""

from collections.abc import Callable
from typing import Any

import pytest

from bootstrap import deploy
from bootstrap.changes import Action, Change
from bootstrap.errors import RefusedError
from bootstrap.stack import FUNCTIONS, MACHINES, STACK
from tests.unit.bootstrap.fake_account import FakeAccount

MACHINE = MACHINES[0].name
SIDE_EFFECT_ROLE = "sideEffectRole-eu-west-1"

Spoil = Callable[[FakeAccount], Any]


def up(account: FakeAccount) -> list[Change]:
    changes: list[Change] = []
    deploy.up(account.clients, changes.append)
    return changes


def down(account: FakeAccount) -> list[Change]:
    changes: list[Change] = []
    deploy.down(account.clients, changes.append)
    return changes


def actions(changes: list[Change]) -> set[Action]:
    return {change.action for change in changes}


def contents(account: FakeAccount) -> list[dict[str, Any]]:
    services = (account.iam, account.lambda_, account.logs, account.s3, account.events, account.states)
    return [service.things for service in services] + [account.logs.policies]


def test_the_first_up_creates_everything(account: FakeAccount) -> None:
    assert actions(up(account)) == {Action.CREATED}
    assert account.lambda_.things.keys() == {function.name for function in FUNCTIONS}
    assert account.states.things.keys() == {account.arns.machine(name) for name in (MACHINE, STACK.finisher)}


def test_the_second_up_writes_nothing(account: FakeAccount) -> None:
    up(account)
    account.writes.clear()
    assert actions(up(account)) == {Action.UNCHANGED}
    assert account.writes == []


def test_diff_says_what_up_would_do_and_writes_nothing(account: FakeAccount) -> None:
    assert {change.action for change in deploy.diff(account.clients)} == {Action.CREATED}
    assert account.writes == []
    created = up(account)
    account.events.things["FinisherRule"]["State"] = "DISABLED"
    changes = deploy.diff(account.clients)
    assert len(changes) == len(created)
    assert [change.resource.name for change in changes if change.action is Action.UPDATED] == ["FinisherRule"]


SPOILT: dict[str, tuple[Spoil, set[str]]] = {
    "a function's variable": (
        lambda account: account.lambda_.things["sideEffect"]["Environment"]["Variables"].clear(),
        {"UpdateFunctionConfiguration sideEffect"},
    ),
    "a function's time limit": (
        lambda account: account.lambda_.things["sideEffect"].update(Timeout=3),
        {"UpdateFunctionConfiguration sideEffect"},
    ),
    "a function's code": (
        lambda account: account.lambda_.things["sideEffect"].update(CodeSha256="other"),
        {"UpdateFunctionCode sideEffect"},
    ),
    "a function that failed": (
        lambda account: account.lambda_.things["sideEffect"].update(State="Failed", StateReason="no image"),
        {"UpdateFunctionCode sideEffect"},
    ),
    "a function that is gone": (
        lambda account: account.lambda_.things.pop("sideEffect"),
        {
            "CreateFunction sideEffect",
            "AddPermission sideEffectRule",
            "PutFunctionEventInvokeConfig sideEffect",
        },
    ),
    "a function whose failures are lost": (
        lambda account: account.lambda_.things["sideEffect"].update(asynchronous=None),
        {"PutFunctionEventInvokeConfig sideEffect"},
    ),
    "a function that is tried again too often": (
        lambda account: account.lambda_.things["sideEffect"]["asynchronous"].update(MaximumRetryAttempts=7),
        {"PutFunctionEventInvokeConfig sideEffect"},
    ),
    "a queue that is gone": (
        lambda account: account.sqs.things.clear(),
        {"CreateQueue sideEffectDeadLetters"},
    ),
    "a queue that forgets too soon": (
        lambda account: account.sqs.things["sideEffectDeadLetters"].update(MessageRetentionPeriod="60"),
        {"SetQueueAttributes sideEffectDeadLetters"},
    ),
    "a permission that is gone": (
        lambda account: account.lambda_.things["sideEffect"]["permissions"].clear(),
        {"AddPermission sideEffectRule"},
    ),
    "a permission for any rule": (
        lambda account: account.lambda_.things["sideEffect"]["permissions"][0].pop("Condition"),
        {"RemovePermission sideEffectRule", "AddPermission sideEffectRule"},
    ),
    "a role that more may act in": (
        lambda account: account.iam.things[SIDE_EFFECT_ROLE]["trust"]["Statement"].append({"Principal": "*"}),
        {f"UpdateAssumeRolePolicy {SIDE_EFFECT_ROLE}"},
    ),
    "a role that may do more": (
        lambda account: account.iam.things[SIDE_EFFECT_ROLE]["policies"]["allowed"]["Statement"][0].update(Action="*"),
        {f"PutRolePolicy {SIDE_EFFECT_ROLE}"},
    ),
    "a role without a policy": (
        lambda account: account.iam.things[SIDE_EFFECT_ROLE]["policies"].clear(),
        {f"PutRolePolicy {SIDE_EFFECT_ROLE}"},
    ),
    "a log group that keeps everything": (
        lambda account: account.logs.things["/aws/lambda/sideEffect"].pop("retentionInDays"),
        {"PutRetentionPolicy /aws/lambda/sideEffect"},
    ),
    "a log policy that is gone": (
        lambda account: account.logs.policies.clear(),
        {"PutResourcePolicy LedgerRule"},
    ),
    "a rule that is disabled": (
        lambda account: account.events.things["FinisherRule"].update(State="DISABLED"),
        {"PutRule FinisherRule"},
    ),
    "a rule that listens to all": (
        lambda account: account.events.things["FinisherRule"].update(EventPattern='{"source": [{"prefix": ""}]}'),
        {"PutRule FinisherRule"},
    ),
    "a rule without a target": (
        lambda account: account.events.things["FinisherRule"]["targets"].clear(),
        {"PutTargets FinisherRule"},
    ),
    "a rule with a second target": (
        lambda account: account.events.things["FinisherRule"]["targets"].update(other={"Id": "other", "Arn": "a"}),
        {"RemoveTargets FinisherRule", "PutTargets FinisherRule"},
    ),
    "a machine's definition": (
        lambda account: account.states.find(account.arns.machine(MACHINE)).update(definition="{}"),
        {"UpdateStateMachine arn:aws:states:eu-west-1:123456789012:stateMachine:EventdrivenMachine"},
    ),
    "a machine's role": (
        lambda account: account.states.find(account.arns.machine(MACHINE)).update(roleArn="other"),
        {"UpdateStateMachine arn:aws:states:eu-west-1:123456789012:stateMachine:EventdrivenMachine"},
    ),
    "a public bucket": (
        lambda account: account.s3.things["eventdriven-test"].update(block={"BlockPublicAcls": False}),
        {"PutPublicAccessBlock eventdriven-test"},
    ),
    "an empty bucket without its tag": (
        lambda account: account.s3.things["eventdriven-test"].update(tags=[], objects=[]),
        {"PutBucketTagging eventdriven-test", "PutObject stack.json"},
    ),
    "a description of another day": (
        lambda account: account.s3.things["eventdriven-test"]["bodies"].update({"stack.json": b"{}"}),
        {"PutObject stack.json"},
    ),
    "a description that is none": (
        lambda account: account.s3.things["eventdriven-test"]["bodies"].update({"stack.json": b"what"}),
        {"PutObject stack.json"},
    ),
}


@pytest.mark.parametrize(("spoil", "writes"), SPOILT.values(), ids=SPOILT)
def test_up_mends_what_was_spoilt_and_touches_nothing_else(
    account: FakeAccount, spoil: Spoil, writes: set[str]
) -> None:
    up(account)
    spoil(account)
    account.writes.clear()
    up(account)
    assert set(account.writes) == writes
    assert actions(up(account)) == {Action.UNCHANGED}


def test_down_leaves_nothing(account: FakeAccount) -> None:
    up(account)
    assert actions(down(account)) == {Action.REMOVED}
    assert not any(contents(account))


def test_down_can_be_repeated(account: FakeAccount) -> None:
    up(account)
    down(account)
    assert actions(down(account)) == {Action.ABSENT}


def test_down_takes_away_what_was_attached_to_a_role_by_hand(account: FakeAccount) -> None:
    up(account)
    account.iam.things[SIDE_EFFECT_ROLE]["attached"].add("arn:aws:iam::aws:policy/AdministratorAccess")
    down(account)
    assert not account.iam.things


def test_down_stops_what_runs_before_it_removes_the_machine(account: FakeAccount) -> None:
    up(account)
    account.states.find(account.arns.machine(MACHINE))["running"] = ["run-1", "run-2"]
    account.writes.clear()
    down(account)
    stopped = [account.writes.index(f"StopExecution {run}") for run in ("run-1", "run-2")]
    assert max(stopped) < account.writes.index(f"DeleteStateMachine {account.arns.machine(MACHINE)}")


def test_a_machine_that_is_being_deleted_counts_as_gone(account: FakeAccount) -> None:
    up(account)
    account.states.find(account.arns.machine(MACHINE))["status"] = "DELETING"
    found = [change for change in deploy.diff(account.clients) if change.resource.name == MACHINE]
    assert actions(found) == {Action.CREATED}


def test_a_machine_of_the_other_type_must_be_removed_first(account: FakeAccount) -> None:
    up(account)
    account.states.find(account.arns.machine(MACHINE))["type"] = "EXPRESS"
    with pytest.raises(RefusedError, match=f"{MACHINE} is not of type STANDARD.*bootstrap down"):
        up(account)


@pytest.mark.parametrize(
    ("operation", "code", "message"),
    [
        ("CreateFunction", "InvalidParameterValueException", "The role defined cannot be assumed by Lambda."),
        ("CreateStateMachine", "AccessDeniedException", "Neither is authorized to assume the provided role."),
        ("CreateStateMachine", "StateMachineDeleting", "State Machine is being deleted"),
        ("PutTargets", "ValidationException", "Provided role cannot be assumed by principal 'events.amazonaws.com'."),
        ("CreateBucket", "OperationAborted", "A conflicting conditional operation is currently in progress"),
        ("CreateFunction", "ResourceConflictException", "The function is currently in the state Pending"),
    ],
)
def test_what_aws_is_not_ready_for_is_tried_again(
    account: FakeAccount, waits: list[float], operation: str, code: str, message: str
) -> None:
    account.refuse(operation, code, message, times=2)
    up(account)
    assert waits
    assert actions(up(account)) == {Action.UNCHANGED}


@pytest.mark.parametrize(
    ("operation", "code"),
    [
        ("CreateRole", "EntityAlreadyExists"),
        ("CreateLogGroup", "ResourceAlreadyExistsException"),
        ("CreateFunction", "ResourceConflictException"),
        ("CreateBucket", "BucketAlreadyOwnedByYou"),
    ],
)
def test_a_creation_whose_answer_got_lost_is_gone_on_with(
    account: FakeAccount, waits: list[float], operation: str, code: str
) -> None:
    account.repeat(operation, code)
    up(account)
    assert waits
    assert actions(up(account)) == {Action.UNCHANGED}


@pytest.mark.parametrize(
    ("operation", "code"),
    [
        ("DeleteRole", "NoSuchEntity"),
        ("DeleteLogGroup", "ResourceNotFoundException"),
        ("DeleteFunction", "ResourceNotFoundException"),
        ("DeleteBucket", "NoSuchBucket"),
    ],
)
def test_a_deletion_whose_answer_got_lost_is_done(account: FakeAccount, operation: str, code: str) -> None:
    up(account)
    account.repeat(operation, code)
    assert actions(down(account)) == {Action.REMOVED}
    assert not any(contents(account))


def test_a_refusal_names_the_resource_the_operation_and_what_aws_says(account: FakeAccount, waits: list[float]) -> None:
    account.refuse("CreateBucket", "BucketAlreadyExists", "The requested bucket name is not available.")
    with pytest.raises(RefusedError) as raised:
        up(account)
    assert str(raised.value) == (
        "bucket eventdriven-test: CreateBucket: BucketAlreadyExists: The requested bucket name is not available."
    )
    assert not waits


def test_a_failed_stage_is_finished_and_the_next_not_begun(account: FakeAccount) -> None:
    account.refuse("CreateBucket", "AccessDenied", "no")
    with pytest.raises(RefusedError):
        up(account)
    with_machines = {MACHINE, STACK.finisher, "StartMachineRule", "FinisherRule", "FailedRule", "InvocationFailedRule"}
    owners = {function.name for function in FUNCTIONS} | with_machines
    assert {name.removesuffix("Role-eu-west-1") for name in account.iam.things} == owners
    assert not account.lambda_.things


def test_every_refusal_of_a_stage_is_told_in_its_own_line(account: FakeAccount) -> None:
    account.refuse("CreateRole", "AccessDenied", "no", times=2)
    with pytest.raises(RefusedError) as raised:
        up(account)
    assert len(set(str(raised.value).splitlines())) == 2


def test_what_could_not_be_made_is_made_by_the_next_up(account: FakeAccount) -> None:
    account.refuse("PutRolePolicy", "AccessDenied", "no", times=3)
    with pytest.raises(RefusedError):
        up(account)
    up(account)
    assert actions(up(account)) == {Action.UNCHANGED}


def test_a_target_that_is_not_taken_is_an_error(account: FakeAccount) -> None:
    up(account)
    rule = account.events.things["FinisherRule"]
    rule["targets"].clear()
    rule["failed"] = [{"TargetId": "target", "ErrorCode": "Busy", "ErrorMessage": "later"}]
    with pytest.raises(RefusedError, match="rule FinisherRule: target target: Busy: later"):
        up(account)


def test_code_and_configuration_are_updated_one_after_the_other(account: FakeAccount, waits: list[float]) -> None:
    up(account)
    account.lambda_.things["sideEffect"] |= {"CodeSha256": "other", "Timeout": 3}
    account.writes.clear()
    up(account)
    assert account.writes == ["UpdateFunctionCode sideEffect", "UpdateFunctionConfiguration sideEffect"]
    assert not waits


def test_a_function_that_cannot_be_invoked_is_an_error_that_says_why(account: FakeAccount) -> None:
    up(account)
    account.lambda_.things["sideEffect"] |= {
        "Timeout": 3,
        "update_ends": {"LastUpdateStatus": "Failed", "LastUpdateStatusReason": "no image"},
    }
    with pytest.raises(RefusedError, match="function sideEffect cannot be invoked: Failed: no image"):
        up(account)


def test_a_function_that_never_becomes_active_is_an_error(
    account: FakeAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bootstrap.resources.function.READY_TIMEOUT_SECONDS", 0)
    up(account)
    account.lambda_.things["sideEffect"]["State"] = "Pending"
    with pytest.raises(RefusedError, match="function sideEffect is not active after 0 s"):
        up(account)
