"""The clients with which LocalStack's services call each other, where no call of Python will do."""

import functools
from datetime import UTC, datetime
from typing import Any

from botocore.useragent import UserAgentString
from localstack.aws.connect import InternalClientFactory


def keep_user_agents() -> None:
    """Build a client's User-Agent once: each call would, from thirty parts."""
    to_string = UserAgentString.to_string

    def remembered(self: UserAgentString) -> str:
        # A copy for another client takes this along, but has another configuration.
        config, user_agent = getattr(self, "remembered", (None, None))
        if user_agent is None or config is not self._client_config:
            user_agent = to_string(self)
            self.remembered = (self._client_config, user_agent)
        return user_agent

    UserAgentString.to_string = remembered


def sign_internal_calls_by_name_only() -> None:
    """Name the key that signs a call from one service to the next, and leave out the signature: nobody checks it."""
    get_client = InternalClientFactory._get_client_post_hook

    def with_plain_signer(self: InternalClientFactory, client: Any) -> Any:
        client._request_signer.sign = functools.partial(_name_signer, client)
        return get_client(self, client)

    InternalClientFactory._get_client_post_hook = with_plain_signer


def _name_signer(client: Any, _operation: str, request: Any, *_arguments: object, **_options: object) -> None:
    signer = client._request_signer
    credentials = signer._credentials.get_frozen_credentials()
    now = datetime.now(UTC)
    request.headers["X-Amz-Date"] = now.strftime("%Y%m%dT%H%M%SZ")
    if credentials.token:
        request.headers["X-Amz-Security-Token"] = credentials.token
    scope = f"{credentials.access_key}/{now:%Y%m%d}/{signer._region_name}/{signer._signing_name}/aws4_request"
    request.headers["Authorization"] = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=none"
