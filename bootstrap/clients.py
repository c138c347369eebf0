"""The clients of all services, made when they are first used.

They are botocore's, which boto3 only adds resources and transfers to: nothing here uses those.
"""

from functools import cache, cached_property
from threading import RLock
from typing import TYPE_CHECKING, Any

import botocore.session
from botocore.config import Config

from bootstrap.arns import Arns
from bootstrap.description import Stack
from bootstrap.loading import load_stack
from bootstrap.models import Models
from bootstrap.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_stepfunctions import SFNClient
    from mypy_boto3_sts import STSClient

CONNECT_TIMEOUT_SECONDS = 5
READ_TIMEOUT_SECONDS = 60
MAX_CONNECTIONS = 32
USER_AGENT = "eventdriven-sandbox"

SERVICES = ("events", "iam", "lambda", "logs", "s3", "sqs", "stepfunctions", "sts")
# To an emulator, any other access key id of 12 digits is the account of those.
EMULATOR_CREDENTIALS = {"access_key": "test", "secret_key": "test"}


class Clients:
    """How to reach every service, and whose account it is; may be shared by threads.

    Args:
        settings: Where the endpoint is.
        read_timeout_seconds: How long an answer may take; it is asked for three times.
        account: Whose account to speak to; the one of the user's own credentials, or of the emulator, if None.
    """

    def __init__(
        self,
        settings: Settings,
        read_timeout_seconds: float = READ_TIMEOUT_SECONDS,
        account: str | None = None,
    ) -> None:
        self.settings = settings
        self._read_timeout_seconds = read_timeout_seconds
        self._given_account = account
        self._others: dict[str, Clients] = {}
        self._lock = RLock()
        self._made: dict[str, Any] = {}

    @property
    def events(self) -> "EventBridgeClient":
        """EventBridge."""
        client: EventBridgeClient = self._client("events")
        return client

    @property
    def iam(self) -> "IAMClient":
        """IAM."""
        client: IAMClient = self._client("iam")
        return client

    @property
    def lambda_(self) -> "LambdaClient":
        """Lambda."""
        client: LambdaClient = self._client("lambda")
        return client

    @property
    def logs(self) -> "CloudWatchLogsClient":
        """CloudWatch Logs."""
        client: CloudWatchLogsClient = self._client("logs")
        return client

    @property
    def s3(self) -> "S3Client":
        """S3."""
        client: S3Client = self._client("s3")
        return client

    @property
    def sqs(self) -> "SQSClient":
        """SQS."""
        client: SQSClient = self._client("sqs")
        return client

    @property
    def states(self) -> "SFNClient":
        """Step Functions."""
        client: SFNClient = self._client("stepfunctions")
        return client

    @property
    def sts(self) -> "STSClient":
        """STS."""
        client: STSClient = self._client("sts")
        return client

    @cached_property
    def account(self) -> str:
        """The account's 12 digits; asks STS the first time, unless they were given."""
        return self._given_account or self.sts.get_caller_identity()["Account"]

    @property
    def arns(self) -> Arns:
        """The ARNs of this account and region."""
        return Arns(self.account, self.settings.region)

    @property
    def bucket(self) -> str:
        """The name of the bucket."""
        return self.settings.bucket or f"{self.stack.name}-{self.account}-{self.settings.region}"

    @property
    def stack(self) -> Stack:
        """The stack that the settings name.

        Raises:
            SettingsError: There is no such stack.
        """
        return load_stack(self.settings.stack)

    def of_account(self, account: str) -> "Clients":
        """The clients of another account.

        On AWS it is reached by the profile that is called like its 12 digits.

        Args:
            account: The 12 digits.
        """
        if account == self._given_account:
            return self
        with self._lock:
            return self._others.setdefault(account, Clients(self.settings, self._read_timeout_seconds, account))

    def _client(self, service: str) -> Any:  # noqa: ANN401 - a botocore client; each property says which
        with self._lock:
            if service not in self._made:
                made = self._session.create_client(
                    service, self.settings.region, endpoint_url=self.settings.endpoint_url, config=self._config
                )
                # Looked up now, because it makes the classes anew in each thread that looks at the same moment, and
                # `except` then sees another class than was raised.
                _ = made.exceptions
                self._made[service] = made
            return self._made[service]

    @cached_property
    def _session(self) -> botocore.session.Session:
        if not self.settings.is_local:
            return botocore.session.Session(profile=self._given_account)
        # An emulator gets neither the user's credentials nor the settings of a profile.
        session = botocore.session.Session(session_vars={"profile": (None, None, None, None)})
        access_key = self._given_account or EMULATOR_CREDENTIALS["access_key"]
        session.set_credentials(access_key, EMULATOR_CREDENTIALS["secret_key"])
        # Only here: credentials for AWS may come by way of other services.
        session.register_component("data_loader", _models())
        return session

    @property
    def _config(self) -> Config:
        return Config(  # type: ignore[call-arg]  # the stubs lack ignore_configured_endpoint_urls
            connect_timeout=CONNECT_TIMEOUT_SECONDS,
            read_timeout=self._read_timeout_seconds,
            retries={"mode": "standard"},
            # Its own is put together of thirty parts, twice for each request: a tenth of the work of an `up`.
            user_agent=USER_AGENT,
            max_pool_connections=MAX_CONNECTIONS,
            ignore_configured_endpoint_urls=True,
            # Never to this machine by way of a proxy.
            proxies={} if self.settings.is_local else None,
            s3={"addressing_style": "path"},
        )


@cache
def _models() -> Models:
    """Read once, however many accounts there are."""
    return Models(SERVICES)
