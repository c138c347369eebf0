"""LocalStack's HTTP front: a thread for each connection, on the address that LocalStack is told and no other.

LocalStack's default server listens on every interface whatever `GATEWAY_LISTEN` says. This one also costs a request
less CPU time than the servers that are there to take: 0.7 ms with LocalStack's own work, where cheroot takes 1.5 ms.
"""

import logging
import os
import resource
import socket
import threading
import time
from contextlib import suppress
from http import HTTPStatus

from localstack import config
from localstack.config import HostAndPort
from localstack.runtime.server.core import RuntimeServer
from rolo.gateway import Gateway

from emulator.gateway.callers import Callers, listed
from emulator.gateway.connection import Front, HttpConnection
from emulator.gateway.peers import Address, Peers

LOG = logging.getLogger(__name__)

WAITING_CONNECTIONS = 4096
PAUSE_SECONDS = 0.1
# A thousand functions at once, as many as Lambda lets an account have, and who waits for each of them.
MAX_CONNECTIONS = 2048
OPEN_FILES = 65_536
TOO_MANY = "too many requests at once: try again"


class GatewayServer(RuntimeServer):  # type: ignore[misc]  # LocalStack is untyped
    """Serves LocalStack's gateway until it is shut down."""

    _front: Front

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._listeners: list[socket.socket] = []
        self._connections: set[HttpConnection] = set()
        self._max_connections = MAX_CONNECTIONS

    def register(self, gateway: Gateway, listen: list[HostAndPort], ssl_creds: object = None) -> None:
        """Take the gateway and the addresses; the certificate is not needed, clients use plain HTTP."""
        hosts, origins = os.environ.get("ALLOWED_HOSTS", ""), config.EXTRA_CORS_ALLOWED_ORIGINS
        # Set by the sandbox without Docker; in a container, all that is within is of one user.
        peers = Peers() if os.environ.get("ALLOW_OTHER_USERS") == "0" else None
        self._front = Front(gateway, Callers(listed(hosts), listed(origins)), peers)
        for address in listen:
            family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
            self._listeners.append(
                socket.create_server((address.host, address.port), family=family, backlog=WAITING_CONNECTIONS)
            )

    def run(self) -> None:
        """Serve until :meth:`shutdown`."""
        self._max_connections = min(MAX_CONNECTIONS, raise_open_files() // 2)
        first, *others = self._listeners
        for listener in others:
            threading.Thread(target=self._accept_all, args=(listener,), name="gateway", daemon=True).start()
        self._accept_all(first)

    def shutdown(self) -> None:
        """Stop serving."""
        self._stopping.set()
        for listener in self._listeners:
            # Ends accept(), which closing the socket alone would not.
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()

    def _accept_all(self, listener: socket.socket) -> None:
        while not self._stopping.is_set():
            try:
                self._accept(listener)
            except Exception:
                if not self._stopping.is_set():
                    # Out of descriptors, threads or memory, most likely; clients wait until there is room.
                    LOG.exception("a connection was not accepted")
                    self._close_oldest_idle()
                    time.sleep(PAUSE_SECONDS)

    def _accept(self, listener: socket.socket) -> None:
        connected, peer = listener.accept()
        try:
            self._take(connected, peer)
        except Exception:
            connected.close()
            raise

    def _take(self, connected: socket.socket, peer: Address) -> None:
        connection = HttpConnection(connected, peer, connected.getsockname(), self._front)
        if len(self._connections) >= self._max_connections and not self._close_oldest_idle():
            self._send_away(connection)
            return
        try:
            threading.Thread(target=self._serve, args=(connection,), name="gateway-connection", daemon=True).start()
        except RuntimeError:
            self._send_away(connection)
            raise

    def _serve(self, connection: HttpConnection) -> None:
        self._connections.add(connection)
        try:
            connection.serve()
        finally:
            self._connections.discard(connection)

    def _close_oldest_idle(self) -> bool:
        """Let go of who waits longest for nothing; whether there was one."""
        with suppress(KeyError):
            oldest, _ = self._front.idle.popitem(last=False)
            oldest.give_up()
            return True
        return False

    @staticmethod
    def _send_away(connection: HttpConnection) -> None:
        connection.refuse(HTTPStatus.SERVICE_UNAVAILABLE, TOO_MANY, linger=False)
        connection.close()


def raise_open_files() -> int:
    """Let this process have as many files open as it may, within reason, and return how many those are.

    The usual limit is 1,024, of which each connection takes one.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft > OPEN_FILES:
        return OPEN_FILES
    limit = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
    return limit
