"""An AWS account in memory: what the bootstrap calls, as strict as AWS about what must exist first, or be gone."""

from typing import cast

from bootstrap.arns import Arns
from bootstrap.clients import Clients
from bootstrap.description import Stack
from bootstrap.loading import load_stack
from bootstrap.settings import Settings
from tests.unit.bootstrap.fake_lambda import FakeIam, FakeLambda
from tests.unit.bootstrap.fake_service import client_error
from tests.unit.bootstrap.fake_storage import FakeLogs, FakeS3, FakeSqs
from tests.unit.bootstrap.fake_workflow import FakeEvents, FakeStates

ACCOUNT = "123456789012"
SETTINGS = Settings(endpoint_url=None, region="eu-west-1", bucket=None, map_concurrency=2, port=4566)


class FakeAccount:
    """Stands in for `Clients`.

    Args:
        settings: Where the account is, and which stack is meant.
        account: Its 12 digits.
    """

    def __init__(self, settings: Settings = SETTINGS, account: str = ACCOUNT) -> None:
        self.settings = settings
        self.account = account
        self.arns = Arns(account, settings.region)
        self.bucket = settings.bucket or "eventdriven-test"
        self.writes: list[str] = []
        self.refusals: dict[str, list[Exception]] = {}
        self.repeated: dict[str, list[Exception]] = {}
        self.others: dict[str, FakeAccount] = {}
        self.iam = FakeIam(self)
        self.lambda_ = FakeLambda(self)
        self.logs = FakeLogs(self)
        self.s3 = FakeS3(self)
        self.sqs = FakeSqs(self)
        self.events = FakeEvents(self)
        self.states = FakeStates(self)

    @property
    def clients(self) -> Clients:
        """Itself, as what the code under test takes."""
        return cast(Clients, self)

    @property
    def stack(self) -> Stack:
        """The stack that the settings name."""
        return load_stack(self.settings.stack)

    def of_account(self, account: str) -> "FakeAccount":
        """Another account, which is empty at first."""
        return self.others.setdefault(account, FakeAccount(self.settings, account))

    def refuse(self, operation: str, code: str, message: str, times: int = 1) -> None:
        """Let the next calls of an operation fail."""
        self.refusals[operation] = [client_error(code, operation, message)] * times

    def repeat(self, operation: str, code: str) -> None:
        """Let the next call of an operation be done, and its answer be the one to doing it once more."""
        self.repeated[operation] = [client_error(code, operation)]

    def done(self, operation: str) -> None:
        """Answer a call that has changed something."""
        if self.repeated.get(operation):
            raise self.repeated[operation].pop()

    def write(self, operation: str, name: str) -> None:
        """Note a call that changes something, unless it is to fail."""
        if self.refusals.get(operation):
            raise self.refusals[operation].pop()
        self.writes.append(f"{operation} {name}")
