"""Ports that cannot be had."""

import errno
import os
import socket

import pytest

from emulator.ports import ServerError, require_free_port


def test_a_port_that_only_root_may_have_is_not_said_to_be_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_address: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(socket, "create_server", refuse)
    with pytest.raises(ServerError, match=r"port 443 on 127\.0\.0\.1 is for root only: set SANDBOX_PORT to one from"):
        require_free_port(443, "SANDBOX_PORT")
