"""Which checkout the sandbox belongs to that listens here: one of another checkout is not used by mistake."""

import json
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from bootstrap.settings import PROJECT, Settings, SettingsError

LOOPBACK = "127.0.0.1"
IDENTITY_PATH = "/_sandbox"
# As busy as the machine may be: one that is not heard of is taken for none.
ANSWER_TIMEOUT_SECONDS = 10.0
LONGEST_ANSWER_BYTES = 64 * 1024


class ForeignSandboxError(SettingsError):
    """The settings lead to the sandbox of another checkout; the message names it and says what to set."""


@dataclass(frozen=True)
class Sandbox:
    """What a sandbox on this machine says of itself.

    Args:
        checkout: The folder of the project that started it.
        pid: Its process, as it sees it itself.
        project: The compose project that it is a container of, if it is one.
    """

    checkout: Path
    pid: int
    project: str | None

    @property
    def is_ours(self) -> bool:
        """Whether it is of this checkout; compose may have been told of a folder in it."""
        return self.checkout.resolve().is_relative_to(PROJECT)

    def __str__(self) -> str:
        what = f"compose project {self.project}" if self.project else f"pid {self.pid}"
        return f"the sandbox of {self.checkout} ({what})"


def ask(port: int, timeout_seconds: float = ANSWER_TIMEOUT_SECONDS) -> Sandbox | None:
    """Ask what listens on a port of loopback; None unless it is a sandbox that knows its checkout.

    Args:
        port: Where to ask.
        timeout_seconds: How long to wait for it.
    """
    connection = HTTPConnection(LOOPBACK, port, timeout=timeout_seconds)
    try:
        connection.request("GET", IDENTITY_PATH)
        answer = connection.getresponse()
        return _read(answer.read(LONGEST_ANSWER_BYTES)) if answer.status == HTTPStatus.OK else None
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()


def _read(body: bytes) -> Sandbox | None:
    try:
        match json.loads(body):
            case {"checkout": str(checkout), "pid": int(pid), "project": str() | None as project} if checkout:
                return Sandbox(Path(checkout), pid, project)
    except ValueError:
        pass
    return None


def require_own_sandbox(settings: Settings) -> Settings:
    """Make sure that what the settings lead to by default is no sandbox of another checkout, and return them.

    Raises:
        ForeignSandboxError: It is; nobody has named it in `AWS_ENDPOINT_URL`.
    """
    if settings.endpoint_is_default and (found := ask(settings.port)) and not found.is_ours:
        url = settings.endpoint_url
        raise ForeignSandboxError(
            f"{url} is {found}: set SANDBOX_PORT to have one of your own, or AWS_ENDPOINT_URL={url} to use that one"
        )
    return settings
