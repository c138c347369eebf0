"""Ports of loopback: whether one is free, and who has it."""

import socket
from contextlib import suppress

import psutil

from bootstrap.checkout import ask

HOST = "127.0.0.1"


class ServerError(Exception):
    """What listens on this machine cannot be started or stopped; the message says why and what to do."""


def require_free_port(port: int, setting: str) -> None:
    """Make sure that nothing listens on a port of loopback.

    Args:
        port: Which one.
        setting: What chooses another.

    Raises:
        ServerError: Something does, or only root may; names it, as far as it can be known, and the setting.
    """
    try:
        socket.create_server((HOST, port)).close()
    except PermissionError as error:
        raise ServerError(f"port {port} on {HOST} is for root only: set {setting} to one from 1024 on") from error
    except OSError as error:
        who = holder_of(port)
        taken = f"taken by {who}" if who else f"taken ({error.strerror})"
        raise ServerError(f"port {port} on {HOST} is {taken}: stop what listens there, or set {setting}") from error


def loopback_hosts(port: int) -> list[str]:
    """This machine's own addresses on which a port is free; `localhost` is two of them on most machines."""
    try:
        socket.create_server(("::1", port), family=socket.AF_INET6).close()
    except OSError:
        return [HOST]
    return [HOST, "[::1]"]


def holder_of(port: int) -> str | None:
    """Name who listens on a port: a sandbox and its checkout, or a process and its folder; None if it does not show."""
    if sandbox := ask(port):
        return str(sandbox)
    # Those of other users do not show.
    with suppress(psutil.Error):
        for connection in psutil.net_connections("tcp"):
            listens = connection.status == psutil.CONN_LISTEN and connection.laddr and connection.laddr.port == port
            if listens and connection.pid:
                process = psutil.Process(connection.pid)
                return f"{process.name()} (pid {process.pid}) in {process.cwd()}"
    return None
