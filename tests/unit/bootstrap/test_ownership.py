"""Whose a resource is: what another stack has made is left alone, and what was the stack's once is found again."""

from dataclasses import replace

import pytest

from bootstrap import deploy
from bootstrap.changes import Action, Change
from bootstrap.description import ConsumerSpec, FunctionSpec, Stack
from bootstrap.errors import BootstrapError, RefusedError
from bootstrap.resources.description import read_stack
from tests.stack_examples.parcels.stack import DEPOT
from tests.stack_examples.parcels.stack import STACK as PARCELS
from tests.unit.bootstrap.fake_account import SETTINGS, FakeAccount

OTHER = {"stack": "other"}


@pytest.fixture
def account(account: FakeAccount, monkeypatch: pytest.MonkeyPatch) -> FakeAccount:
    """An account for the parcels."""
    account.settings = replace(SETTINGS, stack="tests.stack_examples.parcels.stack")
    monkeypatch.setattr(FakeAccount, "stack", PARCELS)
    return account


def up(account: FakeAccount, *, prune: bool = False) -> list[Change]:
    changes: list[Change] = []
    deploy.up(account.clients, changes.append, prune=prune)
    return changes


def down(account: FakeAccount) -> set[Action]:
    changes: list[Change] = []
    deploy.down(account.clients, changes.append)
    return {change.action for change in changes}


def to_be_removed(account: FakeAccount) -> set[str]:
    changes = [change for change in deploy.diff(account.clients) if change.action is Action.REMOVED]
    return {f"{change.resource.kind} {change.resource.name}" for change in changes}


