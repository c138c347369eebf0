import pytest

from bootstrap import deploy
from bootstrap.errors import RefusedError
from bootstrap.packages import Package, PackageError
from bootstrap.watch import Redeployer
from tests.unit.bootstrap.fake_account import FakeAccount
from tests.unit.bootstrap.fake_lambda import digest


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
    """A system that is up, a redeployer that has had its first look, and what that has told since."""

    def __init__(self, account: FakeAccount, sources: Sources) -> None:
        self.account = account
        self.sources = sources
        self.told: list[str] = []
        deploy.up(account.clients, on_change=lambda _change: None)
        self.redeployer = Redeployer(account.clients, self.told.append)
        self.redeployer.redeploy()
        account.writes.clear()

    def save(self, **sources: str) -> None:
        """Save modules, and let that be noticed."""
        self.sources.of |= sources
        self.redeployer.redeploy()


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


def test_only_the_function_that_changed_is_redeployed(watched: Watched) -> None:
    watched.save(process_single="new")
    assert watched.account.writes == ["UpdateFunctionCode processSingle"]
    assert [line.partition(" in ")[0] for line in watched.told] == ["redeployed processSingle"]


def test_what_changed_before_the_watch_began_is_redeployed_first(account: FakeAccount, sources: Sources) -> None:
    deploy.up(account.clients, on_change=lambda _change: None)
    account.writes.clear()
    sources.of["side_effect"] = "new"
    Redeployer(account.clients, lambda _line: None).redeploy()
    assert account.writes == ["UpdateFunctionCode sideEffect"]


def test_an_error_in_a_shared_module_is_told_once_and_the_others_go_on(watched: Watched) -> None:
    watched.sources.broken = {"get_multiple", "post_process_all"}
    watched.save(process_single="new")
    assert watched.account.writes == ["UpdateFunctionCode processSingle"]
    assert [line for line in watched.told if "is not Python" in line] == [
        "shared.py, line 7, is not Python: invalid syntax"
    ]


def test_once_an_error_is_mended_its_function_is_redeployed(watched: Watched) -> None:
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


def test_functions_that_do_not_exist_are_not_made(account: FakeAccount) -> None:
    with pytest.raises(RefusedError, match="does not exist: run `python -m bootstrap up` first"):
        Redeployer(account.clients, lambda _line: None).check()
    assert account.writes == []
