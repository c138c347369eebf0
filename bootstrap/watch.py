"""Bring about what is saved: handlers, definitions and the stack itself, as far as the check lets them pass."""

import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path

import watchfiles

from bootstrap.changes import Action, Change
from bootstrap.check.findings import Finding
from bootstrap.check.report import check_settings
from bootstrap.clients import Clients
from bootstrap.deploy import bring_about, system
from bootstrap.errors import BootstrapError
from bootstrap.imports import PackageError, locate
from bootstrap.loading import reload_stack
from bootstrap.packages import source_files
from bootstrap.resources.resource import Fields, Resource
from bootstrap.settings import SettingsError

# How long the watching goes on without a change until it says so; the first time, that means that it has begun.
IDLE_MILLISECONDS = 500

Tell = Callable[[str], object]


def watch(clients: Clients, tell: Tell, *, force: bool = False) -> None:
    """Bring everything up to date, and do so again whenever something of the stack is saved, until Ctrl-C.

    Args:
        clients: How to reach the account.
        tell: Gets a line for each resource that was brought about, for each finding, and for each error.
        force: Go on in spite of errors that the check finds.

    Raises:
        BootstrapError: At the start, some resource could not be made, or the account cannot be reached.
    """
    # What is saved twice within a second would else be loaded as it was the first time.
    sys.dont_write_bytecode = True
    follower = Follower(clients, tell, force=force)
    with suppress(KeyboardInterrupt):
        follower.bring_up()
        while True:
            _watch_folders(follower, tell)


def _watch_folders(follower: "Follower", tell: Tell) -> None:
    """Follow what is saved in some folders, until the stack comes from others."""
    folders, watching = follower.folders(), False
    kinds = watchfiles.PythonFilter(extra_extensions=follower.definition_suffixes())
    for changes in watchfiles.watch(
        *folders, watch_filter=kinds, rust_timeout=IDLE_MILLISECONDS, yield_on_timeout=True
    ):
        if changes or not watching:
            # The first time only now, so that nothing that is saved meanwhile goes unnoticed.
            follower.follow()
            if follower.folders() != folders:
                return
        if not watching:
            tell(f"watching {', '.join(map(_shown, folders))}, Ctrl-C ends it")
            watching = True


class Follower:
    """Remembers how each resource was made, and brings about those that are to be otherwise.

    Args:
        clients: How to reach the account.
        tell: Gets a line for each resource that was brought about, for each finding, and for each error.
        force: Go on in spite of errors that the check finds.
    """

    def __init__(self, clients: Clients, tell: Tell, *, force: bool = False) -> None:
        self._clients = clients
        self._tell = tell
        self._force = force
        self._made: dict[tuple[str, str], Fields] = {}
        self._found: frozenset[Finding] = frozenset()
        self._folders: list[Path] = []

    def follow(self) -> None:
        """Load what was saved, check it and bring it about; an error is told, and stops it until it is mended."""
        try:
            reload_stack(self._clients.settings.stack)
            if self._passes():
                self.bring_up()
        except (BootstrapError, SettingsError) as error:
            self._tell(str(error))

    def bring_up(self) -> None:
        """Bring about what is to be otherwise than it was made.

        Raises:
            BootstrapError: Some resource could not be made; it is tried again the next time.
        """
        started = time.monotonic()

        def note(change: Change) -> None:
            resource = change.resource
            self._made[_key(resource)] = resource.desired()
            if change.action is not Action.UNCHANGED:
                took = time.monotonic() - started
                self._tell(f"{change.action} {resource.kind} {resource.name} in {took:.1f} s")

        stages = system(self._clients).stages()
        for stage in stages:
            bring_about(self._changed(stage), self._clients, note)
        for kind, name in sorted(self._made.keys() - {_key(resource) for stage in stages for resource in stage}):
            del self._made[kind, name]
            self._tell(f"{kind} {name} is no longer wanted: `python -m bootstrap up --prune` removes it")

    def folders(self) -> list[Path]:
        """The folders of the files that the stack is made of, as far as they can be read now."""
        # What cannot is told of when it is followed, and may be mended where it is.
        with suppress(BootstrapError, SettingsError):
            parents = {file.parent for file in self._files()}
            self._folders = sorted(one for one in parents if parents.isdisjoint(one.parents))
        return self._folders

    def definition_suffixes(self) -> list[str]:
        """How the names of the definitions end."""
        return [Path(machine.definition).suffix for machine in system(self._clients).machines]

    def _files(self) -> set[Path]:
        made = system(self._clients)
        files = {made.folder / machine.definition for machine in made.machines}
        functions = (*made.stack.functions, *(consumer.function for consumer in made.stack.consumers))
        for module in (self._clients.settings.stack, *(function.module for function in functions)):
            with suppress(PackageError):
                files |= source_files(module)
            files.update(filter(None, [locate(module)]))
        return files

    def _passes(self) -> bool:
        """Say what the check finds, what it has found before only where that stops us; whether it does not."""
        report = check_settings(self._clients.settings)
        for finding in report.findings:
            if finding not in self._found or report.errors:
                self._tell(str(finding))
        self._found = frozenset(report.findings)
        if report.errors and not self._force:
            self._tell(f"nothing is deployed: {report.summary}")
        return self._force or not report.errors

    def _changed(self, stage: Iterable[Resource]) -> Sequence[Resource]:
        changed, broken = [], []
        for resource in stage:
            try:
                if resource.desired() != self._made.get(_key(resource)):
                    changed.append(resource)
            except PackageError as error:
                broken.append(str(error))
        for message in dict.fromkeys(broken):
            self._tell(message)
        return changed


def _key(resource: Resource) -> tuple[str, str]:
    return resource.kind, resource.name


def _shown(folder: Path) -> str:
    """A folder as one would type it here."""
    here = Path.cwd()
    return f"{folder.relative_to(here) if folder.is_relative_to(here) else folder}/"
