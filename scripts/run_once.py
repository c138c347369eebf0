"""A run in a sandbox of its own: start it, bootstrap it, follow the run to its report, and stop everything.

Where a sandbox of this checkout runs already, the run is in that one, which goes on.
"""

import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from bootstrap.settings import SettingsError, load_settings
from emulator.options import options_of
from emulator.ports import ServerError
from emulator.processes import alone
from emulator.server import Server, require_linux
from scripts import sandbox
from scripts.sandbox import EXIT_INTERRUPTED, EXIT_NOT_STARTED, bootstrap_in, load_meanwhile, say


def main(arguments: Sequence[str] | None = None) -> int:
    """Take start_run.py's arguments and return its exit status."""
    try:
        with running_server() as server:
            status = bootstrap_in(server)

            from scripts.start_run import main as start_run

            return status or start_run(arguments)
    except (ServerError, SettingsError) as error:
        sandbox.console().print(str(error), style="red", markup=False)
        return EXIT_NOT_STARTED
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED


@contextmanager
def running_server() -> Iterator[Server]:
    """The sandbox of this checkout that runs, or one that is started, and stopped in the end."""
    require_linux()
    settings = load_settings()
    sandbox.wait_for_another_run()
    with ExitStack() as stack:
        with alone(sandbox.FOLDER, say):
            server = sandbox.find_lasting_server()
            if server:
                say(f"the sandbox on {server.endpoint_url} runs already: the run is in it, and it goes on")
            else:
                say("starting LocalStack ...")
                load_meanwhile("bootstrap.__main__")
                new = Server(sandbox.FOLDER, settings.port)
                server = stack.enter_context(new.running(options_of(settings)))
                say(f"LocalStack answers on {server.endpoint_url}")
        yield server


def end_in_order(number: int, _frame: object) -> None:
    """Stop what was started, and end with the status of a process that was ended by the signal."""
    sys.exit(128 + number)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, end_in_order)
    sys.exit(main())
