"""A sandbox for one run: start it, bootstrap it, follow a run to its report, and stop everything."""

import sys
from collections.abc import Sequence

from bootstrap.settings import SettingsError, load_settings
from emulator.server import Server, ServerError
from scripts.sandbox import EXIT_NOT_STARTED, FOLDER, bootstrap_in, console, emulator_options, load_meanwhile


def main(arguments: Sequence[str] | None = None) -> int:
    """Take start_run.py's arguments and return its exit status."""
    try:
        console().print("starting LocalStack ...")
        settings = load_settings()
        load_meanwhile("bootstrap.__main__")
        with Server(FOLDER, settings.port).running(emulator_options(settings)) as server:
            console().print(f"LocalStack answers on {server.endpoint_url}")
            status = bootstrap_in(server)

            from scripts.start_run import main as start_run

            return status or start_run(arguments)
    except (ServerError, SettingsError) as error:
        console().print(str(error), style="red", markup=False)
        return EXIT_NOT_STARTED


if __name__ == "__main__":
    sys.exit(main())
