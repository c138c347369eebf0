"""The sandbox of a test run: the one that the settings name, or one that is started for it."""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from bootstrap import deploy
from bootstrap.clients import Clients
from bootstrap.errors import BootstrapError
from bootstrap.settings import Settings, load_settings
from emulator.options import options_of
from emulator.server import Server
from observatory.errors import RunError
from observatory.saved.asking import ask
from observatory.saved.errors import SavedFileError
from observatory.saved.file import write
from testkit.ports import free_port


def is_for_tests() -> bool:
    """Whether nobody has named an endpoint, so that the sandbox is the tests' own."""
    return load_settings().endpoint_is_default


@contextmanager
def running_sandbox(folder: Path) -> Iterator[Clients]:
    """A bootstrapped account, in a sandbox that is started for it unless the settings name an endpoint.

    Args:
        folder: What a sandbox that is started writes there: its log and its files.

    Raises:
        SettingsError: The settings, or the stack that they name, cannot be used.
        ServerError: The sandbox does not start, or this is not Linux.
        BootstrapError: Something of the stack could not be made.
    """
    settings = load_settings()
    with ExitStack() as stack:
        if settings.endpoint_is_default:
            server = stack.enter_context(running_server(folder, settings))
            settings = replace(settings, endpoint_url=server.endpoint_url)
        clients = Clients(settings)
        deploy.up(clients, on_change=lambda _change: None)
        yield clients


@contextmanager
def running_server(folder: Path, settings: Settings) -> Iterator[Server]:
    """A sandbox on a port of its own, with nothing in it, which ends with this process at the latest."""
    with Server(folder, free_port()).running(options_of(settings)) as server:
        yield server


def save(clients: Clients, folder: Path, test: str) -> str:
    """Keep the sandbox of a test as a file, and say where that is, or why there is none.

    Args:
        clients: How to reach the sandbox.
        folder: Where; made if need be.
        test: The test's name, which becomes the file's.
    """
    file = folder / f"{re.sub(r'[^A-Za-z0-9_.-]+', '-', test).strip('-')}.zip"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write(ask(clients), file)
    except (BootstrapError, RunError, SavedFileError, OSError) as error:
        return f"the sandbox was not saved: {error}"
    return f"the sandbox is saved: {file}"
