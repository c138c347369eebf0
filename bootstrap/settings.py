"""The settings: from the environment, over the file `.env` in the project folder, over defaults."""

import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values

from handlers.shared.levels import LEVELS, level_of

INSTALLED_IN = {"site-packages", "dist-packages"}
_FOLDER = Path(__file__).resolve().parents[1]
# Where this project was installed as a package, it works for the project that one is in.
PROJECT = Path.cwd() if _FOLDER.name in INSTALLED_IN else _FOLDER
ENV_FILE = PROJECT / ".env"

DEFAULT_STACK = "bootstrap.stack"
DEFAULT_REGION = "us-east-1"
DEFAULT_PORT = 4566
DEFAULT_OBSERVATORY_PORT = 8080
DEFAULT_DEBUG_PORTS = "5678-5687"
DEFAULT_MAP_CONCURRENCY = 2
MAX_MAP_CONCURRENCY = 1000
DEFAULT_TASK_TIMEOUT_SECONDS = 300
# The longest that Lambda keeps an event whose function is throttled or fails; a task waits for no longer.
MAX_TASK_TIMEOUT_SECONDS = 21600
DEFAULT_TOLERATED_FAILURES = 0
DEFAULT_ASYNC_RETRIES = 2
MAX_ASYNC_RETRIES = 2
MAX_PORT = 65535
PERMISSIONS = ("enforce", "off")

