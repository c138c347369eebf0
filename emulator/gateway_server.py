"""LocalStack's HTTP front, served by cheroot.

LocalStack's default server listens on every interface whatever `GATEWAY_LISTEN` says; this one on that address only.
"""

from cheroot import wsgi
from localstack.config import HostAndPort
from localstack.runtime.server.core import RuntimeServer
from rolo.gateway import Gateway
from rolo.gateway.wsgi import WsgiGateway

# LocalStack's own calls from one service to the next come in here too, so a request may wait for several others.
WORKER_THREADS = 100


class _RequestGateway(wsgi.Gateway_10):
    """Adds what rolo reads beyond WSGI: the URI as it was sent, and the headers with their dashes."""

    def get_environ(self) -> dict[str, object]:  # type: ignore[override]  # cheroot's stub says None
        environ: dict[str, object] = super().get_environ()  # type: ignore[no-untyped-call]
        environ["RAW_URI"] = environ["REQUEST_URI"]
        environ["rolo.headers"] = list(self.req.inheaders.items())
        return environ


class GatewayServer(RuntimeServer):  # type: ignore[misc]  # LocalStack is untyped
    """Serves LocalStack's gateway until it is shut down."""

    _server: wsgi.Server

    def register(self, gateway: Gateway, listen: list[HostAndPort], ssl_creds: object = None) -> None:
        """Take the gateway and the address; the certificate is not needed, clients use plain HTTP."""
        address = (listen[0].host, listen[0].port)
        self._server = wsgi.Server(
            address, WsgiGateway(gateway), numthreads=WORKER_THREADS, request_queue_size=128, timeout=60
        )
        self._server.gateway = _RequestGateway
        # Every Lambda environment keeps its connections; with cheroot's ten, all others would connect for each request.
        self._server.keep_alive_conn_limit = None  # type: ignore[assignment]  # cheroot's stub forgets it

    def run(self) -> None:
        """Serve until :meth:`shutdown`."""
        self._server.start()

    def shutdown(self) -> None:
        """Stop serving."""
        self._server.stop()
