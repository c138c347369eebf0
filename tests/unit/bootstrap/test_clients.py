"""The clients: what they send to an emulator, and what to AWS. Making one opens no socket."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import SSOError

from bootstrap.clients import Clients
from bootstrap.settings import Settings

LOCAL = Settings(endpoint_url="http://localhost:4566", region="eu-west-1", bucket=None, map_concurrency=2, port=4566)
AWS = replace(LOCAL, endpoint_url=None)
SERVICES = ("events", "iam", "lambda_", "logs", "s3", "sqs", "states", "sts")

SIGNED_ON_ONCE = """
[default]
sso_start_url = https://nobody.awsapps.com/start
sso_region = eu-west-1
sso_account_id = 123456789012
sso_role_name = nobody
"""


@pytest.fixture(autouse=True)
def real_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that could harm."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAREALKEY")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "real-secret")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "real-token")


def signed_url(clients: Clients) -> str:
    return clients.s3.generate_presigned_url("get_object", Params={"Bucket": "cookies", "Key": "key"})


def config_of(clients: Clients) -> Any:
    return clients.s3.meta.config


def test_an_emulator_never_sees_the_users_credentials() -> None:
    url = signed_url(Clients(LOCAL))
    assert "AWSAccessKeyId=test&" in url or "Credential=test%2F" in url
    assert "real" not in url.lower()


def test_aws_gets_the_users_credentials() -> None:
    assert "AKIAREALKEY" in signed_url(Clients(AWS))


def test_credentials_for_aws_may_come_by_way_of_other_services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "config"
    config.write_text(SIGNED_ON_ONCE)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    with pytest.raises(SSOError):
        signed_url(Clients(AWS))


def test_a_profile_that_does_not_exist_does_not_matter_to_an_emulator(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    assert signed_url(Clients(LOCAL))


def test_a_proxy_is_not_used_for_an_emulator(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy:3128")
    assert config_of(Clients(LOCAL)).proxies == {}


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_is_at_the_endpoint(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://elsewhere:1")
    client = getattr(Clients(LOCAL), service)
    assert (client.meta.endpoint_url, client.meta.region_name) == ("http://localhost:4566", "eu-west-1")


@pytest.mark.parametrize("service", SERVICES)
def test_without_an_endpoint_every_service_is_at_aws(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://elsewhere:1")
    assert getattr(Clients(AWS), service).meta.endpoint_url.endswith(".amazonaws.com")


def test_a_bucket_is_in_the_path_for_its_name_as_a_host_may_not_resolve() -> None:
    assert signed_url(Clients(LOCAL)).startswith("http://localhost:4566/cookies/key?")


def test_waiting_is_bounded() -> None:
    config = config_of(Clients(LOCAL))
    assert (config.connect_timeout, config.read_timeout) == (5, 60)


def test_whoever_follows_a_run_may_be_less_patient() -> None:
    assert config_of(Clients(LOCAL, read_timeout_seconds=7)).read_timeout == 7


def test_threads_share_a_client_and_the_errors_it_raises() -> None:
    clients = Clients(LOCAL)
    with ThreadPoolExecutor(16) as pool:
        seen = list(pool.map(lambda _: (clients.iam, clients.iam.exceptions.NoSuchEntityException), range(64)))
    assert len(set(seen)) == 1


def test_the_bucket_is_named_after_account_and_region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Clients, "account", "123456789012")
    assert Clients(LOCAL).bucket == "eventdriven-sandbox-123456789012-eu-west-1"


def test_a_bucket_that_is_chosen_is_taken() -> None:
    assert Clients(replace(LOCAL, bucket="cookies")).bucket == "cookies"


def test_requests_name_this_project_as_who_sends_them() -> None:
    assert config_of(Clients(AWS)).user_agent.split()[0] == "eventdriven-sandbox"
