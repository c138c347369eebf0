import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bootstrap import deploy
from bootstrap.loading import load_stack
from bootstrap.packages import Package, PackageError
from bootstrap.watch import Follower
from tests.unit.bootstrap.check.copies import Copy, make_copy
from tests.unit.bootstrap.fake_account import FakeAccount
from tests.unit.bootstrap.fake_lambda import digest

MACHINE = "orders_machine.asl.json"


@pytest.fixture(autouse=True)
def modules() -> Iterator[None]:
    """What was loaded before is there afterwards: a stack that is followed is loaded anew."""
    before = dict(sys.modules)
    yield
    sys.modules.update(before)
    load_stack.cache_clear()


class Sources:
    """What is packed for each module; without an entry it is the module's name."""

    def __init__(self) -> None:
        self.of: dict[str, str] = {}
        self.broken: set[str] = set()

    def build(self, path: str, *_packages: object) -> Package:
        module = path.rpartition(".")[2]
        if module in self.broken:
            raise PackageError("shared.py, line 7, is not Python: invalid syntax")
        content = self.of.get(module, module).encode()
        return Package(content, digest(content))


class Watched:
    """A system that is up, a follower that has had its first look, and what that has told since."""

    def __init__(self, account: FakeAccount, sources: Sources) -> None:
        self.account = account
        self.sources = sources
        self.told: list[str] = []
        deploy.up(account.clients, on_change=lambda _change: None)
        self.follower = Follower(account.clients, self.told.append)
        self.follower.bring_up()
        account.writes.clear()

    def save(self, **sources: str) -> None:
        """Save modules, and let that be noticed."""
        self.sources.of |= sources
        self.follower.follow()


@pytest.fixture
def sources(account: FakeAccount, monkeypatch: pytest.MonkeyPatch) -> Sources:
    del account  # whose packages these replace
    sources = Sources()
    monkeypatch.setattr("bootstrap.resources.function.build_package", sources.build)
    return sources


@pytest.fixture
def watched(account: FakeAccount, sources: Sources) -> Watched:
    return Watched(account, sources)


def test_what_is_up_to_date_is_neither_touched_nor_told(watched: Watched) -> None:
    watched.save()
    assert (watched.account.writes, watched.told) == ([], [])


def test_only_the_function_that_changed_is_brought_about(watched: Watched) -> None:
    watched.save(process_single="new")
    assert watched.account.writes == ["UpdateFunctionCode processSingle"]
    assert [line.partition(" in ")[0] for line in watched.told] == ["updated function processSingle"]


def test_what_changed_before_the_watch_began_is_brought_about_first(account: FakeAccount, sources: Sources) -> None:
    deploy.up(account.clients, on_change=lambda _change: None)
    account.writes.clear()
    sources.of["side_effect"] = "new"
    Follower(account.clients, lambda _line: None).bring_up()
    assert account.writes == ["UpdateFunctionCode sideEffect"]


def test_an_error_in_a_shared_module_is_told_once_and_the_others_go_on(watched: Watched) -> None:
    watched.sources.broken = {"get_multiple", "post_process_all"}
    watched.save(process_single="new")
    assert watched.account.writes == ["UpdateFunctionCode processSingle"]
    assert [line for line in watched.told if "is not Python" in line] == [
        "shared.py, line 7, is not Python: invalid syntax"
    ]


def test_once_an_error_is_mended_its_function_is_brought_about(watched: Watched) -> None:
    watched.sources.broken = {"get_multiple"}
    watched.save()
    watched.sources.broken = set()
    watched.save(get_multiple="new")
    assert watched.account.writes == ["UpdateFunctionCode getMultiple"]


def test_what_aws_refused_is_told_and_tried_again_the_next_time(watched: Watched) -> None:
    watched.account.refuse("UpdateFunctionCode", "TooManyRequests", "slow down")
    watched.save(process_single="new")
    assert watched.told == ["function processSingle: UpdateFunctionCode: TooManyRequests: slow down"]
    watched.save()
    assert watched.account.writes == ["UpdateFunctionCode processSingle"]


def test_what_does_not_exist_is_made(account: FakeAccount) -> None:
    Follower(account.clients, lambda _line: None).bring_up()
    assert "CreateFunction processSingle" in account.writes


@pytest.fixture
def copy(account: FakeAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Copy:
    """The orders, which the account's settings name."""
    copy = make_copy(tmp_path, monkeypatch)
    account.settings = replace(account.settings, stack=f"{copy.package}.stack")
    return copy


@pytest.fixture
def following(account: FakeAccount, copy: Copy, sources: Sources) -> Watched:
    del copy  # whose stack this is
    return Watched(account, sources)


def test_a_definition_is_followed(following: Watched, copy: Copy) -> None:
    copy.edit(MACHINE, '"TimeoutSeconds": 30', '"TimeoutSeconds": 31')
    following.save()
    arn = following.account.arns.machine("OrdersMachine")
    assert following.account.writes == [f"UpdateStateMachine {arn}"]
    assert [line.partition(" in ")[0] for line in following.told] == ["updated state machine OrdersMachine"]


def test_the_stack_is_followed_with_what_it_imports(following: Watched, copy: Copy) -> None:
    copy.edit("stack.py", "memory_megabytes=128", "memory_megabytes=192")
    copy.edit("detail_types.py", '"receiptSent"', '"receiptPosted"')
    following.save()
    assert "UpdateFunctionConfiguration pickItem" in following.account.writes
    assert sys.modules[f"{copy.package}.detail_types"].DetailType.RECEIPT_SENT == "receiptPosted"


def test_what_is_no_longer_in_the_stack_stays_and_is_told_once(following: Watched, copy: Copy) -> None:
    copy.edit("stack.py", '    queues=(QueueSpec("orderAudit", DetailType.ORDER_SHIPPED, retention_days=14),),\n', "")
    following.save()
    following.save()
    told = [line for line in following.told if "no longer wanted" in line]
    assert told == [
        f"{thing} is no longer wanted: `python -m bootstrap up --prune` removes it"
        for thing in ("queue orderAudit", "rule orderAuditRule")
    ]


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        ((MACHINE, '"DetailType": "pickItem"', '"DetailType": "pickItems"'), "no rule takes pickItems: did you mean"),
        ((MACHINE, '"Type": "Pass",', '"Type": "Pass"'), f"{MACHINE}:"),
        (("stack.py", "STACK = Stack(", "STACK = Stock("), "stack.py:"),
        (("detail_types.py", "RELEASE_STOCK", "RELEASE_STOCKS"), "RELEASE_STOCK"),
        (("handlers/pick_item.py", "@recorded", "@_recorded"), "the handler of pickItem is not recorded"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_brought_about_until_it_is_mended(
    following: Watched, copy: Copy, edit: tuple[str, str, str], said: str
) -> None:
    file, old, new = edit
    copy.edit("stack.py", "memory_megabytes=128", "memory_megabytes=192")
    copy.edit(file, old, new)
    following.save()
    assert following.account.writes == []
    assert any(said in line for line in following.told), following.told
    copy.edit(file, new, old)
    following.save()
    assert "UpdateFunctionConfiguration pickItem" in following.account.writes


def test_errors_may_be_passed_over(following: Watched, copy: Copy) -> None:
    forced = Follower(following.account.clients, following.told.append, force=True)
    forced.bring_up()
    copy.edit(MACHINE, '"DetailType": "pickItem"', '"DetailType": "pickItems"')
    forced.follow()
    arn = following.account.arns.machine("OrdersMachine")
    assert following.account.writes == [f"UpdateStateMachine {arn}"]
