"""The sandbox without Docker, in the background: start it with everything bootstrapped, look at it, stop it."""

import argparse
import importlib
import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from bootstrap.checkout import ask
from bootstrap.settings import DEFAULT_OBSERVATORY_PORT, PROJECT, Settings, SettingsError, load_settings
from emulator.debugging.asking import debuggers
from emulator.options import debug_options, options_of
from emulator.ports import HOST, ServerError, require_free_port
from emulator.processes import alone
from emulator.server import Server, require_linux
from scripts.viewer import Viewer

if TYPE_CHECKING:
    from rich.console import Console

    from observatory.saved.file import Saved

ISOLATION = "emulator.environments.isolation"
FOLDER = PROJECT / ".sandbox"

EXIT_NOT_RUNNING = 1
EXIT_NOT_STARTED = 2  # as in scripts/start_run.py
EXIT_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks for, and return the exit status."""
    parser = argparse.ArgumentParser(prog="sandbox.py", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="up | down | status | save")
    up_parser = commands.add_parser("up", help="start it, or bring one that runs up to date")
    up_parser.add_argument(
        "--debug",
        nargs="+",
        default=[],
        metavar="FUNCTION",
        help="let debuggers attach to these functions; `all` is all",
    )
    up_parser.add_argument("--from", metavar="FILE", type=Path, dest="file", help="with all that was saved in FILE")
    up_parser.set_defaults(do=lambda options: up(options.debug, options.file))
    commands.add_parser("down", help="stop it; all it holds is gone").set_defaults(do=lambda _options: down())
    commands.add_parser("status", help="say whether it runs, and where").set_defaults(do=lambda _options: status())
    save_parser = commands.add_parser("save", help="write its runs, events, objects and functions into a file")
    save_parser.add_argument("file", metavar="FILE", type=Path)
    save_parser.set_defaults(do=lambda options: save(options.file))
    options = parser.parse_args(arguments)
    try:
        result: int = options.do(options)
    except (ServerError, SettingsError) as error:
        console().print(str(error), style="red", markup=False)
        return EXIT_NOT_STARTED
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    return result


def up(debug: Sequence[str] = (), file: Path | None = None) -> int:
    """Start LocalStack and the observatory in the background, unless they run, and bootstrap the account.

    Args:
        debug: The functions that are to take a debugger.
        file: A sandbox that was saved; what was in it is to be in this one, which must not run yet.
    """
    require_linux()
    settings = load_settings()
    ports = ports_of(debug, settings) if debug else {}
    saved = read_saved(file, settings) if file else None
    wait_for_another_run()
    with alone(FOLDER, say):
        viewer = Viewer(FOLDER, settings.observatory_port)
        viewer.require_port()
        server = find_lasting_server()
        if server and saved:
            raise ServerError("the sandbox runs, and holds runs of its own: `python scripts/sandbox.py down` ends it")
        if server and debug:
            require_debuggers(server, ports)
        server = server or start_server(settings, viewer, ports)
        viewer.start(server.endpoint_url)
        status = bootstrap_in(server) or (restore_in(server, saved) if saved else 0)
        viewer.wait_until_ready()
    console().print(f"look at the runs on {viewer.url}")
    for function, port in ports.items():
        say(f"attach a debugger to {function} on {HOST}:{port}")
    return status


def ports_of(functions: Sequence[str], settings: Settings) -> dict[str, int]:
    """The port of each function that is to take a debugger; `all` are those of the stack.

    Raises:
        SettingsError: There is no such function, or no such stack, or there are too few ports.
    """
    # Not above: who debugs nothing need not wait for it.
    from bootstrap.loading import load_stack
    from emulator.debugging.setting import debug_ports

    return debug_ports(functions, load_stack(settings.stack), settings.debug_ports)


def require_debuggers(server: Server, ports: Mapping[str, int]) -> None:
    """Make sure that the functions of a sandbox that runs take debuggers.

    Raises:
        ServerError: They do not, or on other ports.
    """
    if {debugged.function: debugged.port for debugged in debuggers(server.port)} != ports:
        raise ServerError(
            f"the sandbox on {server.endpoint_url} was started without --debug {' '.join(ports)}:"
            " stop it with `python scripts/sandbox.py down`, then start it with that"
        )


def read_saved(file: Path, settings: Settings) -> "Saved":
    """Read a file before anything is started for it."""
    # Not above: few commands need what reads all of a sandbox.
    from scripts import saving

    return saving.read_saved(file, settings)


def restore_in(server: Server, saved: "Saved") -> int:
    """Put what was saved into a sandbox, and return the exit status."""
    from scripts import saving

    say(saving.restore_in(server.endpoint_url, saved))
    return 0


def save(file: Path) -> int:
    """Write what the sandbox holds into a file, also that of compose; it goes on."""
    from scripts import saving

    with console().status("reading the sandbox"):
        said = saving.save(file)
    say(said)
    return 0


def start_server(settings: Settings, viewer: Viewer, ports: Mapping[str, int]) -> Server:
    """Start LocalStack; the observatory, which takes a second to load, at the same time."""
    server = Server(FOLDER, settings.port)
    for port in ports.values():
        require_free_port(port, "DEBUG_PORTS")
    process = server.launch(with_parent=False, options=options_of(settings) | debug_options(ports))
    viewer.start(server.endpoint_url)
    asked = subprocess.Popen([sys.executable, "-m", ISOLATION], cwd=FOLDER.parent, stdout=subprocess.PIPE, text=True)
    load_meanwhile("bootstrap.__main__")
    try:
        with console().status("starting LocalStack"):
            server.wait_until_ready(process)
    except ServerError:
        viewer.stop()
        raise
    say(f"LocalStack answers on {server.endpoint_url}, log {server.log}")
    if told := asked.communicate()[0].strip():
        say(told)
    return server


def wait_for_another_run() -> None:
    """Wait until a run that has a sandbox of its own, `make run`, has ended and taken that along."""
    server = Server.find(FOLDER)
    if server and (run := server.parent()):
        say(f"waiting for `make run` (pid {run.pid}), which has the sandbox on {server.endpoint_url} until it ends")
        run.wait()


def find_lasting_server() -> Server | None:
    """The LocalStack that runs and goes on; one that is about to end, or hangs, is ended.

    Raises:
        ServerError: It is that of a run, and ends with it.
    """
    server = Server.find(FOLDER)
    if server is None:
        return None
    if run := server.parent():
        raise ServerError(f"`make run` (pid {run.pid}) has the sandbox on {server.endpoint_url}: wait until it ends")
    if server.is_ending():
        server.stop()
        return None
    return server


def down() -> int:
    """Stop LocalStack and the observatory."""
    require_linux()
    with alone(FOLDER, say):
        Viewer(FOLDER, DEFAULT_OBSERVATORY_PORT).stop()
        server = Server.find(FOLDER)
        if server is None:
            say("the sandbox does not run")
            return 0
        server.stop()
    say(f"the sandbox on {server.endpoint_url} is stopped")
    return 0


def status() -> int:
    """Say whether LocalStack and the observatory run, and where."""
    server, viewer = Server.find(FOLDER), Viewer(FOLDER, DEFAULT_OBSERVATORY_PORT)
    process, viewing = server.process() if server else None, viewer.process()
    if server and process:
        print(describe(server.endpoint_url, process, server.log, answers=server.is_ready()))  # noqa: T201  # the result
        for debugged in debuggers(server.port):
            print(debugged)  # noqa: T201
    else:
        print(f"the sandbox of {PROJECT} does not run: start it with `python scripts/sandbox.py up`")  # noqa: T201
        if other := ask(port := load_settings().port):
            print(f"http://{HOST}:{port} is {other}")  # noqa: T201
    if viewing:
        print(describe(viewer.url, viewing, viewer.log, answers=viewer.is_ready()))  # noqa: T201
    else:
        print("the observatory does not run: `python scripts/sandbox.py up` starts it, too")  # noqa: T201
    return 0 if process else EXIT_NOT_RUNNING


@cache
def console() -> "Console":
    """Where to say what is done."""
    # Not above: half of what this command imports, for which LocalStack need not wait.
    from rich.console import Console

    return Console(stderr=True, highlight=False, soft_wrap=True)


def say(what: str) -> None:
    """Say what is done."""
    console().print(what, markup=False)


def describe(url: str, process: psutil.Process, log: Path, *, answers: bool) -> str:
    """Say how a process is."""
    since = datetime.fromtimestamp(process.create_time()).astimezone()
    state = "answers" if answers else "does not answer"
    return f"{url} {state}, pid {process.pid} of {PROJECT} since {since:%Y-%m-%d %H:%M:%S}, log {log}"


def load_meanwhile(module: str) -> None:
    """Import what needs boto3, nearly a second's work, while LocalStack starts on another core."""
    threading.Thread(target=importlib.import_module, args=(module,), daemon=True).start()


def bootstrap_in(server: Server) -> int:
    """Bring the account in *server* up to date, wherever the settings point to, and return the exit status."""
    from bootstrap.__main__ import main as bootstrap

    os.environ["AWS_ENDPOINT_URL"] = server.endpoint_url
    return bootstrap(["up"])


if __name__ == "__main__":
    sys.exit(main())
