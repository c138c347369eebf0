"""What is compared: this sandbox, the same without permissions, LocalStack as it comes, and MiniStack."""

import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import psutil

from benchmarks.ministack import HOST, MiniStack
from emulator.server import Server

SANDBOX = "this sandbox"
OPEN = "SANDBOX_IAM=off"
STOCK = "LocalStack"

# What holding each call against the policies costs, is the difference to this one.
OPEN_OPTIONS = {"SANDBOX_IAM": "off"}
# As near to LocalStack as it comes as can be without Docker: its Lambda environments are plain processes.
STOCK_OPTIONS = {
    "SANDBOX_PATCHES": "0",
    "SANDBOX_LAUNCH_MODE": "spawn",
    "IN_MEMORY_CLIENT": "0",
    "GATEWAY_SERVER": "twisted",
    **OPEN_OPTIONS,
}


class Subject(Protocol):
    """An emulator that can be started anew, time and again."""

    @property
    def name(self) -> str:
        """What the results call it."""
        ...

    @property
    def endpoint_url(self) -> str:
        """Where it answers, once it is started."""
        ...

    def start(self) -> None:
        """Start it, empty, and return when it answers."""
        ...

    def process(self) -> psutil.Process | None:
        """Its process, while it runs."""
        ...

    def stop(self) -> None:
        """Stop it, if it runs, and whatever it started."""
        ...


@dataclass(frozen=True)
class LocalStackSubject:
    """LocalStack, with or without what this project does to it."""

    name: str
    server: Server
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def endpoint_url(self) -> str:
        """Where it answers."""
        return self.server.endpoint_url

    def start(self) -> None:
        """Start it."""
        self.server.start(with_parent=True, options=self.options)

    def process(self) -> psutil.Process | None:
        """Its process."""
        return self.server.process()

    def stop(self) -> None:
        """Stop it."""
        self.server.stop()


def install_subjects(folder: Path) -> tuple[Subject, ...]:
    """Make what is compared ready to be started, each on a port of its own.

    Args:
        folder: For what they write.

    Raises:
        BenchmarkError: MiniStack cannot be installed.
    """
    ministack = MiniStack(folder / "ministack", _free_port())
    ministack.install()
    return (
        LocalStackSubject(SANDBOX, Server(folder / "sandbox", _free_port())),
        LocalStackSubject(OPEN, Server(folder / "open", _free_port()), OPEN_OPTIONS),
        LocalStackSubject(STOCK, Server(folder / "stock", _free_port()), STOCK_OPTIONS),
        ministack,
    )


def _free_port() -> int:
    with socket.create_server((HOST, 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
