"""The sandbox of a test run: the one that the settings name, or one that is started for it."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from bootstrap import deploy
from bootstrap.clients import Clients
from bootstrap.settings import Settings, load_settings
from emulator.options import options_of
from emulator.server import Server
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