def become(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Check another branch out."""
    monkeypatch.setattr(FakeAccount, "stack", stack)


def things(account: FakeAccount) -> dict[str, dict[str, object]]:
    """All that can carry a tag."""
    services = (account.iam, account.lambda_, account.logs, account.s3, account.sqs, account.events, account.states)
    return {name: thing for service in services for name, thing in service.things.items()}


def test_whatever_is_made_is_tagged_in_either_account(account: FakeAccount) -> None:
    up(account)
    made = {**things(account), **things(account.of_account(DEPOT))}
    tags = {name: thing["tags"] for name, thing in made.items() if name != account.bucket}
    assert {str(each) for each in tags.values()} == {"{'stack': 'parcels'}"}
    assert made[account.bucket]["tags"] == [{"Key": "stack", "Value": "parcels"}]


def test_what_has_no_tag_gets_it_when_it_is_updated(account: FakeAccount) -> None:
    up(account)
    queue = account.sqs.things["labels"]
    queue |= {"tags": {"team": "cats"}, "MessageRetentionPeriod": "60"}
    (change,) = [change for change in deploy.diff(account.clients) if change.action is Action.UPDATED]
    assert [difference.path for difference in change.differences] == [("retention",), ("stack",)]
    up(account)
    assert queue["tags"] == {"team": "cats", "stack": "parcels"}


@pytest.mark.parametrize("work", [lambda account: deploy.diff(account.clients), up], ids=["diff", "up"])
def test_what_another_stack_has_made_is_not_changed(account: FakeAccount, work: object) -> None:
    up(account)
    account.sqs.things["labels"] |= {"tags": OTHER, "MessageRetentionPeriod": "60"}
    with pytest.raises(RefusedError) as raised:
        work(account)  # type: ignore[operator]
    assert str(raised.value) == "queue labels belongs to the stack other: give one of them another name"
    assert account.sqs.things["labels"]["MessageRetentionPeriod"] == "60"


def test_nor_in_another_account(account: FakeAccount) -> None:
    up(account)
    account.of_account(DEPOT).lambda_.things["takeIn"] |= {"tags": OTHER, "Timeout": 3}
    with pytest.raises(RefusedError, match="function takeIn belongs to the stack other"):
        up(account)


def test_down_leaves_what_another_stack_has_made(account: FakeAccount) -> None:
    up(account)
    account.sqs.things["labels"]["tags"] = OTHER
    assert down(account) == {Action.REMOVED, Action.ABSENT}
    assert things(account).keys() == {"labels"}
    assert things(account.of_account(DEPOT)) == {}
    assert account.of_account(DEPOT).events.statements == {}


SMALLER = replace(PARCELS, machines=PARCELS.machines[:1], functions=PARCELS.functions[:1], consumers=())
GONE = {
    "function praiseParcel",
    "log group /aws/lambda/praiseParcel",
    "queue praiseParcelDeadLetters",
    "role praiseParcelRole-eu-west-1",
    "rule praiseParcelRule",
    "state machine PrintMachine",
    "role PrintMachineRole-eu-west-1",
    "role PrintRuleRole-eu-west-1",
    "rule PrintRule",
    "rule takeInForwardingRule",
    "role takeInForwardingRuleRole-eu-west-1",
    f"function takeIn in {DEPOT}",
    f"log group /aws/lambda/takeIn in {DEPOT}",
    f"queue takeInDeadLetters in {DEPOT}",
    f"role takeInRole-eu-west-1 in {DEPOT}",
    f"rule takeInRule in {DEPOT}",
    f"bus permission parcels-123456789012 in {DEPOT}",
}


def test_what_the_stack_no_longer_has_is_listed_and_stays_until_it_is_pruned(
    account: FakeAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    up(account)
    become(SMALLER, monkeypatch)
    assert to_be_removed(account) == GONE
    up(account)
    assert to_be_removed(account) == GONE
    removed = [change for change in up(account, prune=True) if change.action is Action.REMOVED]
    assert {f"{change.resource.kind} {change.resource.name}" for change in removed} == GONE
    assert to_be_removed(account) == set()
    assert not things(account.of_account(DEPOT))
    assert "weighParcel" in account.lambda_.things


def test_down_removes_what_another_branch_has_made(account: FakeAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    up(account)
    become(SMALLER, monkeypatch)
    down(account)
    assert not things(account)
    assert not things(account.of_account(DEPOT))
    assert not account.logs.policies


def test_what_is_somebody_elses_is_never_left_over(account: FakeAccount) -> None:
    up(account)
    account.sqs.create_queue(QueueName="theirs", Attributes={}, tags=OTHER)
    account.sqs.create_queue(QueueName="nobodys", Attributes={}, tags={})
    assert to_be_removed(account) == set()


def test_a_role_of_the_same_stack_in_another_region_is_not_left_over(account: FakeAccount) -> None:
    up(account)
    account.iam.things["weighParcelRole-us-east-1"] = account.iam.things["weighParcelRole-eu-west-1"]
    assert to_be_removed(account) == set()


def test_the_bucket_that_was_used_before_is_left_over(account: FakeAccount) -> None:
    up(account)
    account.bucket = "another"
    assert to_be_removed(account) == {"bucket eventdriven-test"}


def test_the_account_says_what_was_made_there_and_diff_when_that_is_something_else(
    account: FakeAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert read_stack(account.clients) is None
    up(account)
    assert read_stack(account.clients) == PARCELS
    become(replace(PARCELS, item_key="package", consumers=()), monkeypatch)
    assert read_stack(account.clients) == PARCELS
    (change,) = [change for change in deploy.diff(account.clients) if change.resource.kind == "description"]
    assert [difference.path for difference in change.differences] == [("consumers",), ("item_key",)]


def test_a_consumer_has_all_that_it_needs_in_its_own_account_and_nothing_else_there(account: FakeAccount) -> None:
    up(account)
    there = account.of_account(DEPOT)
    assert things(there).keys() == {
        *("takeIn", "takeInRule", "takeInDeadLetters", "takeInRole-eu-west-1", "/aws/lambda/takeIn")
    }
    bus = f"arn:aws:events:eu-west-1:{DEPOT}:event-bus/default"
    assert account.events.things["takeInForwardingRule"]["targets"]["target"] == {
        "Id": "target",
        "Arn": bus,
        "RoleArn": "arn:aws:iam::123456789012:role/takeInForwardingRuleRole-eu-west-1",
    }
    allowed = account.iam.things["takeInForwardingRuleRole-eu-west-1"]["policies"]["allowed"]["Statement"]
    assert allowed == [{"Effect": "Allow", "Action": ["events:PutEvents"], "Resource": bus}]
    assert there.events.things["takeInRule"]["EventPattern"] == (
        '{"source": ["parcels"], "detail-type": ["label"], "account": ["123456789012"]}'
    )
    assert there.lambda_.things["takeIn"]["asynchronous"]["DestinationConfig"]["OnFailure"]["Destination"] == (
        f"arn:aws:sqs:eu-west-1:{DEPOT}:takeInDeadLetters"
    )


def test_two_consumers_in_one_account_share_its_permission(
    account: FakeAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = ConsumerSpec(DEPOT, FunctionSpec("tests.stack_examples.parcels.handlers.praise_parcel", "label"))
    become(replace(PARCELS, functions=PARCELS.functions[:1], consumers=(*PARCELS.consumers, second)), monkeypatch)
    made = [change.resource.name for change in up(account)]
    assert made.count(f"bus permission parcels-{account.account} in {DEPOT}") == 0
    assert made.count(f"parcels-{account.account} in {DEPOT}") == 1


def test_a_machine_that_may_do_nothing_has_a_role_without_a_policy(account: FakeAccount) -> None:
    up(account)
    assert account.iam.things["PrintMachineRole-eu-west-1"]["policies"] == {}
    account.iam.things["PrintMachineRole-eu-west-1"]["policies"]["allowed"] = {"Statement": []}
    up(account)
    assert account.iam.things["PrintMachineRole-eu-west-1"]["policies"] == {}


def test_nothing_is_made_where_a_function_cannot_be_packed(
    account: FakeAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_given: object) -> None:
        raise BootstrapError("not Python")

    monkeypatch.setattr("bootstrap.resources.function.build_package", refuse)
    with pytest.raises(BootstrapError, match="not Python"):
        up(account)
    assert account.writes == []
