"""The settings: where they come from, what they default to, and how a bad one is refused."""

import inspect
import re
from dataclasses import replace
from pathlib import Path

import pytest

from bootstrap.settings import Settings, SettingsError, load_settings

PROJECT = Path(__file__).parents[3]
EXAMPLE = PROJECT / ".env.example"
NO_FILE = Path("/nonexistent/.env")

DEFAULTS = Settings(
    endpoint_url="http://127.0.0.1:4566",
    region="us-east-1",
    bucket=None,
    map_concurrency=2,
    port=4566,
    endpoint_is_default=True,
)
# Compose itself sets them.
OF_COMPOSE = {"COMPOSE_PROJECT_NAME", "PWD"}


def load(**environment: str) -> Settings:
    return load_settings(environment, NO_FILE)


def test_without_anything_the_defaults_hold() -> None:
    assert load() == DEFAULTS


def test_the_file_wins_over_the_defaults_and_the_environment_over_the_file(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text(
        "# what I like\nMAP_CONCURRENCY=10\nBUCKET='from-file'\nFOREIGN=1\nexport AWS_REGION=eu-west-1\n"
    )
    assert load_settings({"BUCKET": "from-environment"}, env_file) == replace(
        DEFAULTS, map_concurrency=10, bucket="from-environment", region="eu-west-1"
    )


def test_the_endpoint_follows_the_port() -> None:
    assert load(SANDBOX_PORT="4999").endpoint_url == "http://127.0.0.1:4999"


def test_an_endpoint_that_is_given_does_not_follow_the_port() -> None:
    settings = load(SANDBOX_PORT="4999", AWS_ENDPOINT_URL="http://10.0.0.1:4566/")
    assert (settings.endpoint_url, settings.port) == ("http://10.0.0.1:4566", 4999)
    assert not settings.endpoint_is_default


def test_an_endpoint_that_is_set_but_empty_is_aws_itself() -> None:
    assert load(AWS_ENDPOINT_URL="").endpoint_url is None


@pytest.mark.parametrize(
    "name",
    [
        "AWS_REGION",
        "BUCKET",
        "MAP_CONCURRENCY",
        "SANDBOX_PORT",
        "OBSERVATORY_PORT",
        "ALLOWED_ORIGINS",
        "LOG_LEVEL",
        "DEBUG_PORTS",
    ],
)
def test_any_other_setting_that_is_empty_has_its_default(name: str) -> None:
    assert load(**{name: ""}) == DEFAULTS


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("MAP_CONCURRENCY", value) for value in ("0", "1001", "-1", "2.5", "two", "1e2", "²", " 2")),
        *(("TOLERATED_FAILURES", value) for value in ("-1", "101", "0.1", "10%", "none")),
        *(("ASYNC_RETRIES", value) for value in ("-1", "3", "many")),
        *(("LOG_LEVEL", value) for value in ("loud", "verbose")),
        *(("SANDBOX_IAM", value) for value in ("on", "Enforce", "0")),
        *(("TASK_TIMEOUT_SECONDS", value) for value in ("0", "21601", "5m")),
        *(("SANDBOX_PORT", value) for value in ("0", "65536", "http", "-4566")),
        *(("OBSERVATORY_PORT", value) for value in ("0", "65536", "http", "4566")),
        *(("AWS_REGION", value) for value in ("mars", "us_east_1", "US-EAST-1", "us-east-1\n", "../etc")),
        *(
            ("BUCKET", value)
            for value in ("ab", "a" * 64, "Cookies", "a_b", "-ab", "a..b", "ab.", "192.168.5.4", "xn--a")
        ),
        *(("BUCKET", value) for value in ("sthree-a", "amzn-s3-demo-a", "a-s3alias", "a--ol-s3", "a.mrap", "a--x-s3")),
        *(("AWS_ENDPOINT_URL", value) for value in ("localhost:4566", "ftp://a", "http://", "http://a:b", "http://[")),
        *(("ALLOWED_ORIGINS", value) for value in ("*", "localhost:3000", "http://a/", "http://a b")),
        *(("ALLOWED_HOSTS", value) for value in ("http://a", "a:4566", "*", ".a", "a b")),
        *(("ALLOW_OTHER_USERS", value) for value in ("2", "yes")),
        *(("DEBUG_PORTS", value) for value in ("5678", "5678-", "0-5", "9-5", "1-65536", "a-b", "5-6-7")),
        *(("AWS_ENDPOINT_URL", value) for value in ("http://a:99999", "http://a:0", "127.0.0.1", " ")),
    ],
)
def test_a_bad_value_is_refused_in_one_line_that_names_it(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as raised:
        load(**{name: value})
    assert str(raised.value).startswith(f"{name} is {value!r}: give ")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MAP_CONCURRENCY", "1000"),
        ("SANDBOX_PORT", "65535"),
        ("AWS_REGION", "us-gov-west-1"),
        ("AWS_REGION", "ap-southeast-5"),
        ("BUCKET", "a.b-c.0"),
        ("BUCKET", "a" * 63),
        ("AWS_ENDPOINT_URL", "https://localstack.example:443"),
        ("AWS_ENDPOINT_URL", "http://[::1]:4566"),
        ("ALLOWED_ORIGINS", "http://localhost:3000,https://app.example"),
        ("ALLOWED_HOSTS", "sandbox.example,build_1"),
    ],
)
def test_a_good_value_is_taken(name: str, value: str) -> None:
    assert value in {str(taken) for taken in vars(load(**{name: value})).values()}


def test_ports_are_the_first_to_the_last() -> None:
    assert load(DEBUG_PORTS="6000-6002").debug_ports == range(6000, 6003)


def test_a_file_that_cannot_be_read_is_refused_in_one_line(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_bytes(b"BUCKET=\xff\xfe")
    with pytest.raises(SettingsError, match=re.escape(f"{env_file} cannot be read")):
        load_settings({}, env_file)


@pytest.mark.parametrize(
    ("endpoint", "is_local"),
    [
        ("http://127.0.0.1:4566", True),
        ("http://127.9.9.9:4566", True),
        ("http://[::1]:4566", True),
        ("http://localhost:4566", True),
        ("http://s3.localhost:4566", True),
        ("http://localhost.localstack.cloud:4566", True),
        ("http://localstack:4566", False),
        ("http://notlocalhost:4566", False),
        ("http://localhost.example.com", False),
        ("https://events.us-east-1.amazonaws.com", False),
        ("http://10.0.0.1:4566", False),
        ("", False),
    ],
)
def test_only_loopback_is_on_this_machine(endpoint: str, is_local: bool) -> None:
    assert load(AWS_ENDPOINT_URL=endpoint).is_local is is_local


def test_the_example_holds_the_defaults() -> None:
    assert load_settings({}, EXAMPLE) == DEFAULTS


def test_the_example_names_every_setting_of_the_bootstrap_and_of_compose() -> None:
    documented = set(re.findall(r"^(?:# )?([A-Z_]+)=", EXAMPLE.read_text(), re.MULTILINE))
    compose = set(re.findall(r"\$\{([A-Z_]+)", (PROJECT / "docker-compose.yml").read_text()))
    bootstrap = set(re.findall(r'"([A-Z_]+)"', inspect.getsource(load_settings)))
    assert documented == bootstrap | (compose - OF_COMPOSE)
