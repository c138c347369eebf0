"""A sandbox without Docker in which runs meet the faults of their seeds."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bootstrap import deploy
from bootstrap.clients import Clients
from bootstrap.settings import load_settings
from emulator.options import options_of
from emulator.server import Server

PROJECT_FOLDER = Path(__file__).parents[2]
ENTRY_POINT = "[localstack.hooks.on_infra_start]\nchaos = tests.chaos.plugin:install\n"
METADATA = "Metadata-Version: 2.1\nName: sandbox-chaos\nVersion: 1\n"

# A dropped event costs a run this much; on a busy machine, a state that meets no fault must need less.
TASK_TIMEOUT_SECONDS = 30
# Soon after the last run, no environment is left.
KEEP_ALIVE_SECONDS = 5


@dataclass(frozen=True)
class ChaosSandbox:
    """A bootstrapped LocalStack with the plugin in it."""

    server: Server
    clients: Clients
    temporary_folder: Path


@contextmanager
def running_chaos_sandbox(folder: Path, port: int) -> Iterator[ChaosSandbox]:
    """Start it, bootstrap it, and stop it in the end.

    Args:
        folder: For all that it writes.
        port: Where it listens.
    """
    options = {
        **options_of(load_settings({})),
        "PYTHONPATH": f"{write_plugin(folder / 'plugin')}:{PROJECT_FOLDER}",
        "LAMBDA_KEEPALIVE_MS": str(KEEP_ALIVE_SECONDS * 1000),
    }
    with Server(folder, port).running(options) as server:
        variables = {"AWS_ENDPOINT_URL": server.endpoint_url, "TASK_TIMEOUT_SECONDS": str(TASK_TIMEOUT_SECONDS)}
        clients = Clients(load_settings(variables))
        deploy.up(clients, on_change=lambda _change: None)
        yield ChaosSandbox(server, clients, folder / "files")


def write_plugin(folder: Path) -> Path:
    """Write what makes LocalStack load the plugin, as if it were installed, and return the folder for its path."""
    installed = folder / "sandbox_chaos-1.dist-info"
    installed.mkdir(parents=True, exist_ok=True)
    (installed / "METADATA").write_text(METADATA)
    (installed / "entry_points.txt").write_text(ENTRY_POINT)
    return folder