PORTS = re.compile(r"(?P<first>\d{1,5})-(?P<last>\d{1,5})", re.ASCII)
REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d{1,2}")
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
BUCKET = re.compile(r"(?!xn--|sthree-|amzn-s3-demo-|\d+\.\d+\.\d+\.\d+$)(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
RESERVED_BUCKET_ENDINGS = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")

ORIGIN = re.compile(r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::\d{1,5})?", re.IGNORECASE)
HOST_NAME = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*", re.IGNORECASE)

LOOPBACK_DOMAINS = (".localhost", ".localhost.localstack.cloud")


class SettingsError(Exception):
    """A setting has a value that cannot be used; the message names it, its value and what is allowed."""


@dataclass(frozen=True)
class Settings:
    """Where the system is, and what can be chosen about it.

    Args:
        endpoint_url: Where AWS, or what stands in for it, listens; None is AWS itself.
        region: The AWS region.
        bucket: The bucket's name; None takes a name that derives from stack, account and region.
        map_concurrency: How many items of a Map are at work at the same time, where a definition asks for it.
        port: Where a sandbox on this machine listens.
        tolerated_failures: What share of a Map's items, in percent, may fail in a run that succeeds, where a
            definition asks for it.
        async_retries: How often Lambda invokes a function again that failed.
        task_timeout_seconds: How long a state waits until an event closes its task, where a definition asks for it.
        patches: Whether a sandbox on this machine mends LocalStack's slow paths.
        permissions: Whether it holds every call against the policies: `enforce` or `off`.
        observatory_port: Where the web application listens.
        endpoint_is_default: Whether the endpoint follows from `port`, since nobody has named one.
        stack: The module that describes the system.
        allowed_origins: Whose web pages may use a sandbox on this machine, separated by commas.
        allowed_hosts: What else such a sandbox is called, separated by commas.
        allow_other_users: Whether every user of this machine may use a sandbox without Docker.
        log_level: From which level on functions log whose rows do not say; None leaves it to them.
        debug_ports: Where functions take debuggers, a port for each that is to.
    """

    endpoint_url: str | None
    region: str
    bucket: str | None
    map_concurrency: int
    port: int
    tolerated_failures: int = DEFAULT_TOLERATED_FAILURES
    async_retries: int = DEFAULT_ASYNC_RETRIES
    task_timeout_seconds: int = DEFAULT_TASK_TIMEOUT_SECONDS
    patches: bool = True
    permissions: str = PERMISSIONS[0]
    observatory_port: int = DEFAULT_OBSERVATORY_PORT
    endpoint_is_default: bool = False
    stack: str = DEFAULT_STACK
    allowed_origins: str = ""
    allowed_hosts: str = ""
    allow_other_users: bool = False
    log_level: str | None = None
    debug_ports: range = range(5678, 5688)

    @property
    def is_local(self) -> bool:
        """Whether the endpoint is on this machine, so that it cannot be AWS."""
        return self.endpoint_url is not None and _is_loopback(urlsplit(self.endpoint_url).hostname or "")


def load_settings(environment: Mapping[str, str] = os.environ, env_file: Path = ENV_FILE) -> Settings:
    """Read the settings.

    Args:
        environment: Variables that win over the file.
        env_file: A file of lines `NAME=value`; it may be absent.

    Raises:
        SettingsError: A value, or the file, cannot be used.
    """
    values = given_values(environment, env_file)
    port = _number(values, "SANDBOX_PORT", DEFAULT_PORT, MAX_PORT)
    return Settings(
        endpoint_url=_endpoint_url(values.get("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")),
        region=_region(values.get("AWS_REGION") or DEFAULT_REGION),
        bucket=_bucket(values.get("BUCKET") or None),
        map_concurrency=_number(values, "MAP_CONCURRENCY", DEFAULT_MAP_CONCURRENCY, MAX_MAP_CONCURRENCY),
        port=port,
        tolerated_failures=_number(values, "TOLERATED_FAILURES", DEFAULT_TOLERATED_FAILURES, 100, minimum=0),
        async_retries=_number(values, "ASYNC_RETRIES", DEFAULT_ASYNC_RETRIES, MAX_ASYNC_RETRIES, minimum=0),
        task_timeout_seconds=_number(
            values, "TASK_TIMEOUT_SECONDS", DEFAULT_TASK_TIMEOUT_SECONDS, MAX_TASK_TIMEOUT_SECONDS
        ),
        patches=bool(_number(values, "SANDBOX_PATCHES", 1, 1, minimum=0)),
        permissions=_one_of(values, "SANDBOX_IAM", PERMISSIONS),
        observatory_port=_other_port(values, port),
        endpoint_is_default="AWS_ENDPOINT_URL" not in values,
        stack=_module(values.get("STACK") or DEFAULT_STACK),
        allowed_origins=_list(values, "ALLOWED_ORIGINS", ORIGIN, "origins such as http://localhost:3000"),
        allowed_hosts=_list(values, "ALLOWED_HOSTS", HOST_NAME, "host names such as sandbox.example, without ports"),
        allow_other_users=bool(_number(values, "ALLOW_OTHER_USERS", 0, 1, minimum=0)),
        log_level=_level(values.get("LOG_LEVEL", "")),
        debug_ports=_ports(values.get("DEBUG_PORTS") or DEFAULT_DEBUG_PORTS),
    )


def given_values(environment: Mapping[str, str] = os.environ, env_file: Path = ENV_FILE) -> dict[str, str]:
    """What is given for settings, and all else that is in the environment.

    Args:
        environment: Variables that win over the file.
        env_file: A file of lines `NAME=value`; it may be absent.

    Raises:
        SettingsError: The file cannot be read.
    """
    try:
        return {name: value or "" for name, value in dotenv_values(env_file).items()} | dict(environment)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{env_file} cannot be read: {error}") from error


def _number(values: Mapping[str, str], name: str, default: int, maximum: int, *, minimum: int = 1) -> int:
    text = values.get(name) or str(default)
    if not (text.isascii() and text.isdecimal() and minimum <= int(text) <= maximum):
        raise SettingsError(f"{name} is {text!r}: give a whole number from {minimum} to {maximum}")
    return int(text)


def _list(values: Mapping[str, str], name: str, pattern: re.Pattern[str], what: str) -> str:
    text = values.get(name, "")
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not all(pattern.fullmatch(part) for part in parts):
        raise SettingsError(f"{name} is {text!r}: give {what}, separated by commas")
    return ",".join(parts)


def _one_of(values: Mapping[str, str], name: str, allowed: tuple[str, ...]) -> str:
    """One of a few words, the first of which is the default."""
    word = values.get(name) or allowed[0]
    if word not in allowed:
        raise SettingsError(f"{name} is {word!r}: give {' or '.join(allowed)}")
    return word


def _other_port(values: Mapping[str, str], taken: int) -> int:
    port = _number(values, "OBSERVATORY_PORT", DEFAULT_OBSERVATORY_PORT, MAX_PORT)
    if port == taken:
        raise SettingsError(f"OBSERVATORY_PORT is '{port}': give another port than SANDBOX_PORT has")
    return port


def _endpoint_url(text: str) -> str | None:
    if not text:
        return None
    try:
        parts = urlsplit(text)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise SettingsError(
            f"AWS_ENDPOINT_URL is {text!r}: give a URL such as http://127.0.0.1:{DEFAULT_PORT}, or nothing to use AWS"
        )
    return text.rstrip("/")


def _region(text: str) -> str:
    if not REGION.fullmatch(text):
        raise SettingsError(f"AWS_REGION is {text!r}: give the name of an AWS region, such as {DEFAULT_REGION}")
    return text


def _module(name: str) -> str:
    if not all(part.isidentifier() for part in name.split(".")):
        raise SettingsError(f"STACK is {name!r}: give the dotted name of a module, such as {DEFAULT_STACK}")
    return name


def _level(text: str) -> str | None:
    level = level_of(text)
    if text and level is None:
        raise SettingsError(f"LOG_LEVEL is {text!r}: give one of {', '.join(LEVELS)}, or nothing")
    return level


def _ports(text: str) -> range:
    found = PORTS.fullmatch(text)
    first, last = (int(found["first"]), int(found["last"])) if found else (0, 0)
    if not 1 <= first <= last <= MAX_PORT:
        raise SettingsError(f"DEBUG_PORTS is {text!r}: give the first and the last, such as {DEFAULT_DEBUG_PORTS}")
    return range(first, last + 1)


def _bucket(name: str | None) -> str | None:
    if name and (not BUCKET.fullmatch(name) or name.endswith(RESERVED_BUCKET_ENDINGS)):
        raise SettingsError(
            f"BUCKET is {name!r}: give a name that S3 allows, 3 to 63 lower-case letters, digits, dots and hyphens"
        )
    return name


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return f".{host}".endswith(LOOPBACK_DOMAINS)
