"""A sandbox as a file, and a file as a sandbox: what `scripts/sandbox.py` does for `save` and `up --from`."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bootstrap.checkout import require_own_sandbox
from bootstrap.clients import Clients
from bootstrap.errors import BootstrapError
from bootstrap.settings import Settings, load_settings
from emulator.ports import ServerError
from observatory.errors import RunError
from observatory.saved.asking import ask
from observatory.saved.file import Saved, read, require_place, write
from observatory.saved.restoring import require_stack, restore


def save(file: Path) -> str:
    """Write what the sandbox that the settings lead to holds into a file, and say so.

    Raises:
        SettingsError: It is another checkout's, or the file cannot be written.
        ServerError: It cannot be asked.
    """
    require_place(file)
    with _as_server_errors():
        saved = ask(Clients(require_own_sandbox(load_settings())))
    write(saved, file)
    return f"{file} holds {len(saved.executions)} runs: `python scripts/explain.py --from {file}`"


def read_saved(file: Path, settings: Settings) -> Saved:
    """Read a file of the stack that the settings name.

    Raises:
        SettingsError: It is no saved sandbox, one of another version, or of another stack.
    """
    saved = read(file)
    require_stack(saved, settings.stack)
    return saved


def restore_in(endpoint_url: str, saved: Saved) -> str:
    """Put what was saved into a sandbox that was just bootstrapped, and say so.

    Raises:
        ServerError: It does not take it.
    """
    with _as_server_errors():
        restore(saved, Clients(load_settings({**os.environ, "AWS_ENDPOINT_URL": endpoint_url})))
    return f"{len(saved.executions)} runs are as they were on {saved.when.astimezone():%Y-%m-%d %H:%M:%S}"


@contextmanager
def _as_server_errors() -> Iterator[None]:
    try:
        yield
    except (BootstrapError, RunError) as error:
        raise ServerError(str(error)) from error
