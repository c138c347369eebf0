"""The sandbox without Docker, in the background: start it with everything bootstrapped, look at it, stop it."""

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from rich.console import Console

from bootstrap.__main__ import main as bootstrap
from bootstrap.settings import Settings, SettingsError, load_settings
from emulator.server import Server, ServerError

FOLDER = Path(__file__).resolve().parent.parent / ".sandbox"

EXIT_NOT_RUNNING = 1
EXIT_NOT_STARTED = 2  # as in scripts/start_run.py

console = Console(stderr=True, highlight=False, soft_wrap=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks for, and return the exit status."""
    parser = argparse.ArgumentParser(prog="sandbox.py", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="up | down | status")
    commands.add_parser("up", help="start it, or bring one that runs up to date").set_defaults(do=up)
    commands.add_parser("down", help="stop it; all it holds is gone").set_defaults(do=down)
    commands.add_parser("status", help="say whether it runs, and where").set_defaults(do=status)
    options = parser.parse_args(arguments)
    try:
        result: int = options.do()
    except (ServerError, SettingsError) as error:
        console.print(str(error), style="red", markup=False)
        return EXIT_NOT_STARTED
    return result


def up() -> int:
    """Start LocalStack in the background, unless it runs, and bootstrap it."""
    server = Server.find(FOLDER)
    if server is None:
        settings = load_settings()
        server = Server(FOLDER, settings.port)
        with console.status("starting LocalStack"):
            server.start(with_parent=False, options=emulator_options(settings))
        console.print(f"LocalStack answers on {server.endpoint_url}, log {server.log}")
    return bootstrap_in(server)


def down() -> int:
    """Stop LocalStack."""
    server = Server.find(FOLDER)
    if server is None:
        console.print("the sandbox does not run")
        return 0
    server.stop()
    console.print(f"the sandbox on {server.endpoint_url} is stopped")
    return 0


def status() -> int:
    """Say whether LocalStack runs, and where."""
    server = Server.find(FOLDER)
    process = server.process() if server else None
    if server is None or process is None:
        print("the sandbox does not run: start it with `python scripts/sandbox.py up`")  # noqa: T201  # the result
        return EXIT_NOT_RUNNING
    since = datetime.fromtimestamp(process.create_time()).astimezone()
    state = "answers" if server.is_ready() else "does not answer"
    print(f"{server.endpoint_url} {state}, process {process.pid} since {since:%Y-%m-%d %H:%M:%S}, log {server.log}")  # noqa: T201
    return 0


def emulator_options(settings: Settings) -> dict[str, str]:
    """What the settings say about LocalStack itself."""
    return {"SANDBOX_PATCHES": str(int(settings.patches))}


def bootstrap_in(server: Server) -> int:
    """Bring the account in *server* up to date, wherever the settings point to, and return the exit status."""
    os.environ["AWS_ENDPOINT_URL"] = server.endpoint_url
    return bootstrap(["up"])


if __name__ == "__main__":
    sys.exit(main())
