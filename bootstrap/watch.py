"""Redeploy a function as soon as one of the files that it is packed from is saved."""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import watchfiles

from bootstrap.changes import Action, Change
from bootstrap.clients import Clients
from bootstrap.deploy import bring_about, system
from bootstrap.errors import BootstrapError, RefusedError, refusals
from bootstrap.imports import PackageError, locate
from bootstrap.packages import source_files
from bootstrap.resources.function import Function

# How long the watching goes on without a change until it says so; the first time, that means that it has begun.
IDLE_MILLISECONDS = 500

Tell = Callable[[str], object]


def watch(clients: Clients, tell: Tell) -> None:
    """Bring the functions up to date, and do so again whenever a handler is saved, until Ctrl-C.

    Args:
        clients: How to reach the account.
        tell: Gets a line for each function that was redeployed, and for each error.

    Raises:
        BootstrapError: The functions do not exist, or the account cannot be reached at the start.
    """
    redeployer = Redeployer(clients, tell)
    with suppress(KeyboardInterrupt):
        redeployer.check()
        while True:
            _watch_folders(redeployer.folders(), redeployer, tell)


def _watch_folders(folders: Sequence[Path], redeployer: "Redeployer", tell: Tell) -> None:
    """Redeploy what is saved in some folders, until the functions come from others."""
    watching = False
    for changes in watchfiles.watch(
        *folders, watch_filter=watchfiles.PythonFilter(), rust_timeout=IDLE_MILLISECONDS, yield_on_timeout=True
    ):
        if changes or not watching:
            # The first time only now, so that nothing that is saved meanwhile goes unnoticed.
            redeployer.redeploy()
            if redeployer.folders() != folders:
                return
        if not watching:
            tell(f"watching {', '.join(map(_shown, folders))}, Ctrl-C ends it")
            watching = True


class Redeployer:
    """Remembers what each function was deployed with, and redeploys those for which that has changed.

    Args:
        clients: How to reach the account.
        tell: Gets a line for each function that was redeployed, and for each error.
    """

    def __init__(self, clients: Clients, tell: Tell) -> None:
        self._clients = clients
        self._tell = tell
        self._deployed: dict[str, str] = {}

    def check(self) -> None:
        """Make sure that there is something to redeploy.

        Raises:
            BootstrapError: There is not, or the account cannot be reached.
        """
        for function in self._functions():
            with refusals(f"{function.kind} {function.name}", self._clients.settings):
                found = function.read(self._clients)
            if found is None:
                raise RefusedError(f"function {function.name} does not exist: run `python -m bootstrap up` first")

    def folders(self) -> list[Path]:
        """The folders of the files that the functions are packed from."""
        files: set[Path] = set()
        for function in self._functions():
            # One that cannot be packed now is told of by the next redeployment, and may be mended where it is.
            with suppress(PackageError):
                files |= source_files(function.spec.module)
            files.update(filter(None, [locate(function.spec.module)]))
        folders = sorted({file.parent for file in files})
        return [folder for folder in folders if not any(other in folder.parents for other in folders)]

    def redeploy(self) -> None:
        """Redeploy the functions whose code has changed; an error is told, and tried again the next time."""
        started = time.monotonic()

        def note(change: Change) -> None:
            self._deployed[change.resource.name] = change.resource.desired()["code"]
            if change.action is not Action.UNCHANGED:
                self._tell(f"redeployed {change.resource.name} in {time.monotonic() - started:.1f} s")

        try:
            bring_about(self._changed(), self._clients, note)
        except BootstrapError as error:
            self._tell(str(error))

    def _changed(self) -> list[Function]:
        changed, broken = [], []
        for function in self._functions():
            try:
                if function.desired()["code"] != self._deployed.get(function.name):
                    changed.append(function)
            except PackageError as error:
                broken.append(str(error))
        for message in dict.fromkeys(broken):
            self._tell(message)
        return changed

    def _functions(self) -> list[Function]:
        """New ones each time, for a function reads its files only once."""
        stages = system(self._clients).stages()
        return [resource for stage in stages for resource in stage if isinstance(resource, Function)]


def _shown(folder: Path) -> str:
    """A folder as one would type it here."""
    here = Path.cwd()
    return f"{folder.relative_to(here) if folder.is_relative_to(here) else folder}/"
