"""The clients of all services, made when they are first used.

They are botocore's, which boto3 only adds resources and transfers to: nothing here uses those.
"""

from functools import cached_property
from threading import RLock
from typing import TYPE_CHECKING, Any

import botocore.session
from botocore.config import Config

from bootstrap.arns import Arns
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
EMULATOR_CREDENTIALS = {"access_key": "test", "secret_key": "test"}


class Clients:
    """How to reach every service, and whose account it is; may be shared by threads.

    Args:
        settings: Where the endpoint is.
        read_timeout_seconds: How long an answer may take; it is asked for three times.
    """

    def __init__(self, settings: Settings, read_timeout_seconds: float = READ_TIMEOUT_SECONDS) -> None:
        self.settings = settings
        self._read_timeout_seconds = read_timeout_seconds
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
        """The account's 12 digits; asks STS the first time."""
        return self.sts.get_caller_identity()["Account"]

    @property
    def arns(self) -> Arns:
        """The ARNs of this account and region."""
        return Arns(self.account, self.settings.region)

    @property
    def bucket(self) -> str:
        """The name of the bucket."""
        return self.settings.bucket or f"eventdriven-sandbox-{self.account}-{self.settings.region}"

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
            return botocore.session.Session()
        # An emulator gets neither the user's credentials nor the settings of a profile.
        session = botocore.session.Session(session_vars={"profile": (None, None, None, None)})
        session.set_credentials(**EMULATOR_CREDENTIALS)
        # Only here: credentials for AWS may come by way of other services.
        session.register_component("data_loader", Models(SERVICES))
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
