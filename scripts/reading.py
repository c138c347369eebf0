"""What the commands have in common that read a sandbox: how they reach it, and how they end."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from bootstrap.checkout import require_own_sandbox
from bootstrap.clients import Clients
from bootstrap.errors import BootstrapError, UnreachableError
from bootstrap.settings import SettingsError, load_settings
from observatory.errors import NotBootstrappedError, RunError, UnreadableWishError
from observatory.saved.answering import open_clients
from observatory.terminal.tables import printable

EXIT_DONE = 0
EXIT_REFUSED = 1
EXIT_USAGE = 2  # argparse's own
EXIT_INTERRUPTED = 130


def run(name: str, work: Callable[[Clients], object], file: Path | None = None) -> int:
    """Let a command work, and return the exit status; what goes wrong is said in one line.

    Args:
        name: The command's, which begins the line.
        work: Gets what reaches the services.
        file: A saved sandbox that is read instead of one that runs.
    """
    try:
        work(open_clients(file) if file else Clients(require_own_sandbox(load_settings())))
    except (SettingsError, UnreachableError, NotBootstrappedError, UnreadableWishError) as error:
        return _complain(name, error, EXIT_USAGE)
    except (BootstrapError, RunError) as error:
        return _complain(name, error, EXIT_REFUSED)
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # Whoever read it, `head` perhaps, has read enough; what is still in the buffer goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return EXIT_DONE


def _complain(name: str, error: Exception, status: int) -> int:
    Console(stderr=True, highlight=False).print(printable(f"{name}: {error}"), soft_wrap=True)
    return status
