"""Listen for debuggers, in LocalStack's process."""

import os
import sys

from localstack import config
from localstack.services.edge import ROUTER
from rolo import Request

from bootstrap.loading import load_stack
from bootstrap.settings import SettingsError, load_settings
from emulator.debugging.asking import STATE_PATH
from emulator.debugging.port import PORTS, DebugPort
from emulator.debugging.setting import ASKED_VARIABLE, debug_ports, read
from emulator.gateway.peers import Peers

EXIT_NOT_STARTED = 2


def open_ports() -> None:
    """Listen for debuggers, where LocalStack listens; end the process with one line if that cannot be."""
    peers = Peers() if os.environ.get("ALLOW_OTHER_USERS") == "0" else None
    host = next(address.host for address in config.GATEWAY_LISTEN if ":" not in address.host)
    try:
        for function, port in _asked().items():
            PORTS[function] = DebugPort(function, (host, port), peers)
    except (OSError, SettingsError) as error:
        print(error, file=sys.stderr, flush=True)  # noqa: T201  # LocalStack would write a traceback, and go on
        os._exit(EXIT_NOT_STARTED)
    ROUTER.add(STATE_PATH, _state, methods=["GET"])


def _asked() -> dict[str, int]:
    asked = os.environ[ASKED_VARIABLE]
    if ports := read(asked):
        return ports
    settings = load_settings()
    stack = load_stack(settings.stack)
    return debug_ports([name.strip() for name in asked.split(",")], stack, settings.debug_ports)


def _state(_request: Request) -> list[dict[str, object]]:
    return [port.state() for port in PORTS.values()]
